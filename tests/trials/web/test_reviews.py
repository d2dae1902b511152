"""A metric of the agency's own is written by one person and confirmed by another, or not used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from madang.kernel.errors import InputError
from madang.trials.engine.own_metric import OwnMetric
from madang.trials.web.forms.own_metric import EXAMPLE
from madang.trials.web.services import demands as acts
from madang.trials.web.services import reviews
from tests.portal.people import enter, home_of, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

    from madang.portal.models import User
    from madang.trials.web.models import Demand

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "late",
    "title_ko": "늦음",
    "title_en": "Lateness",
    "direction": "lower",
    "per": "case",
    "lowest": "0",
    "highest": "1000",
    "decimals": "3",
    "source": EXAMPLE,
}


@pytest.fixture
def writer() -> User:
    return somebody("agency")


@pytest.fixture
def demand(client: Client, writer: User) -> Demand:
    """A draft with a metric of its own, by forms."""
    draft = demands.draft(writer)
    enter(client, writer)
    answer = client.post(f"{draft.get_absolute_url()}/edit/metric", TYPED)
    assert answer.status_code == 302
    draft.refresh_from_db()
    return draft


def told(demand: Demand) -> list[str]:
    """What keeps the demand from being sealed because of its metric."""
    demand.refresh_from_db()
    return [each.en for each in reviews.hindrance(demand)]


def confirm(client: Client, demand: Demand) -> int:
    return client.post(f"{demand.get_absolute_url()}/edit/metric/review").status_code


def test_what_was_typed_is_the_metric_of_the_draft(demand: Demand) -> None:
    own = reviews.own_metric(demand)

    assert own is not None
    assert (own.name, own.lowest, own.highest, own.source) == ("late", 0, 1000, EXAMPLE)
    assert told(demand)


def test_its_writer_cannot_confirm_it(client: Client, demand: Demand) -> None:
    confirm(client, demand)

    assert told(demand)


def test_a_colleague_confirms_it_until_it_changes(
    client: Client, writer: User, demand: Demand
) -> None:
    colleague = somebody("agency", home_of(writer))
    enter(client, colleague)
    page = client.get(f"{demand.get_absolute_url()}/edit/metric").content.decode()
    assert "읽었고 확인합니다" in page
    confirm(client, demand)
    assert told(demand) == []
    own = reviews.own_metric(demand)
    assert own is not None
    assert own.reviewed_digest == own.digest

    changed = {**TYPED, "source": EXAMPLE.replace("3 *", "4 *")}
    enter(client, writer)
    client.post(f"{demand.get_absolute_url()}/edit/metric", changed)
    assert told(demand)


def test_a_stranger_confirms_nothing(client: Client, demand: Demand) -> None:
    enter(client, somebody("agency"))

    assert confirm(client, demand) == 404
    assert told(demand)


def test_a_review_that_the_text_itself_claims_counts_for_nothing(
    writer: User, demand: Demand
) -> None:
    own = reviews.own_metric(demand)
    assert own is not None
    claimed = {**demand.plain["own_metric"], "reviewed": {"by": "me", "digest": own.digest}}
    acts.change(demand, by=writer, plain={**demand.plain, "own_metric": claimed})

    assert told(demand)


def test_who_changes_a_source_becomes_its_writer(writer: User, demand: Demand) -> None:
    colleague = somebody("agency", home_of(writer))
    changed = {**demand.plain["own_metric"], "source": EXAMPLE + "\n# 4\n"}
    acts.change(demand, by=colleague, plain={**demand.plain, "own_metric": changed})
    demand.refresh_from_db()

    with pytest.raises(InputError):
        reviews.review(demand, by=colleague)
    reviews.review(demand, by=writer)
    assert told(demand) == []


def test_a_new_table_leaves_the_review_as_it_was(writer: User, demand: Demand) -> None:
    reviews.review(demand, by=somebody("agency", home_of(writer)))
    demands.with_table(demand)

    assert told(demand) == []


def test_an_emptied_metric_is_gone(client: Client, demand: Demand) -> None:
    client.post(f"{demand.get_absolute_url()}/edit/metric", {**TYPED, "name": "", "source": ""})

    assert told(demand) == []
    assert "own_metric" not in demand.plain


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Late-1"},
        {"decimals": "9"},
        {"direction": "sideways"},
        {"lowest": "nothing"},
        {"source": "x" * 20_001},
    ],
)
def test_what_is_no_metric_comes_back_as_typed(
    client: Client, demand: Demand, wrong: dict[str, Any]
) -> None:
    before = demand.text
    answer = client.post(f"{demand.get_absolute_url()}/edit/metric", {**TYPED, **wrong})
    demand.refresh_from_db()

    assert answer.status_code == 422
    assert demand.text == before


def test_a_dangerous_source_is_told_beside_it_and_never_run(
    client: Client, demand: Demand
) -> None:
    source = "import os\n\n\ndef metric(outcomes, answers):\n    return os.system('true')\n"
    client.post(f"{demand.get_absolute_url()}/edit/metric", {**TYPED, "source": source})
    page = client.get(f"{demand.get_absolute_url()}/edit/metric").content.decode()

    assert 'href="#id_source"' in page


def test_the_engine_reads_the_same_digest(demand: Demand) -> None:
    own = reviews.own_metric(demand)
    assert own is not None

    assert OwnMetric.from_plain(demand.plain["own_metric"]).digest == own.digest
