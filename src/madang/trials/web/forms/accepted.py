"""Step 6 of a demand's editor: which columns that give the outcome away are kept, and why?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.words import Words, words
from madang.trials.web.forms.columns import section

if TYPE_CHECKING:
    from madang.trials.web.models import Demand


class AcceptForm(forms.Form):
    """Which leaks the agency has looked at and accepts, and why."""

    def __init__(self, data: Any = None, *, demand: Demand, **options: Any) -> None:
        super().__init__(data, **options)
        accepted = {each["column"]: each["reason"] for each in demand.accepted_leaks}
        leaks = section(demand.findings, "check").get("leaks", [])
        self.columns = list(dict.fromkeys(each["column"] for each in leaks))
        for number, column in enumerate(self.columns):
            self.fields[f"accept{number}"] = forms.BooleanField(
                label=words(
                    f"‘{column}’ 열을 확인했고 그대로 씁니다.",
                    f"‘{column}’ was looked at and stays.",
                ),
                required=False,
                initial=column in accepted,
            )
            self.fields[f"reason{number}"] = forms.CharField(
                label=words("그대로 쓰는 까닭", "Why it stays"),
                required=False,
                max_length=500,
                initial=accepted.get(column, ""),
            )

    def clean(self) -> dict[str, Any]:
        """Every accepted column has its reason."""
        given: dict[str, Any] = super().clean() or {}
        said: Words = words("그대로 쓰는 까닭을 적으십시오.", "Say why it stays.")
        for number in range(len(self.columns)):
            if given.get(f"accept{number}") and not given.get(f"reason{number}"):
                self.add_error(f"reason{number}", str(said))
        return given

    def accepted(self) -> list[dict[str, str]]:
        """Column and reason of each."""
        given = self.cleaned_data
        return [
            {"column": column, "reason": given[f"reason{number}"]}
            for number, column in enumerate(self.columns)
            if given[f"accept{number}"]
        ]
