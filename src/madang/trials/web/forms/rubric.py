"""What does a panel write: whom to ask, what to declare, and how to score?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import words
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.trials.engine.rubric import Rubric


class InviteForm(Worded, forms.Form):
    """A person who is asked to judge."""

    asks: ClassVar[Mapping[str, Any]] = {
        "email": (
            words("평가위원의 이메일", "E-mail of the evaluator"),
            words("이 누리집에 평가위원으로 등록된 주소", "An evaluator's address on this site"),
        ),
        "sees_files": words(
            "제출한 파일을 볼 수 있게 하기", "Let them see the files that were handed in"
        ),
    }

    email = forms.EmailField()
    sees_files = forms.BooleanField(required=False)


class DeclareForm(Worded, forms.Form):
    """Whether there is a conflict of interest."""

    asks: ClassVar[Mapping[str, Any]] = {
        "conflict": words("이해충돌 신고", "Declaration of interests"),
        "reason": (
            words("이해충돌의 사유", "Of what kind the conflict is"),
            words("공개하지 않습니다.", "It is not made public."),
        ),
    }

    conflict = forms.ChoiceField(widget=forms.RadioSelect)
    reason = forms.CharField(max_length=1000, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["conflict"].choices = [  # type: ignore[attr-defined]
            (
                "no",
                lazystr(words("이해충돌이 없습니다.", "I have no conflict with this team.")),
            ),
            (
                "yes",
                lazystr(
                    words("이해충돌이 있어 평가하지 않습니다.", "I have one and do not judge it.")
                ),
            ),
        ]
        self.reword()


class SheetForm(Worded, forms.Form):
    """One solution by the declared criteria: a level each, in words, and a remark."""

    def __init__(self, *args: Any, rubric: Rubric, **options: Any) -> None:
        super().__init__(*args, **options)
        self._rubric = rubric
        for each in rubric.criteria:
            levels = [
                (
                    str(anchor.level),
                    lazystr(
                        words(
                            f"{anchor.level}: {anchor.meaning.ko}",
                            f"{anchor.level}: {anchor.meaning.en}",
                        )
                    ),
                )
                for anchor in each.anchors
            ]
            self.fields[f"level_{each.name}"] = forms.ChoiceField(
                choices=levels, widget=forms.RadioSelect, required=False
            )
            self.fields[f"remark_{each.name}"] = forms.CharField(max_length=1000, required=False)
        self.fields["remark"] = forms.CharField(
            max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
        )
        self.reword()
        for each in rubric.criteria:
            self.fields[f"level_{each.name}"].label = lazystr(each.title)
            self.fields[f"remark_{each.name}"].label = lazystr(
                words(f"{each.title.ko}: 의견", f"{each.title.en}: remark")
            )
        self.fields["remark"].label = lazystr(words("전체 의견", "On the whole"))

    def scores(self) -> dict[str, dict[str, Any]]:
        """Criterion → level and remark, of those that have a level."""
        given = self.cleaned_data
        return {
            each.name: {
                "level": int(given[f"level_{each.name}"]),
                "remark": given[f"remark_{each.name}"],
            }
            for each in self._rubric.criteria
            if given.get(f"level_{each.name}")
        }

    @staticmethod
    def typed(scores: Mapping[str, Mapping[str, Any]], remark: str) -> dict[str, Any]:
        """What a saved sheet fills in."""
        found: dict[str, Any] = {"remark": remark}
        for name, each in scores.items():
            found |= {f"level_{name}": str(each["level"]), f"remark_{name}": each["remark"]}
        return found
