"""What is handed in to be imported: a table, what its columns mean, and its evidence?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.errors import InputError
from madang.kernel.sheets.sheet import MOST_BYTES
from madang.kernel.units import size
from madang.kernel.words import Words, words
from madang.portal.forms.uploads import UploadsField, check_size, refused
from madang.portal.forms.wording import Worded
from madang.programme.engine.intake import mapping_text
from madang.programme.engine.receipts import MOST_BYTES as LARGEST_PAPER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.files.uploadedfile import UploadedFile

MOST_FILES = 150
LONGEST_MAPPING = 50_000
_LARGEST_MAPPING = 1 << 18
STEPS: Mapping[str, Words] = {
    "granted": words("교부", "Granted"),
    "disbursed": words("집행", "Disbursed"),
    "confirmed": words("실집행", "Confirmed spending"),
}


class EvidenceField(UploadsField):
    """Evidence files; their sizes and names are looked at before anything is read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(largest=LARGEST_PAPER, most=MOST_FILES, **options)


class ImportForm(Worded, forms.Form):
    """A table of execution records."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "file": (
            words("집행 기록 파일", "File of records"),
            words(
                f"엑셀(xlsx) 또는 CSV, {size(MOST_BYTES)} 이하. 기관의 양식 그대로 올립니다.",
                f"A workbook (xlsx) or CSV up to {size(MOST_BYTES)}, as your agency has it.",
            ),
        ),
        "step": (
            words("금액의 뜻", "What amounts are"),
            words(
                "제목과 구분 열이 말하지 않을 때만 씁니다.",
                "Used only where neither a heading nor the row says it.",
            ),
        ),
        "evidence": (
            words("증빙 파일", "Evidence files"),
            words(
                f"행의 '증빙파일' 열에 적은 이름과 같아야 합니다. {MOST_FILES}개 이하, "
                f"파일마다 {size(LARGEST_PAPER)} 이하.",
                f"Named as the rows name them. Up to {MOST_FILES}, {size(LARGEST_PAPER)} each.",
            ),
        ),
        "mapping": (
            words("열 설명(YAML)", "What columns mean (YAML)"),
            words(
                "제목을 알아보지 못할 때만 씁니다. 예: columns: {집행총액: disbursed}",
                "Only where headings are not known. Such as columns: {집행총액: disbursed}",
            ),
        ),
        "mapping_file": words("열 설명 파일", "A file that says so"),
    }
    file = forms.FileField()
    step = forms.ChoiceField(widget=forms.RadioSelect, initial="disbursed")
    evidence = EvidenceField(required=False)
    mapping = forms.CharField(
        required=False,
        max_length=LONGEST_MAPPING,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
    mapping_file = forms.FileField(required=False)
    earlier = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        step: Any = self.fields["step"]
        step.choices = [(name, lazystr(title)) for name, title in STEPS.items()]

    def clean_file(self) -> UploadedFile:
        """A table that is not too large."""
        file: UploadedFile = self.cleaned_data["file"]
        check_size(file, MOST_BYTES)
        return file

    def clean(self) -> dict[str, Any]:
        """What the columns mean, from the field or its file, read once to be sure."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        file = given.get("mapping_file")
        if file and given.get("mapping", "").strip():
            self.add_error("mapping_file", refused(*_TWICE))
        elif file:
            try:
                check_size(file, _LARGEST_MAPPING)
                content = file.read()
                mapping_text.read_file(content)
                given["mapping"] = content.decode("utf-8-sig")
            except (InputError, UnicodeDecodeError) as fault:
                said = str(fault) if isinstance(fault, InputError) else str(_NO_TEXT)
                self.add_error("mapping_file", said)
            except forms.ValidationError as fault:
                self.add_error("mapping_file", fault)
        elif given.get("mapping", "").strip():
            try:
                mapping_text.read_text(given["mapping"])
            except InputError as fault:
                self.add_error("mapping", str(fault))
        return given


_TWICE = (
    words("열 설명 두 가지", "two of them"),
    words("입력한 것과 파일 가운데 하나", "either what is typed or a file"),
)
_NO_TEXT = words("UTF-8로 읽히지 않는 파일입니다.", "The file is no text in UTF-8.")
