"""The page of a demand: open to all once posted, and to nobody else before."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.portal.people import enter, home_of, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


def test_anybody_reads_a_posted_demand_and_takes_its_open_sample(client: Client) -> None:
    demand = demands.posted()
    page = client.get(demand.get_absolute_url())
    file = client.get(f"{demand.get_absolute_url()}/data/open_inputs.csv")

    assert page.status_code == 200
    assert "직선 맞히기" in page.content.decode()
    table = pl.read_csv(io.BytesIO(b"".join(file.streaming_content)))
    assert table.columns == ["case", "x", "colour"]
    assert table.height == 70


@pytest.mark.parametrize("state", ["draft", "sealing", "sealed", "withdrawn"])
def test_what_was_never_posted_is_not_found_by_others(client: Client, state: str) -> None:
    demand = demands.row(state, posted=None)
    stranger = somebody("agency")

    assert client.get(demand.get_absolute_url()).status_code == 404
    enter(client, stranger)
    assert client.get(demand.get_absolute_url()).status_code == 404
    enter(client, somebody("agency", demand.agency))
    assert client.get(demand.get_absolute_url()).status_code == 200
    assert home_of(stranger) != demand.agency
