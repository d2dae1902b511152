"""The panel: asked, declared, blind until signed, and beside the measured part in the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.portal.models import Membership, User
from madang.trials.engine.errors import PhaseClosed, RubricError
from madang.trials.web.models import Decision, Demand, Evaluation, Evaluator, Submission
from madang.trials.web.services import decisions, rubrics
from tests.portal.people import enter, home_of, organisation, somebody
from tests.trials.web import demands, solved

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = {"fit": {"level": 3, "remark": "잘 맞음"}, "care": {"level": 2, "remark": ""}}
POOR = {"fit": {"level": 1, "remark": ""}, "care": {"level": 1, "remark": ""}}


def judged(teams: int = 2, evaluators: int = 2) -> tuple[Demand, list[Submission], list[User]]:
    """A demand in its final comparison, its solutions, and a panel; nothing behind it."""
    demand = demands.row("evaluating", rubric=solved.RUBRIC, registration={}, baselines={})
    by = somebody("company")
    rows = [
        solved.row_of(demand, organisation(), by, final_run=f"final-{n}", state="done")
        for n in range(teams)
    ]
    panel = [somebody("evaluator") for _ in range(evaluators)]
    for each in panel:
        rubrics.invite(demand, each.email, by=demand.posted_by)
    return demand, rows, panel


def sheet(client: Client, demand: Demand, row: Submission, **given: Any) -> Any:
    """Post a sheet."""
    return client.post(reverse("trials:sheet", args=[demand.name, row.pk]), given)


def signed(row: Submission, by: User, scores: Any = GOOD) -> Evaluation:
    """A sheet of somebody without a conflict, signed."""
    rubrics.declare(row, by=by, has_conflict=False)
    return rubrics.score(row, by=by, scores=scores, sign=True)


def test_an_evaluator_declares_then_scores_then_signs(client: Client) -> None:
    demand, (row, _), (user, _) = judged()
    enter(client, user)
    address = reverse("trials:sheet", args=[demand.name, row.pk])

    first = client.get(address).content.decode()
    sheet(client, demand, row, declare="1", conflict="no")
    second = client.get(address).content.decode()
    sheet(client, demand, row, save="1", level_fit="2", remark="아직")
    third = client.get(address).content.decode()
    unsigned = sheet(client, demand, row, sign="1", level_fit="2")
    answer = sheet(client, demand, row, sign="1", level_fit="3", level_care="1", remark_fit="좋음")
    last = client.get(address).content.decode()

    assert "이해충돌 신고" in first and "뛰어남" not in first
    assert "3: 뛰어남" in second
    assert "아직</textarea>" in third
    assert unsigned.status_code == 422
    assert answer.url == reverse("trials:rubric", args=[demand.name])
    assert "서명한 평가입니다" in last and "좋음" in last
    kept = Evaluation.objects.get()
    assert kept.signed is not None
    assert kept.scores["fit"] == {"level": 3, "remark": "좋음"}
    with pytest.raises(RubricError):
        rubrics.score(row, by=user, scores=POOR, sign=True)
    with pytest.raises(RubricError):
        rubrics.declare(row, by=user, has_conflict=True, reason="나중에")


def test_nobody_scores_before_declaring_or_against_the_rubric(client: Client) -> None:
    demand, (row, _), (user, _) = judged()

    with pytest.raises(RubricError):
        rubrics.score(row, by=user, scores=GOOD, sign=True)
    rubrics.declare(row, by=user, has_conflict=False)
    for wrong in (
        {"fit": {"level": 3}},
        {**GOOD, "fit": {"level": 9}},
        {**GOOD, "x": {"level": 1}},
    ):
        with pytest.raises(RubricError):
            rubrics.score(row, by=user, scores=wrong, sign=True)
    enter(client, user)
    assert sheet(client, demand, row, sign="1", level_fit="9", level_care="1").status_code == 422
    assert Evaluation.objects.get().signed is None


def test_a_conflict_is_told_with_its_reason_and_sets_aside(client: Client) -> None:
    demand, (row, other), (user, second) = judged()
    enter(client, user)

    empty = sheet(client, demand, row, declare="1", conflict="yes")
    sheet(client, demand, row, declare="1", conflict="yes", reason="함께 일한 적이 있음")
    with pytest.raises(RubricError):
        rubrics.score(row, by=user, scores=GOOD, sign=True)
    signed(other, user)
    for each in (row, other):
        signed(each, second)

    assert empty.status_code == 422
    assert rubrics.has_signed_all(demand, user)
    assert not rubrics.is_finished(demand)  # two evaluators are asked for, one is left
    third = somebody("evaluator")
    rubrics.invite(demand, third.email, by=demand.posted_by)
    for each in (row, other):
        signed(each, third)
    assert rubrics.is_finished(demand)


def test_only_who_was_asked_judges_and_only_what_is_before_the_panel(client: Client) -> None:
    demand, (row, other), _ = judged()
    stranger = somebody("evaluator")
    enter(client, stranger)

    assert client.get(reverse("trials:sheet", args=[demand.name, row.pk])).status_code == 404
    with pytest.raises(RubricError):
        rubrics.declare(row, by=stranger, has_conflict=False)
    rubrics.invite(demand, stranger.email, by=demand.posted_by)
    Submission.objects.filter(pk=other.pk).update(final_run="")
    other.refresh_from_db()
    with pytest.raises(PhaseClosed):
        rubrics.declare(other, by=stranger, has_conflict=False)
    elsewhere, (foreign, _), _ = judged()
    assert client.get(reverse("trials:sheet", args=[demand.name, row.pk])).status_code == 200
    assert client.get(reverse("trials:sheet", args=[demand.name, other.pk])).status_code == 404
    assert client.get(reverse("trials:sheet", args=[demand.name, foreign.pk])).status_code == 404
    assert (
        client.get(reverse("trials:sheet", args=[elsewhere.name, foreign.pk])).status_code == 404
    )


def test_who_is_asked_must_be_an_evaluator_of_no_company_that_takes_part(client: Client) -> None:
    demand, (row, _), _ = judged()
    companys = somebody("evaluator")
    Membership.objects.create(
        user=companys, organisation=row.company, role=somebody("company").memberships.get().role
    )
    enter(client, demand.posted_by)
    address = reverse("trials:evaluator_invite", args=[demand.name])

    for email in (somebody("company").email, companys.email, "nobody@example.org", "no address"):
        assert client.post(address, {"email": email}).status_code == 422
    assert Evaluator.objects.filter(demand=demand).count() == 2
    asked = somebody("evaluator")
    assert client.post(address, {"email": asked.email.upper()}).status_code == 302
    assert Evaluator.objects.filter(demand=demand, user=asked).exists()
    for other in (somebody("officer"), somebody("company"), asked):
        enter(client, other)
        assert client.post(address, {"email": asked.email}).status_code in (403, 404)


def test_who_has_signed_stays_and_who_has_not_can_be_dismissed(client: Client) -> None:
    demand, (row, other), (first, second) = judged()
    signed(row, first)
    rubrics.declare(other, by=second, has_conflict=False)
    enter(client, demand.posted_by)
    for each in demand.evaluators.all():
        address = reverse("trials:evaluator_dismiss", args=[demand.name, each.pk])
        client.post(address)

    assert [each.user for each in demand.evaluators.all()] == [first]
    assert list(Evaluation.objects.values_list("evaluator", flat=True)) == [first.pk]


def test_files_are_seen_by_who_was_granted_and_has_no_conflict(client: Client) -> None:
    from madang.portal import objects

    demand, (row, other), (user, second) = judged()
    digest = objects.objects().put(b"secret source")
    Submission.objects.update(files={"solution.py": digest})
    address = reverse("trials:sheet_file", args=[demand.name, row.pk, "solution.py"])
    enter(client, user)

    assert client.get(address).status_code == 404
    rubrics.invite(demand, user.email, by=demand.posted_by, sees_files=True)
    assert client.get(address).status_code == 404  # not declared yet
    rubrics.declare(row, by=user, has_conflict=False)
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == b"secret source"
    assert "attachment" in answer["Content-Disposition"]
    assert client.get(address.replace("solution.py", "other.py")).status_code == 404
    rubrics.declare(other, by=user, has_conflict=True, reason="친척")
    aside = reverse("trials:sheet_file", args=[demand.name, other.pk, "solution.py"])
    assert client.get(aside).status_code == 404
    enter(client, second)
    assert client.get(address).status_code == 404


def test_the_panels_scores_are_hidden_from_all_until_the_last_is_signed(client: Client) -> None:
    demand, rows, (first, second) = judged()
    for row in rows:
        signed(row, first, {**GOOD, "care": {"level": 3, "remark": "a-telling-remark"}})
    address = reverse("trials:rubric", args=[demand.name])

    for reader in (second, demand.posted_by, somebody("company")):
        told = enter(client, reader).get(address).content.decode()
        assert "a-telling-remark" not in told
        assert "크리펜도르프" not in told
    for row in rows:
        signed(row, second, POOR)
    owners = enter(client, demand.posted_by).get(address).content.decode()
    others = enter(client, second).get(address).content.decode()

    assert "크리펜도르프" in owners
    assert "크리펜도르프" not in others


def test_points_are_weighted_and_taken_together_as_declared() -> None:
    demand, (row, _), (first, second) = judged()
    signed(row, first, GOOD)
    signed(row, second, POOR)

    panel = rubrics.panel(demand)
    assert panel is not None
    standing = panel.standings()[0]

    # fit: levels 3 and 1, median 2 → 50 points of weight 2; care: 2 and 1, median 1.5 → 25 of 1.
    assert standing.points == pytest.approx((2 * 50 + 25) / 3)
    assert standing.highest == pytest.approx((2 * 100 + 50) / 3)
    assert standing.lowest == 0


@pytest.mark.bwrap
def test_what_was_measured_is_seen_after_signing_and_stands_beside_in_the_end(
    client: Client,
) -> None:
    demand = solved.opened(rubric=solved.RUBRIC)
    solved.hand_in(demand)
    solved.hand_in(demand, solved.SIGN, name="sign")
    demands.worked(demand)
    officer, panel = solved.owner(demand), [somebody("evaluator") for _ in range(2)]
    for each in panel:
        rubrics.invite(demand, each.email, by=officer)
    demand = solved.compared(demand)
    address = reverse("trials:decision", args=[demand.name])
    rows = rubrics.judged(demand)

    assert enter(client, panel[0]).get(address).status_code == 404
    with clock.stopped_at(solved.after_closing(demand)), pytest.raises(RubricError):
        decisions.announce(demand, by=officer)
    signed(rows[0], panel[0], GOOD if rows[0].name == "line" else POOR)
    assert enter(client, panel[0]).get(address).status_code == 404
    signed(rows[1], panel[0], GOOD if rows[1].name == "line" else POOR)
    assert enter(client, panel[0]).get(address).status_code == 200
    assert enter(client, panel[1]).get(address).status_code == 404
    for row in rows:
        signed(row, panel[1], GOOD if row.name == "line" else POOR)
    solved.announced(demand)
    client.logout()
    told = client.get(address).content.decode()

    assert "평가위원의 평가" in told
    # fit 3 → 100 (weight 2), care 2 → 50 (weight 1): (200 + 50) / 3.
    assert "83.3" in told
    measured = Decision.objects.get().comparison["primary"]["scores"]["line"]["estimate"]
    assert f"{measured:.3f}" in told
    assert home_of(officer) == demand.ministry
    report = client.get(reverse("trials:report", args=[demand.name, "json"]))
    kept = json.loads(b"".join(report.streaming_content))["panel"]
    points = {each["team"]: each["points"] for each in kept["rows"]}
    assert sorted(points.values()) == [0, pytest.approx(250 / 3)]
