"""Outside the trials' own pages: the tile, the search, what waits for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.portal import frame
from madang.portal.access import NOBODY, Access
from madang.trials.web import menu
from madang.trials.web.models import Question
from madang.trials.web.services import companies
from tests.portal.people import home_of, organisation, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def waiting(access: Access) -> list[str]:
    return [each.url for each in menu.of_owners(access)]


def test_the_tile_counts_open_demands_and_adopted_solutions(client: Client) -> None:
    for state in ("draft", "posted", "open", "evaluating", "adopting", "live"):
        demands.row(state)
    tile = menu.home()

    assert tile.figure == "2"
    assert "2건" in tile.sentence.ko
    assert client.get("/").status_code == 200


def test_a_search_finds_what_its_reader_may_know_of() -> None:
    owner = somebody("agency")
    sought = {"sought": "심장 예후 heart"}
    posted = demands.row("open", title_ko="공고한 수요", **sought)
    draft = demands.row("draft", agency=home_of(owner), title_ko="쓰고 있는 수요", **sought)
    company = organisation("company")
    companies.change(company, by=somebody("company", company), keywords="심장", is_public=True)

    def found(access: Access) -> set[str]:
        return {str(each.url) for each in menu.search("심장", access)}

    public = {posted.get_absolute_url(), f"/trials/companies/{company.slug}"}
    assert found(NOBODY) == public
    assert found(Access(somebody("agency"))) == public
    assert found(Access(owner)) == {*public, draft.get_absolute_url()}
    assert menu.search("심장 없는말", NOBODY) == []


def test_what_waits_for_an_owner_is_what_only_an_owner_can_do() -> None:
    owner = somebody("agency")
    home = home_of(owner)
    draft = demands.row("draft", agency=home)
    sealed = demands.row("sealed", agency=home)
    quiet, asked = demands.row("open", agency=home), demands.row("open", agency=home)
    demands.row("open")
    for text in ("하나", "둘"):
        Question.objects.create(demand=asked, organisation=organisation("company"), text=text)

    assert set(waiting(Access(owner))) == {
        f"{draft.get_absolute_url()}/edit",
        f"{sealed.get_absolute_url()}/post",
        f"{asked.get_absolute_url()}/questions",
    }
    assert quiet.state == "open"
    reasons = [str(each.reason.ko) for each in menu.of_owners(Access(owner))]
    assert "답을 기다리는 질문이 2건 있습니다." in reasons
    assert waiting(Access(somebody("agency"))) == []
    assert waiting(Access(somebody("company"))) == []
    assert waiting(NOBODY) == []


def test_an_answered_question_waits_no_longer() -> None:
    from madang.trials.web.services import questions

    owner = somebody("agency")
    demand = demands.row("open", agency=home_of(owner))
    row = Question.objects.create(demand=demand, organisation=organisation("company"), text="?")
    assert waiting(Access(owner))

    questions.answer(row, by=owner, text="답")
    assert waiting(Access(owner)) == []


def test_the_house_asks_the_trials() -> None:
    owner = somebody("agency")
    demands.row("sealed", agency=home_of(owner))

    assert [str(each.act) for each in frame.worklist(Access(owner))] == ["Post"]
