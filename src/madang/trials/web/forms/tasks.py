"""Step 3 of a demand's editor: what kind of problem is it, and by which rule is it decided?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.errors import MadangError
from madang.kernel.trial import find_task
from madang.kernel.words import Words, words
from madang.trials.web.forms.columns import known_columns, section
from madang.trials.web.forms.demands import Step
from madang.trials.web.forms.options import PREFIX, option_fields, options_of
from madang.trials.web.forms.own_metric import called
from madang.trials.web.services import kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.trial import Task
    from madang.trials.web.models import Demand

RULES = {
    "superiority": words(
        "기준보다 나음이 통계로 확인된 해법만 채택",
        "Only what is shown to be better than the baseline",
    ),
    "non_inferiority": words(
        "기준에 한계 넘게 뒤지지 않음이 확인된 해법을 채택",
        "What is shown to be no more than a margin worse than the baseline",
    ),
}
_CHOOSE = words("고르십시오", "Choose")


class TaskStep(Step):
    """The kind of task with its options, and the rule of the decision."""

    task = forms.ChoiceField(label=words("과제 유형", "Kind of task"), required=False)
    metric = forms.CharField(
        label=words("판정 지표", "Metric of the decision"), required=False, max_length=200
    )
    baseline = forms.ChoiceField(
        label=words("넘어야 할 기준", "Baseline to beat"),
        help_text=words(
            "누구나 낼 수 있는 단순한 답입니다. 해법은 이 답과 비교됩니다.",
            "A simple answer that anybody could give. Solutions are compared with it.",
        ),
        required=False,
    )
    rule = forms.ChoiceField(
        label=words("판정 규칙", "Rule"), choices=list(RULES.items()), widget=forms.RadioSelect
    )
    margin = forms.FloatField(
        label=words("한계", "Margin"),
        help_text=words(
            "지표의 단위로 적습니다. ‘나음’이면 최소한 이만큼 나아야 하고, ‘뒤지지 않음’이면 "
            "이만큼까지는 뒤져도 됩니다.",
            "In the metric's unit: by how much a solution must be better, or may be worse.",
        ),
        required=False,
        min_value=0,
    )
    alpha = forms.FloatField(
        label=words("유의수준", "Significance level"),
        help_text=words(
            "하나라도 잘못 채택할 확률의 상한입니다. 보통 0.05입니다.",
            "Upper bound on the chance of any wrong adoption; usually 0.05.",
        ),
        required=False,
    )
    secondary = forms.MultipleChoiceField(
        label=words("함께 보고할 지표", "Metrics reported beside"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    guard = forms.CharField(
        label=words("지켜야 할 한계", "Limits to keep"),
        help_text=words(
            "한 줄에 하나씩 ‘지표: 가장 나쁜 허용값’으로 적습니다. 넘는 해법은 채택하지 않습니다.",
            "One a line as ‘metric: worst value allowed’. What is beyond is not adopted.",
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    places = {  # noqa: RUF012 - declared as a class variable of Step
        "task": "task",
        "task.options": "task",
        "decision": "metric",
        **{
            f"decision.{name}": name
            for name in ("metric", "baseline", "rule", "margin", "alpha", "secondary", "guard")
        },
    }

    def __init__(self, data: Any = None, *, demand: Demand, **options: Any) -> None:
        chosen = data.get("task") if data else section(demand.plain, "task").get("name")
        self.kind = _task(str(chosen or ""))
        self.schema = self.kind.options_schema() if self.kind else {}
        super().__init__(data, demand=demand, **options)
        offered = [("", _CHOOSE), *kinds.titles().items()]
        self.fields["task"].choices = offered  # type: ignore[attr-defined]
        columns = [
            (each.name, each.title[0] and f"{each.title[0]} ({each.name})" or each.name)
            for each in known_columns(demand)
            if each.role not in ("id", "ignored")
        ]
        for name, field in option_fields(self.schema, columns):
            self.fields[name] = field
            self.initial[name] = self._stated_option(name.removeprefix(PREFIX), field)
        self._offer_metrics()
        self._offer_baselines()

    def _stated_option(self, name: str, field: forms.Field) -> Any:
        stated = section(section(self.demand.plain, "task"), "options").get(name)
        if isinstance(field, forms.MultipleChoiceField) and not isinstance(stated, list):
            return []
        return stated

    @property
    def option_fields(self) -> list[forms.BoundField]:
        """The fields of the task's own options."""
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    def stated(self) -> dict[str, Any]:
        """The task and the rule as the draft has them."""
        task = section(self.demand.plain, "task")
        rule = section(self.demand.plain, "decision")
        guard = rule.get("guard")
        secondary = rule.get("secondary")
        return {
            "task": task.get("name", ""),
            "options": task.get("options", {}),
            "metric": rule.get("metric", ""),
            "baseline": rule.get("baseline", ""),
            "rule": rule.get("rule", "superiority"),
            "margin": rule.get("margin"),
            "alpha": rule.get("alpha", 0.05),
            "secondary": secondary if isinstance(secondary, list) else [],
            "guard": "\n".join(f"{name}: {worst}" for name, worst in guard.items())
            if isinstance(guard, dict)
            else "",
        }

    def metrics(self) -> dict[str, Words]:
        """The metrics of this kind of task, as the last check found them; empty before it."""
        checked = section(self.demand.findings, "check")
        if not self.kind or checked.get("task") != self.kind.name:
            return {}
        found = {each["name"]: words(*_told(each)) for each in checked.get("metrics", [])}
        own = called(self.demand.plain)
        if own:
            found.setdefault(own, words(f"자체 지표 {own}", f"own metric {own}"))
        return found

    def _offer_metrics(self) -> None:
        known = self.metrics()
        if not known:
            del self.fields["secondary"]
            hint: Any = words(
                "표와 과제 유형을 정하고 저장하면 고를 수 있는 지표가 나옵니다.",
                "Save the table and the kind of task first: then the metrics are listed here.",
            )
            self.fields["metric"].help_text = hint
            return
        stated = self.initial["metric"]
        strange = {stated: stated} if stated and stated not in known else {}
        self.fields["metric"] = forms.ChoiceField(
            label=self.fields["metric"].label,
            choices=[("", _CHOOSE), *known.items(), *strange.items()],
            required=False,
        )
        self.fields["secondary"].choices = list(known.items())  # type: ignore[attr-defined]

    def _offer_baselines(self) -> None:
        field: Any = self.fields["baseline"]
        stated = self.initial["baseline"]
        known = self._baselines()
        strange = {stated: stated} if stated and stated not in known else {}
        field.choices = [("", _CHOOSE), *known.items(), *strange.items()]

    def _baselines(self) -> dict[str, Words]:
        if not self.kind:
            return {}
        found = section(section(self.demand.plain, "task"), "options")
        try:
            offered = self.kind.baselines(options=found)
        except (MadangError, KeyError, TypeError, ValueError):
            return {}  # options that are unfinished; the check says so
        return {each.name: words(each.title_ko, each.title_en) for each in offered}

    def clean_guard(self) -> dict[str, float]:
        """Metric → worst value."""
        found = {}
        for line in self.cleaned_data["guard"].splitlines():
            name, _, worst = line.rpartition(":")
            if not line.strip():
                continue
            try:
                found[name.strip()] = float(worst)
            except ValueError as fault:
                raise forms.ValidationError(
                    str(
                        words(
                            f"‘{line.strip()[:60]}’ 줄을 읽을 수 없습니다. "
                            "‘지표: 수’로 적으십시오.",
                            f"The line ‘{line.strip()[:60]}’ cannot be read. "
                            "Write ‘metric: number’.",
                        )
                    )
                ) from fault
        return found

    def merged(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """With the new task and rule."""
        plain, given = self.plain_copy(), self.cleaned_data
        if given["task"]:
            plain["task"] = {"name": given["task"], "options": options_of(given, self.schema)}
        else:
            plain.pop("task", None)
        rule = {
            "metric": given["metric"],
            "baseline": given["baseline"] or next(iter(self._baselines()), ""),
            "rule": given["rule"],
            **{name: given[name] for name in ("margin", "alpha") if given[name] is not None},
        }
        for name in ("secondary", "guard"):
            if given.get(name):
                rule[name] = given[name]
        kept = section(plain, "decision").get("secondary")
        if "secondary" not in self.fields and kept:
            rule["secondary"] = kept
        plain["decision"] = rule
        return plain, {}

    def field_at(self, place: str) -> str:
        """An option's own field, else as every step."""
        steps = place.split(".")
        name = PREFIX + steps[2] if steps[:2] == ["task", "options"] and len(steps) > 2 else ""
        return name if name in self.fields else super().field_at(place)


def _task(name: str) -> Task | None:
    return find_task(name) if name in kinds.titles() else None


def _told(metric: Mapping[str, Any]) -> tuple[str, str]:
    lower = metric["direction"] == "lower"
    return (
        f"{metric['title_ko']} ({'낮을수록' if lower else '높을수록'} 좋음)",
        f"{metric['title_en']} ({'lower' if lower else 'higher'} is better)",
    )
