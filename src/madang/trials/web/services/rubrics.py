"""What does a panel say of the solutions? Its declarations, sheets and signatures on rows.

An evaluator's row for a solution stands from the moment of the declaration of interests; a signed
one never changes. The panel judges without the measured results, which each member sees only
after having signed every sheet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal import acting
from madang.portal.log import remember
from madang.portal.models import Membership, User
from madang.trials.engine.errors import PhaseClosed, RubricError
from madang.trials.engine.panel import Declaration, Panel, Sheet
from madang.trials.engine.rubric import Rubric
from madang.trials.web.models import Evaluation, Evaluator, Submission, TeamMember
from madang.trials.web.services.annals import recorded
from madang.trials.web.services.house import alone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.trials.web.models import Decision, Demand


def rubric(demand: Demand) -> Rubric | None:
    """By what a demand's panel judges; None where nobody does."""
    return Rubric.from_plain(demand.rubric) if demand.rubric else None


def judged(demand: Demand) -> list[Submission]:
    """The solutions before the panel: each team's entry to the final comparison."""
    found = Submission.objects.filter(demand=demand).exclude(final_run="")
    return list(found.select_related("team", "company").order_by("team__name"))


def panel(demand: Demand) -> Panel | None:
    """The panel as the engine knows it: evaluators by number, teams by name; None without one."""
    rules = rubric(demand)
    if rules is None:
        return None
    rows = list(
        Evaluation.objects.filter(demand=demand).select_related("submission__team").order_by("pk")
    )
    return Panel(
        rubric=rules,
        evaluators=tuple(str(each.user_id) for each in demand.evaluators.order_by("pk")),
        teams=tuple(each.team.name for each in judged(demand)),
        declarations=tuple(_declaration(each) for each in rows),
        sheets=tuple(_sheet(each) for each in rows if each.signed and not each.has_conflict),
    )


def _declaration(row: Evaluation) -> Declaration:
    return Declaration(
        evaluator=str(row.evaluator_id),
        team=row.submission.team.name,
        conflicted=row.has_conflict,
        at=row.signed or clock.now(),
    )


def _sheet(row: Evaluation) -> Sheet:
    assert row.signed is not None
    return Sheet(
        evaluator=str(row.evaluator_id),
        team=row.submission.team.name,
        levels={name: each["level"] for name, each in row.scores.items()},
        remarks={name: each["remark"] for name, each in row.scores.items() if each["remark"]},
        at=row.signed,
    )


def invite(demand: Demand, email: str, *, by: User, sees_files: bool = False) -> Evaluator:
    """Ask a person to judge.

    Raises:
        RubricError: The demand has no rubric, nobody of that address may judge, or they belong to
            a company that hands in.
    """
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if rubric(demand) is None:
        raise RubricError(
            words("평가표가 없는 수요", "a demand without a rubric"),
            words("평가표를 정한 수요", "one that declared its rubric"),
        )
    if user is None or not _may_judge(user):
        raise RubricError(
            words(f"평가위원이 아닌 {email[:80]}", f"{email[:80]}, who is no evaluator"),
            words("평가위원으로 등록된 사람의 주소", "the address of a registered evaluator"),
        )
    companies = TeamMember.objects.filter(team__demand=demand, company__memberships__user=user)
    if companies.exists():
        raise RubricError(
            words("참여 기업에 소속된 평가위원", "an evaluator of a company that takes part"),
            words("참여 기업과 무관한 평가위원", "one who belongs to none of them"),
        )
    with acting.as_(user=by.pk), transaction.atomic():
        row, is_new = Evaluator.objects.get_or_create(demand=demand, user=user)
        row.sees_files = sees_files
        row.save(update_fields=["sees_files"])
        noun = "evaluator-asked" if is_new else "evaluator-granted"
        recorded(noun, demand, by=by, after={"user": user.pk}, files=sees_files)
    return row


def _may_judge(user: User) -> bool:
    held = Membership.objects.filter(user=user, organisation__is_active=True)
    return any("trials.judge" in each.role.rights for each in held.select_related("role"))


def dismiss(evaluator: Evaluator, *, by: User) -> None:
    """Ask a person no longer; what was signed stays.

    Raises:
        RubricError: They have signed a sheet.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        own = Evaluation.objects.filter(demand=evaluator.demand, evaluator=evaluator.user)
        if own.exclude(signed=None).exists():
            raise RubricError(
                words("이미 서명한 평가위원", "an evaluator who has signed"),
                words("아직 서명하지 않은 평가위원", "one who has not signed yet"),
            )
        own.delete()
        told = {"user": evaluator.user_id}
        recorded("evaluator-dismissed", evaluator.demand, by=by, after=told)
        evaluator.delete()


def declare(
    submission: Submission, *, by: User, has_conflict: bool, reason: str = ""
) -> Evaluation:
    """Declare whether there is a conflict of interest; one that is declared signs the row.

    Raises:
        RubricError: Not asked, already signed, or a conflict without its reason.
        PhaseClosed: There is nothing to judge now.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = _open_row(submission, by)
        if has_conflict and not reason.strip():
            raise RubricError(
                words("사유가 없는 이해충돌 신고", "a conflict without its reason"),
                words("이해충돌의 사유", "of what kind the conflict is"),
            )
        row.has_conflict, row.remark = has_conflict, reason.strip() if has_conflict else row.remark
        row.signed = clock.now() if has_conflict else None
        row.save()
        remember(
            "interests-declared",
            f"evaluation/{row.pk}",
            by=by,
            person=by,
            after={"conflict": has_conflict, "reason": reason.strip()},
            submission=submission.pk,
        )
    return row


