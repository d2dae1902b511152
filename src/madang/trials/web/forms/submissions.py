"""What does a company write and upload to hand in a solution?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.errors import InputError
from madang.kernel.units import size
from madang.kernel.words import Words, words
from madang.portal.forms.wording import Worded
from madang.trials.engine.submission import MOST_FILES, Handed, check_name, unpacked
from madang.trials.web.models import Submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from madang.portal.models import Organisation
    from madang.trials.web.models import Demand

TIERS: Mapping[str, tuple[Words, Words]] = {
    "predictions": (
        words("예측 파일", "Predictions file"),
        words(
            "공개된 입력에 대한 답을 predictions.csv 또는 predictions.parquet로 냅니다.",
            "Answers for the inputs given out, as predictions.csv or predictions.parquet.",
        ),
    ),
    "onnx": (
        words("ONNX 모델", "ONNX model"),
        words("학습한 모델을 model.onnx로 냅니다.", "A trained model, as model.onnx."),
    ),
    "python": (
        words("Python 소스", "Python source"),
        words(
            "fit과 predict가 있는 solution.py를 냅니다. 격리 환경에서 실행합니다.",
            "solution.py with fit and predict; it runs in the jail.",
        ),
    ),
}


class _Uploads(forms.FileInput):
    """Several files in one field."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        """All of them."""
        return list(files.getlist(name))


class _FilesField(forms.FileField):
    """Files, or archives of files, as the engine takes them: name → content."""

    widget = _Uploads

    def __init__(self, *, largest_bytes: int, **options: Any) -> None:
        super().__init__(**options)
        self.largest_bytes = largest_bytes

    def clean(self, data: Any, initial: Any = None) -> dict[str, bytes]:
        """The files; sizes are looked at before anything is read."""
        given: Sequence[UploadedFile] = data or []
        if not given:
            raise forms.ValidationError(self.error_messages["missing"], code="missing")
        handed = [Handed(str(each.name), int(each.size or 0), each.read) for each in given]
        try:
            return unpacked(handed, largest_bytes=self.largest_bytes)
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault


class SubmitForm(Worded, forms.Form):
    """A solution of one demand; the same form serves the rehearsal."""

    asks: ClassVar[Mapping[str, Any]] = {
        "company": words("제출하는 기업", "Company that hands in"),
        "name": (
            words("해법 이름", "Name of the solution"),
            words(
                "영문자로 시작하는 영문자·숫자·밑줄 60자 이하. 순위판과 보고서에 나옵니다.",
                "Up to 60 letters, digits and underscores, a letter first. Shown on the board.",
            ),
        ),
        "title_ko": words("한국어 제목", "Korean title"),
        "title_en": words("영어 제목", "English title"),
        "tier": words("제출 형태", "Form of the submission"),
    }

    company = forms.ChoiceField()
    name = forms.CharField(max_length=60)
    title_ko = forms.CharField(max_length=200, required=False)
    title_en = forms.CharField(max_length=200, required=False)
    tier = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, demand: Demand, companies: Sequence[Organisation], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._companies = {each.slug: each for each in companies}
        company = self.fields["company"]
        company.choices = [(slug, str(each)) for slug, each in self._companies.items()]  # type: ignore[attr-defined]
        if len(companies) == 1:
            company.widget, company.initial = forms.HiddenInput(), companies[0].slug
        tiers = list(demand.registration.get("tiers", TIERS))
        self.fields["tier"].choices = [  # type: ignore[attr-defined]
            (tier, lazystr(words(*(f"{a}: {b}" for a, b in _pairs(TIERS[tier])))))
            for tier in tiers
        ]
        if len(tiers) == 1:
            self.fields["tier"].initial = tiers[0]
        megabytes = demand.registration.get("limits", {}).get("submission_mb", 64)
        largest = int(megabytes) * 2**20
        self.fields["files"] = _FilesField(
            largest_bytes=largest, widget=_Uploads(attrs={"multiple": True})
        )
        self.reword()
        self.fields["files"].label = lazystr(words("파일", "Files"))
        self.fields["files"].help_text = lazystr(
            words(
                f"여러 파일, 또는 zip 파일 하나. 모두 {size(largest)} 이하, {MOST_FILES}개 이하, "
                "폴더 없음.",
                f"Several files or one zip; {size(largest)} in all, up to {MOST_FILES} files, "
                "no folders.",
            )
        )

    def clean_name(self) -> str:
        """A name that files and records can carry."""
        try:
            return check_name(self.cleaned_data["name"])
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault

    @property
    def chosen(self) -> Organisation:
        """The company for which it is handed in."""
        return self._companies[self.cleaned_data["company"]]

    @property
    def titles(self) -> Words:
        """The title in both languages; the name where none is given."""
        given = self.cleaned_data
        korean, english = given["title_ko"].strip(), given["title_en"].strip()
        return words(korean or english or given["name"], english or korean or given["name"])


def _pairs(both: tuple[Words, Words]) -> list[tuple[str, str]]:
    title, hint = both
    return [(title.ko, hint.ko), (title.en, hint.en)]


class FilterForm(Worded, forms.Form):
    """By what a list of submissions is narrowed."""

    asks: ClassVar[Mapping[str, Any]] = {
        "q": words("해법이나 팀", "Solution or team"),
        "state": words("상태", "State"),
        "tier": words("제출 형태", "Form"),
    }

    q = forms.CharField(required=False, max_length=60)
    state = forms.ChoiceField(required=False)
    tier = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        both: list[tuple[str, Any]] = [("", words("모두", "Any"))]
        self.fields["state"].choices = both + list(Submission.STATES.items())  # type: ignore[attr-defined]
        self.fields["tier"].choices = both + [(t, title) for t, (title, _) in TIERS.items()]  # type: ignore[attr-defined]
