"""What do agency and company write down: minutes, a plan of gates, observations, a move?"""

from __future__ import annotations

from datetime import UTC
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import slugify

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.trials.engine.adoption_plan import GATES
from madang.trials.engine.minutes import EVERY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from madang.trials.web.models import Adoption

LONG = forms.Textarea(attrs={"rows": 4})
SHORT = forms.Textarea(attrs={"rows": 2})


class MinutesForm(forms.Form):
    """When the two met, and about what."""

    held = forms.DateField(
        label=words("협의한 날", "Held on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    agenda = forms.CharField(
        label=words("논의한 내용", "What was discussed"), max_length=8000, widget=LONG
    )


def _parties(adoption: Adoption) -> list[tuple[str, Words]]:
    return [(each.slug, each.name) for each in (adoption.agency, adoption.company)]


class _Item(forms.Form):
    """One line of the minutes; an empty text leaves it out."""

    name = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, adoption: Adoption, **options: Any) -> None:
        super().__init__(*args, **options)
        self.empty_permitted = True
        self.use_required_attribute = False
        self.fields["party"].choices = _parties(adoption)  # type: ignore[attr-defined]

    def plain(self, number: int, kind: str) -> dict[str, Any] | None:
        """As the engine keeps it; None for an empty line."""
        found = dict(self.cleaned_data)
        if not found.get("text"):
            return None
        party = found.pop("party")
        name = found.pop("name") or f"{kind}-{number}"
        due = found.pop("due", None)
        found |= {"payer" if kind == "cost" else "bearer": party, "name": name}
        return found | ({"due": due.isoformat()} if due else {})


