"""How good is a model, by its own record, and beside others?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, language, words
from madang.portal import objects
from madang.prognosis.engine.dossier import from_model, from_visits, paper
from madang.prognosis.engine.dossier.dossier import dossier as compiled
from madang.prognosis.engine.dynamic.model import VisitModel
from madang.prognosis.engine.titles import title
from madang.prognosis.web.services import pictures, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.prognosis.web.models import Registered

KINDS = {
    "visits": words("방문마다 갱신", "Updated at each visit"),
    "stack": words("등록 때 한 번", "Once, on entry"),
}
BETTER = {
    "auc": words("AUC (높을수록 좋음)", "AUC (higher is better)"),
    "uno_c": words("Uno의 C (높을수록 좋음)", "Uno's C (higher is better)"),
    "ibs": words("통합 브라이어 점수 (낮을수록 좋음)", "Integrated Brier score (lower is better)"),
    "brier": words("브라이어 점수 (낮을수록 좋음)", "Brier score (lower is better)"),
    "ici": words("보정 오차 ICI (낮을수록 좋음)", "Calibration error ICI (lower is better)"),
    "slope": words("보정 기울기 (1이면 맞음)", "Calibration slope (1 is right)"),
    "observed_to_expected": words(
        "예측 대비 실제 (1이면 맞음)", "Observed to expected (1 is right)"
    ),
}


def summary(row: Registered) -> dict[str, Any]:
    """A model in one row."""
    return {
        "kind": KINDS.get(row.facts.get("kind", "stack"), KINDS["stack"]),
        "patients": row.facts.get("patients"),
        "events": (row.facts.get("events") or [None])[0],
        **{name: _figure(row, name) for name in BETTER},
    }


def told(row: Registered) -> dict[str, Any]:
    """What a model's own record says of its quality on patients it had not seen, by kind."""
    facts = row.facts
    if "quality" in facts:
        return dict(facts["quality"])
    checks, losses = facts.get("checks_out_of_fold"), facts.get("ibs_out_of_fold", {})
    found = {"ibs": losses.get("recalibrated")}
    if checks:
        found |= {name: checks[name] for name in ("uno_c", "slope", "ici")}
        found["tenths"] = [each | {"answers": each["patients"]} for each in checks["tenths"]]
    return found


def _figure(row: Registered, name: str) -> str:
    value = told(row).get(name)
    return "–" if value is None else f"{value:.3f}"


def page(row: Registered) -> dict[str, Any]:
    """What the page of a model shows."""
    found = told(row)
    context: dict[str, Any] = {"summary": summary(row), "quality": found, "figures": figures(row)}
    context["columns"] = [
        {"title": title(each["name"]).name, "unit": title(each["name"]).unit, **each}
        for each in row.columns
    ]
    context["years"] = f"{row.window_days / pictures.YEAR:.1f}".removesuffix(".0")
    if found.get("tenths"):
        context["calibration"] = pictures.calibration(found["tenths"], row.title)
        context["calibration_rows"] = [
            (
                number,
                f"{100 * each['predicted']:.1f}",
                f"{100 * each['observed']:.1f}",
                each["answers"],
            )
            for number, each in enumerate(found["tenths"], start=1)
        ]
        context["calibration_headers"] = [
            words("묶음", "Group"),
            words("예측(%)", "Predicted (%)"),
            words("실제(%)", "Observed (%)"),
            words("예측 수", "Answers"),
        ]
        context["calibration_title"] = _finding(found)
    context["landmarks"] = [
        each
        | {
            "years": f"{each['at'] / pictures.YEAR:.1f}",
            "observed": f"{100 * each['observed']:.1f}",
            "predicted": f"{100 * each['predicted']:.1f}",
        }
        for each in found.get("landmarks", [])
    ]
    return context


def figures(row: Registered) -> list[tuple[Words, str]]:
    """The scores with what they mean."""
    found = [(text, _figure(row, name)) for name, text in BETTER.items()]
    return [each for each in found if each[1] != "–"]


def _finding(found: dict[str, Any]) -> Words:
    worst = max(found["tenths"], key=lambda each: abs(each["predicted"] - each["observed"]))
    gap = 100 * abs(worst["predicted"] - worst["observed"])
    return words(
        f"열 묶음 가운데 예측과 실제가 가장 크게 다른 곳의 차이는 {gap:.1f}%p입니다.",
        f"Of ten groups, the one that came out most otherwise differs by {gap:.1f} points.",
    )


def compared(rows: Sequence[Registered]) -> list[tuple[Words, list[str]]]:
    """Scores by model: a row a score."""
    found = [(text, [_figure(row, name) for row in rows]) for name, text in BETTER.items()]
    return [each for each in found if set(each[1]) != {"–"}]


def dossier(row: Registered) -> bytes:
    """The model's dossier as a PDF in the reader's language."""
    found = registry.opened(row)
    kept = (
        from_visits.record(found, row.digest)
        if isinstance(found, VisitModel)
        else from_model.record(found, row.digest)
    )
    about = {"title": row.title, "outcome": row.outcome}
    return paper.pdf(compiled(kept, about), language())


def content(row: Registered) -> bytes:
    """The model's file."""
    return objects.objects().get(row.content.digest)
