"""Who needs somebody today stands in the worklist, the most urgent first."""

from __future__ import annotations

from datetime import date

from madang.prognosis.engine.followup.worklist import Followed, worklist

TODAY = date(2026, 3, 10)


def patient(name: str, due: str, risk: float, before: float | None = None) -> Followed:
    """Somebody under follow-up."""
    return Followed(patient=name, due=date.fromisoformat(due), risk=risk, before=before)


def names(*patients: Followed) -> list[str]:
    """Of the worklist."""
    return [each.patient for each in worklist(patients, today=TODAY, threshold=0.2, growth=0.05)]


def test_who_needs_nobody_is_left_out() -> None:
    assert (
        names(
            patient("well", "2026-03-10", 0.1, 0.08),
            patient("new", "2026-04-01", 0.19),
            patient("better", "2026-04-01", 0.1, 0.3),
        )
        == []
    )


def test_each_reason_alone_suffices() -> None:
    for each in (
        patient("late", "2026-03-09", 0.01, 0.01),
        patient("high", "2026-04-01", 0.2, 0.2),
        patient("worse", "2026-04-01", 0.10, 0.05),
    ):
        assert names(each) == [each.patient]


def test_the_most_urgent_comes_first() -> None:
    assert names(
        patient("worse", "2026-04-01", 0.10, 0.02),
        patient("much-worse", "2026-04-01", 0.18, 0.02),
        patient("late", "2026-03-01", 0.05),
        patient("later", "2026-01-01", 0.05),
        patient("late-and-high", "2026-03-09", 0.25),
    ) == ["late-and-high", "later", "late", "much-worse", "worse"]
    # Four days at a high risk weigh more than ten at a low one.
    assert names(patient("low", "2026-02-28", 0.05), patient("high", "2026-03-06", 0.19)) == [
        "high",
        "low",
    ]
    same = [patient(name, "2026-03-01", 0.1) for name in ("b", "a")]
    assert names(*same) == names(*same[::-1]) == ["a", "b"]