class ConditionForm(_Item):
    """Something that must hold before the solution is used."""

    text = forms.CharField(
        label=words("조건", "Condition"), required=False, max_length=2000, widget=SHORT
    )
    party = forms.ChoiceField(label=words("이행할 쪽", "Fulfilled by"), required=False)
    due = forms.DateField(
        label=words("기한", "Due"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class CostForm(_Item):
    """An amount of money, and who pays it."""

    text = forms.CharField(label=words("비용 항목", "Cost"), required=False, max_length=500)
    amount_krw = forms.IntegerField(
        label=words("금액(원)", "Amount in KRW"), required=False, min_value=0, max_value=10**13
    )
    party = forms.ChoiceField(label=words("부담할 쪽", "Paid by"), required=False)
    every = forms.ChoiceField(
        label=words("주기", "How often"), required=False, choices=list(EVERY.items())
    )

    def clean(self) -> dict[str, Any]:
        """An amount beside every text."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("text") and found.get("amount_krw") is None:
            self.add_error("amount_krw", str(words("금액을 적으십시오.", "Enter the amount.")))
        return found


class DutyForm(_Item):
    """What somebody must keep doing while the solution is used."""

    text = forms.CharField(
        label=words("운영 의무", "Operating duty"), required=False, max_length=2000, widget=SHORT
    )
    party = forms.ChoiceField(label=words("맡을 쪽", "Borne by"), required=False)


KINDS = {"condition": ConditionForm, "cost": CostForm, "duty": DutyForm}
SPARE = 2
"""Empty lines below those that are there."""
MOST_LINES = 60


def item_sets(adoption: Adoption, data: Any = None) -> dict[str, Any]:
    """The lines of the minutes in force, each kind a set of forms with some empty ones below."""
    minutes = (adoption.minutes or {}).get("minutes", {})
    found = {}
    for kind, form in KINDS.items():
        lines = [
            {**each, "party": each.get("bearer", each.get("payer"))}
            for each in minutes.get("duties" if kind == "duty" else f"{kind}s", [])
        ]
        made = forms.formset_factory(form, extra=SPARE, max_num=MOST_LINES, absolute_max=80)
        found[kind] = made(data, initial=lines, prefix=kind, form_kwargs={"adoption": adoption})
    return found


def minutes_content(form: MinutesForm, sets: Mapping[str, Any]) -> dict[str, Any]:
    """What the two forms together say, as plain data for the engine."""

    def lines(kind: str) -> list[dict[str, Any]]:
        told = [each.plain(number, kind) for number, each in enumerate(sets[kind], start=1)]
        return [each for each in told if each]

    return {
        "held": form.cleaned_data["held"].isoformat(),
        "agenda": form.cleaned_data["agenda"],
        "conditions": lines("condition"),
        "costs": lines("cost"),
        "duties": lines("duty"),
    }


class MeasureForm(forms.Form):
    """One measure that is watched, and how much of it is acceptable."""

    title_ko = forms.CharField(label=words("이름 (한국어)", "Name in Korean"), max_length=80)
    title_en = forms.CharField(label=words("이름 (영어)", "Name in English"), max_length=80)
    kind = forms.ChoiceField(
        label=words("재는 방법", "How it is measured"),
        choices=[
            ("rate", words("비율: 건마다 예/아니요", "rate: yes or no in each case")),
            (
                "paired",
                words(
                    "대조: 지금 방식보다 못한 건과 나은 건",
                    "paired: worse and better than the present practice",
                ),
            ),
        ],
    )
    limit = forms.FloatField(
        label=words("한도", "Limit"),
        help_text=words(
            "허용하는 가장 큰 평균입니다. 예: 오류율 5 %는 0.05",
            "The largest acceptable mean; an error rate of 5 % is 0.05.",
        ),
        min_value=-1,
        max_value=1,
    )
    fewest = forms.IntegerField(
        label=words("단계마다 최소 건수", "Fewest cases a gate"), min_value=1, max_value=10**7
    )

    def plain(
        self, *, alpha: float, taken: Collection[str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The measure and its stop rule, under a name that none of `taken` is."""
        found = self.cleaned_data
        first = slugify(found["title_en"])[:56] or "measure"
        further = (f"{first}-{n}" for n in count(2))
        name = next(each for each in chain([first], further) if each not in taken)
        measure = {
            "name": name,
            "title": {"ko": found["title_ko"], "en": found["title_en"]},
            "kind": found["kind"],
            "low": -1.0 if found["kind"] == "paired" else 0.0,
            "high": 1.0,
        }
        rule = {"measure": name, "limit": found["limit"], "alpha": alpha}
        return measure, {**rule, "fewest": found["fewest"]}


class FurtherMeasureForm(MeasureForm):
    """One more measure; left out where nothing is written."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.use_required_attribute = False

    def has_changed(self) -> bool:
        """Whether anything but the choice was written, which is always made."""
        return any(name != "kind" for name in self.changed_data)


MOST_MEASURES = 5
FurtherMeasures = forms.formset_factory(
    FurtherMeasureForm, extra=1, max_num=MOST_MEASURES - 1, absolute_max=MOST_MEASURES - 1
)


def further_measures(data: Mapping[str, Any] | None) -> Any:
    """The measures beside the first; none where a form was sent without them."""
    sent = data if data is not None and "more-TOTAL_FORMS" in data else None
    return FurtherMeasures(sent, prefix="more")


class PlanForm(MeasureForm):
    """The gates and the first measure; further ones stand in `FurtherMeasures`."""

    canaries = forms.CharField(
        label=words("시범 비율(%)", "Canary shares in %"),
        help_text=words("쉼표로 나눈 증가하는 비율입니다.", "Rising, separated by commas."),
        max_length=60,
    )
    fewest_days = forms.IntegerField(
        label=words("단계마다 최소 일수", "Fewest days a gate"), min_value=0, max_value=365
    )
    silence_days = forms.IntegerField(
        label=words("보고 간격(일)", "A report every so many days"), min_value=1, max_value=365
    )
    alpha = forms.FloatField(
        label=words("오류 확률", "Error probability"), min_value=0.0001, max_value=0.4999
    )
    field_order = ("canaries", "fewest_days", "silence_days", "alpha")

    def clean_canaries(self) -> list[float]:
        """Shares between 0 and 1."""
        try:
            shares = [float(each) / 100 for each in self.cleaned_data["canaries"].split(",")]
        except ValueError:
            shares = []
        if not shares or any(not 0 < each < 1 for each in shares) or shares != sorted(set(shares)):
            raise forms.ValidationError(
                str(
                    words(
                        "0과 100 사이에서 커지는 수를 쉼표로 나누어 적으십시오. 예: 5, 20",
                        "Enter rising numbers between 0 and 100, such as: 5, 20",
                    )
                )
            )
        return shares

    def content(self, further: Iterable[MeasureForm] = ()) -> dict[str, Any]:
        """An `AdoptionPlan` as plain data.

        Args:
            further: Valid forms of more measures; those that are empty are left out.
        """
        found = self.cleaned_data
        measures: list[dict[str, Any]] = []
        rules: list[dict[str, Any]] = []
        for each in (self, *(form for form in further if form.cleaned_data.get("title_en"))):
            taken = [known["name"] for known in measures]
            measure, rule = each.plain(alpha=found["alpha"], taken=taken)
            measures.append(measure)
            rules.append(rule)
        canaries = [
            {
                "name": f"canary-{100 * share:g}".replace(".", "-"),
                "title": {"ko": f"시범 {100 * share:g} %", "en": f"canary, {100 * share:g} %"},
                "share": share,
                "fewest_days": found["fewest_days"],
            }
            for share in found["canaries"]
        ]
        shadow, live = GATES[0].plain(), GATES[-1].plain()
        return {
            "gates": [shadow | {"fewest_days": found["fewest_days"]}, *canaries, live],
            "measures": measures,
            "rules": rules,
            "silence_days": found["silence_days"],
        }


USUAL_PLAN = {
    "canaries": "5, 20",
    "fewest_days": 7,
    "silence_days": 7,
    "alpha": 0.05,
    "title_ko": "중대한 오류",
    "title_en": "serious errors",
    "kind": "rate",
    "limit": 0.05,
    "fewest": 200,
}
"""Where an agency may begin."""


class ObservationForm(forms.Form):
    """A batch of one measure."""

    name = forms.SlugField(
        label=words("묶음 이름", "Name of the batch"),
        help_text=words("같은 이름은 두 번 받지 않습니다.", "A name is taken once."),
        max_length=60,
    )
    measure = forms.ChoiceField(label=words("측정값", "Measure"))
    observed_from = forms.DateTimeField(
        label=words("관찰 시작", "Observed from"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M:%S"),
    )
    observed_until = forms.DateTimeField(
        label=words("관찰 끝", "Observed until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M:%S"),
    )
    n = forms.IntegerField(label=words("건수", "Cases"), min_value=1, max_value=10**8)
    events = forms.IntegerField(
        label=words("일어난 건수 (비율)", "Events (rate)"), required=False, min_value=0
    )
    worse = forms.IntegerField(
        label=words("더 못한 건수 (대조)", "Worse (paired)"), required=False, min_value=0
    )
    better = forms.IntegerField(
        label=words("더 나은 건수 (대조)", "Better (paired)"), required=False, min_value=0
    )

    def content(self) -> dict[str, Any]:
        """A `Batch` as plain data."""
        found = {name: each for name, each in self.cleaned_data.items() if each is not None}
        for name in ("observed_from", "observed_until"):
            found[name] = clock.stamp(found[name].astimezone(UTC))
        return found


class MoveForm(forms.Form):
    """Why, and back to where."""

    reason = forms.CharField(
        label=words("사유", "Reason"), required=False, max_length=2000, widget=SHORT
    )
    to = forms.ChoiceField(label=words("되돌릴 단계", "Back to"), required=False)
