"""What is handed in: a bank statement, or books that were kept elsewhere?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.sheets.sheet import MOST_BYTES
from madang.kernel.words import Words, words
from madang.portal.forms.uploads import check_size
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Mapping[str, Words] = {
    "bank": words("은행 거래내역", "Bank statement"),
    "books": words("기존 장부(분개장)", "Existing books (a journal of vouchers)"),
}


class ImportForm(Worded, forms.Form):
    """A file and what it is."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "kind": words("파일의 종류", "What the file is"),
        "table": (
            words("파일(CSV, 엑셀)", "File (CSV, Excel)"),
            words(
                "은행이나 회계 프로그램에서 내려받은 그대로 올립니다.",
                "As the bank or the accounting program exported it.",
            ),
        ),
    }
    kind = forms.ChoiceField()
    table = forms.FileField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["kind"]
        field.choices = [(name, lazystr(title)) for name, title in KINDS.items()]

    def clean_table(self) -> Any:
        """The file, if a table may be as large."""
        check_size(self.cleaned_data["table"], MOST_BYTES)
        return self.cleaned_data["table"]
