"""The board: baselines always there, the ladder explained, quick however many teams there are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from madang.kernel.words import speaking
from madang.trials.web.models import BoardRow, Demand, Submission, Team
from madang.trials.web.services import boards
from tests.portal.people import enter, organisation, somebody
from tests.trials.web import demands, solved

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)

METRICS = [
    {"name": "mae", "ko": "평균 절대오차", "en": "Mean absolute error", "direction": "lower"}
    | {"unit": "m", "decimals": 6}
]
BASELINES = {
    "median": {"ko": "중앙값", "en": "Median", "shown": 4.0},
    "mean": {"ko": "평균", "en": "Mean", "shown": 4.5},
}


def with_teams(count: int, *, direction: str = "lower") -> Demand:
    """An open demand with so many teams on its board, from 1.000 in steps of 0.001."""
    metrics = [METRICS[0] | {"direction": direction}]
    demand = demands.row(
        metric="mae",
        baselines=BASELINES,
        bits=7.25,
        digest="d" * 64,
        plain={"decision": {"metric": "mae", "baseline": "median", "rule": "superiority"}},
        registration={"metrics": metrics, "sizes": {"board": 20}, "commitments": {"sealed": "c"}},
    )
    company, by = organisation(), somebody("company")
    homes = [organisation() for _ in range(count)] if count < 20 else [company] * count
    teams = [
        Team(demand=demand, lead_id=_own(demand, home, number), name=f"team {number:04d}")
        for number, home in enumerate(homes)
    ]
    Team.objects.bulk_create(teams)
    rows = [
        Submission(
            **{"id": f"submission-{demand.pk}-{n}", "demand": demand, "team": team, "by": by},
            **{"company": company, "name": f"s{n}", "title_ko": f"해법 {n}", "tier": "python"},
            **{"title_en": f"Solution {n}", "digest": "0" * 64, "run": f"run-{demand.pk}-{n}"},
            state="done",
        )
        for n, team in enumerate(teams)
    ]
    Submission.objects.bulk_create(rows)
    BoardRow.objects.bulk_create(
        BoardRow(
            **{"demand": demand, "team": row.team, "submission": row, "releases": 2},
            **{"shown": 1 + n / 1000, "low": 0.9 + n / 1000, "high": 1.1 + n / 1000},
        )
        for n, row in enumerate(rows)
    )
    return demand


def _own(demand: Demand, home: Any, number: int) -> int:
    """A company leads one team of a demand."""
    from madang.portal.models import Organisation

    if number == 0 or home.slug.startswith("lead-"):
        return int(home.pk)
    made = Organisation.objects.create(
        slug=f"lead-{demand.pk}-{number}", name_ko="가", name_en="A", kind="company"
    )
    return int(made.pk)


def page(client: Client, demand: Demand, query: str = "", **headers: str) -> str:
    """The board as text."""
    answer = client.get(reverse("trials:board", args=[demand.name]) + query, headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_baselines_stand_on_every_page_of_the_board(client: Client) -> None:
    demand = with_teams(60)
    for query in ("", "?page=2"):
        told = page(client, demand, query)

        assert "중앙값" in told
        assert "4.000 m" in told
    assert "team 0000" in page(client, demand)
    assert "team 0059" in page(client, demand, "?page=2")
    assert "team 0000" not in page(client, demand, "?page=2").split("<table", 1)[1]


def test_a_board_without_a_score_says_what_will_stand_there(client: Client) -> None:
    told = page(client, with_teams(0))

    assert "중앙값" in told
    assert "뚜렷이 나은 점수가 나오면" in told


def test_the_best_stands_first_whichever_way_is_better(client: Client) -> None:
    lower, higher = with_teams(3), with_teams(3, direction="higher")

    assert [row.shown for row in boards.ranked(lower)] == [1.0, 1.001, 1.002]
    assert [row.shown for row in boards.ranked(higher)] == [1.002, 1.001, 1.0]
    assert [row.title.en for row in boards.baselines(lower)] == ["Median", "Mean"]
    assert [row.title.en for row in boards.baselines(higher)] == ["Mean", "Median"]


def test_what_has_left_the_seal_is_shown_of_its_budget(client: Client) -> None:
    demand = with_teams(1)
    # 20 cases on the board part: a budget of 20 bits, of which 7.25 (shown 7.2) were used.
    told = page(client, demand)

    assert "7.2 / 20비트" in told
    assert "남은 예산 12.8비트" in told
    Demand.objects.filter(pk=demand.pk).update(bits=21)
    assert "예산을 다 썼습니다" in page(client, demand)


def test_the_page_draws_nothing_and_the_picture_is_asked_for_apart(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand = with_teams(3)
    with monkeypatch.context() as patched:

        def drawn(*_: object, **__: object) -> str:
            raise AssertionError("a page drew a picture")

        patched.setattr("madang.kernel.report.drawing._drawn", drawn)
        first = page(client, demand)
    apart = page(client, demand, "?picture=1", **{"HX-Request": "true"})
    kept = page(client, demand)

    assert 'hx-trigger="load"' in first
    assert "<svg" not in first
    assert apart.count("<svg") == 2
    assert "<html" not in apart
    assert kept.count("<svg") == 2
    assert "team 0002" in apart


def test_a_picture_of_other_numbers_is_never_shown(client: Client) -> None:
    demand = with_teams(2)
    boards.draw(demand)
    assert "<svg" in page(client, demand)

    BoardRow.objects.filter(team__name="team 0001").update(shown=0.5)

    assert "<svg" not in page(client, demand)
    boards.draw(demand)
    assert "0.500" in page(client, demand)
    with speaking("en"):
        picture = boards.board_picture(demand)
        assert picture is not None and picture.is_kept


def test_the_board_asks_the_database_the_same_however_many_teams(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    few, many = with_teams(3), with_teams(1000)
    boards.draw(few)
    boards.draw(many)
    page(client, few)

    with django_assert_max_num_queries(12) as asked_few:
        page(client, few)
    with django_assert_max_num_queries(12) as asked_many:
        told = page(client, many)

    assert len(asked_few) == len(asked_many)
    assert "1,000" in told
    assert len(told) < 300_000


def test_the_board_is_public_as_a_page_and_as_a_file(client: Client) -> None:
    demand = with_teams(2)
    address = reverse("trials:board", args=[demand.name])

    told = client.get(address + "?format=json").json()
    lines = b"".join(client.get(address + "?format=csv").streaming_content).decode("utf-8-sig")

    assert told["bits"] == 7.25
    assert [each["team"] for each in told["board"]] == ["team 0000", "team 0001", "중앙값", "평균"]
    assert lines.splitlines()[1].startswith("1,team 0000,해법 0,1.0,0.9,1.1,2")
    for state in ("draft", "sealed", "posted"):
        hidden = demands.row(state)
        enter(client, somebody("company"))
        assert client.get(reverse("trials:board", args=[hidden.name])).status_code == 404


def test_names_that_firms_choose_stay_text(client: Client) -> None:
    demand = with_teams(1)
    Team.objects.filter(demand=demand).update(name="<script>alert(1)</script>")
    boards.draw(demand)

    told = page(client, demand)

    assert "<svg" in told
    assert "<script>alert(1)" not in told


@pytest.mark.bwrap
def test_the_worker_draws_the_board_before_anybody_asks(client: Client) -> None:
    demand = solved.opened()
    solved.hand_in(demand)
    demands.worked(demand)

    told = page(client, demand)

    assert "<svg" in told
    assert json.loads(json.dumps(boards.clearly_better(demand))) == [1, 1]


ORDERS = [("lower", 2.0, 3.0), ("higher", 3.0, 2.0)]


@pytest.mark.parametrize(("direction", "better", "worse"), ORDERS)
def test_releases_settled_in_another_order_leave_the_better_one(
    direction: str, better: float, worse: float
) -> None:
    demand = with_teams(1, direction=direction)
    BoardRow.objects.all().delete()
    first = Submission.objects.get()
    second = Submission.objects.create(
        **{"id": "s-second", "demand": demand, "team": first.team, "company": first.company},
        **{"name": "second", "tier": "python", "digest": "0" * 64, "run": "r-second"},
        state="done",
    )
    for row, shown in ((second, better), (first, worse)):
        interval = [shown - 0.5, shown + 0.5]
        row.release = {"improved": True, "shown": shown, "interval": interval, "bits": 1.0}
        row.save()
        boards.released(demand, row)

    board = BoardRow.objects.get()
    assert (board.submission, board.shown, board.low) == (second, better, better - 0.5)
    assert board.releases == 2


@pytest.mark.parametrize(("direction", "expected"), [("lower", (3, 1)), ("higher", (3, 1))])
def test_only_intervals_on_the_better_side_of_the_baseline_count(
    direction: str, expected: tuple[int, int]
) -> None:
    demand = with_teams(3, direction=direction)  # the rule's baseline stands at 4.0
    limits = [(3.0, 3.9), (3.5, 4.5), (4.1, 5.0)]
    for row, (low, high) in zip(BoardRow.objects.order_by("pk"), limits, strict=True):
        BoardRow.objects.filter(pk=row.pk).update(shown=(low + high) / 2, low=low, high=high)

    assert boards.clearly_better(demand) == expected