def score(
    submission: Submission,
    *,
    by: User,
    scores: Mapping[str, Mapping[str, Any]],
    remark: str = "",
    sign: bool,
) -> Evaluation:
    """Save a sheet, or sign it for good.

    Args:
        submission: The solution.
        by: The evaluator.
        scores: Criterion → `level`, and a `remark` that may be empty; unsigned, some may lack.
        remark: On the whole.
        sign: Whether it is signed; a signed sheet never changes.

    Raises:
        RubricError: Not asked, not declared, already signed, or against the rubric.
        PhaseClosed: There is nothing to judge now.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = _open_row(submission, by)
        if row.pk is None:
            raise RubricError(
                words("이해충돌을 신고하기 전의 채점", "a score before the declaration"),
                words("신고한 뒤의 채점", "a score after the declaration of interests"),
            )
        row.scores = {
            name: {"level": each["level"], "remark": str(each.get("remark", "")).strip()}
            for name, each in scores.items()
        }
        row.remark = remark.strip()
        if sign:
            row.signed = clock.now()
            found = panel(submission.demand)
            assert found is not None
            found.score(_sheet(row))
            remember(
                "sheet-signed",
                f"evaluation/{row.pk}",
                by=by,
                person=by,
                after={"scores": row.scores, "remark": row.remark},
                submission=submission.pk,
                rubric=found.rubric.digest,
            )
        row.save()
    return row


def _open_row(submission: Submission, by: User) -> Evaluation:
    """The evaluator's row for a solution, not signed yet; a new one where there is none."""
    demand = alone(submission.demand_id)
    if demand.state not in ("evaluating", "evaluated") or not submission.final_run:
        raise PhaseClosed(
            words(
                f"'{demand.state_title.ko}' 단계의 평가", f"judging in '{demand.state_title.en}'"
            ),
            words("최종 비교에 오른 해법의 평가", "judging a solution in the final comparison"),
        )
    if not Evaluator.objects.filter(demand=demand, user=by).exists():
        raise RubricError(
            words("위촉되지 않은 사람의 평가", "a person who was not asked"),
            words("이 수요에 위촉된 평가위원", "an evaluator of this demand"),
        )
    row = Evaluation.objects.filter(submission=submission, evaluator=by).first()
    if row and row.signed:
        raise RubricError(
            words("이미 서명한 평가", "a sheet that is signed"),
            words("아직 서명하지 않은 평가", "one that is not signed yet"),
        )
    return row or Evaluation(demand=demand, submission=submission, evaluator=by)


def is_finished(demand: Demand) -> bool:
    """Whether the panel has said all that the rubric asks for; without a rubric, yes."""
    found = panel(demand)
    if found is None:
        return True
    try:
        found.close(at=clock.now())
    except RubricError:
        return False
    return True


def require_finished(demand: Demand) -> None:
    """Refuse to go on while the panel owes a sheet.

    Raises:
        RubricError: With what is missing.
    """
    found = panel(demand)
    if found is not None:
        found.close(at=clock.now())


def has_signed_all(demand: Demand, user: User) -> bool:
    """Whether an evaluator has signed for every solution, and so may see what was measured."""
    signed = Evaluation.objects.filter(demand=demand, evaluator=user).exclude(signed=None)
    return signed.count() == len(judged(demand)) > 0


def measured(demand: Demand, submission: Submission) -> float | None:
    """The demand's metric of a solution in the final comparison; None where it has none."""
    decision: Decision | None = getattr(demand, "decision", None)
    if decision is None:
        return None
    found = decision.comparison["primary"]["scores"].get(submission.name)
    return None if found is None else float(found["estimate"])


def told(demand: Demand) -> dict[str, Any]:
    """What the panel said, as the report keeps it; empty without a panel."""
    found = panel(demand)
    if found is None:
        return {}
    entries = {each.team.name: each for each in judged(demand)}
    agreement = found.agreement()
    return {
        "rows": [
            {
                **{"ko": entries[each.team].title_ko, "en": entries[each.team].title_en},
                **{"team": each.team, "points": each.points},
                **{"lowest": each.lowest, "highest": each.highest},
                **{"evaluators": each.evaluators, "conflicted": each.conflicted},
            }
            for each in found.standings()
        ],
        "agreement": [
            {"ko": each.title.ko, "en": each.title.en, "alpha": agreement[each.name]}
            for each in found.rubric.criteria
        ],
    }
