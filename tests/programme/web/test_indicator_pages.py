"""From a number to its statement, its proof and its file: who sees what, and what verifies."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from madang.kernel import clock, ids
from madang.kernel.evidence.verify import verify_file
from madang.portal.log import signing_key
from madang.programme.web.models import CountedStatement
from madang.programme.web.services import indicators
from tests.portal.people import enter, somebody
from tests.programme.web import shown_trial as trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from madang.kernel.words import Language

pytestmark = pytest.mark.django_db
SOLUTION = trial.FILES["solution.py"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
READERS = ["programme", "operator", "auditor"]
STRANGERS = ["", "company", "agency", "officer", "evaluator"]


def browser(role: str = "", lang: str = "ko") -> Client:
    client = Client(headers={"accept-language": lang})
    return enter(client, somebody(role)) if role else client


def page(role: str = "", name: str = "solutions-tried", lang: str = "ko") -> str:
    found = browser(role, lang).get(reverse("programme:indicator", args=[name]))
    assert found.status_code == 200
    return found.content.decode()


def proof(entry: int, role: str = "", counted: int | None = None) -> HttpResponse:
    address = reverse("programme:indicator-proof", args=["solutions-tried", entry])
    more = {} if counted is None else {"for": counted}
    return browser(role).get(address, more)


@pytest.fixture(autouse=True)
def _each_look_is_later() -> Iterator[None]:
    """What was looked at a moment ago is looked at again, as a minute later."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indicators, "SHARED_LOOK", timedelta(0))
        yield


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_indicator_has_a_page_and_stands_in_the_list(lang: Language) -> None:
    trial.tried()
    told = browser(lang=lang).get(reverse("programme:indicators")).content.decode()

    for line in indicators.of_lines().values():
        for each in line:
            assert each.url in told
            assert each.title.within(lang) in page(name=each.id, lang=lang)
    assert browser().get("/programme/indicators/moon/").status_code == 404


def test_the_list_is_there_as_files_and_a_room_not_built_has_no_number() -> None:
    trial.tried()
    indicators.look()
    address = reverse("programme:indicators")
    rows = browser().get(address, {"format": "json"})
    table = browser().get(address, {"format": "csv"})

    text = b"".join(rows.streaming_content) if rows.streaming else rows.content
    found = {each["indicator"]: each for each in json.loads(text)["indicators"]}
    assert found["solutions-tried"]["value"] == 1
    assert found["learners-certified"]["value"] is None
    assert found["learners-certified"]["state"] == "not_built"
    assert table.status_code == 200


def test_whoever_opens_the_page_sees_what_holds_now_without_a_worker() -> None:
    assert "아직 증거 없음" in page()
    place = trial.tried()
    assert "증명됨" in page()
    assert f"로그 {place}번 항목" in page()

    file = trial.place_of(SOLUTION)
    whole = file.read_bytes()
    file.write_bytes(b"x")
    told = page()

    assert "확인되지 않는 증거" in told
    assert "증명됨" not in told
    assert ids.digest(SOLUTION) in told
    assert ids.digest(b"x") in told
    file.write_bytes(whole)
    assert "증명됨" in page()


def test_what_a_look_for_one_page_finds_is_so_for_every_indicator_that_leans_on_it() -> None:
    trial.tried()
    indicators.look()
    trial.place_of(SOLUTION).unlink()
    page(name="prognosis-models")

    found = {each.id: each for line in indicators.of_lines().values() for each in line}
    assert found["prognosis-models"].state == "broken"
    assert found["solutions-tried"].state == "broken"


@pytest.mark.parametrize("role", STRANGERS)
def test_strangers_see_digests_and_numbers_but_nothing_of_the_firm(role: str) -> None:
    trial.tried()
    trial.place_of(SOLUTION).unlink()
    told = page(role)

    assert ids.digest(SOLUTION) in told
    assert "파일 1/2" in told
    assert "heart" in told
    for private in ("solution.py", "weights.bin", "새벽인공지능"):
        assert private not in told


@pytest.mark.parametrize("role", READERS)
def test_who_may_see_the_evidence_sees_the_full_name_of_what_does_not_hold(role: str) -> None:
    trial.tried()
    trial.place_of(SOLUTION).unlink()

    assert "&#x27;solution.py&#x27;" in page(role)
    assert "weights.bin" in page(role)


def test_a_demand_that_is_not_posted_is_not_named_to_anybody_by_this_page() -> None:
    trial.demand("secret-project", posted=False)
    trial.handed_in(to="secret-project")
    trial.run(to="secret-project")

    assert "secret-project" not in page()
    assert "비공개" in page()


@pytest.mark.parametrize("role", STRANGERS)
def test_strangers_have_proofs_of_what_is_public_alone(role: str) -> None:
    demand = trial.demand()
    submission, run = trial.handed_in(), trial.run()
    page()

    assert proof(demand, role, counted=run).status_code == 200
    assert proof(submission, role, counted=run).status_code == 404
    assert proof(run, role).status_code == 404

    trial.said("decision-confirmed", "demand/heart", of="agency")
    assert proof(submission, role, counted=run).status_code == 200
    assert proof(run, role).status_code == 200


@pytest.mark.parametrize("role", READERS)
def test_a_proof_verifies_offline_with_the_key_of_the_site_alone(role: str) -> None:
    demand = trial.demand()
    submission, run = trial.handed_in(), trial.run()
    page()

    for entry in (demand, submission, run):
        found = proof(entry, role, counted=run)

        assert found["Content-Disposition"] == f'attachment; filename="entry-{entry}.json"'
        assert verify_file(found.content, key=signing_key().verifier).ok
    assert f"madang evidence verify entry-{run}.json --key" in page(role)


def test_only_what_counts_for_an_indicator_is_given_out() -> None:
    demand = trial.demand()
    submission, failed = trial.handed_in(), trial.run(state="failed")
    other = trial.handed_in("s2", files={"a": b"a"})
    run = trial.run("s2")
    page()

    for entry, counted in (
        (failed, None),
        (submission, failed),
        (submission, run),
        (demand, None),
        (run + 999, None),
        (other, None),
    ):
        assert proof(entry, "auditor", counted).status_code == 404
    assert proof(other, "auditor", run).status_code == 200


@pytest.mark.parametrize("text", ["x", "-1", "", "9" * 40, "１"])
def test_an_odd_number_in_the_address_is_not_found(text: str) -> None:
    place = trial.tried()
    page()
    address = reverse("programme:indicator-proof", args=["solutions-tried", place])

    assert browser("auditor").get(address, {"for": text}).status_code == 404


def test_an_entry_that_does_not_prove_itself_tells_nothing() -> None:
    from madang.portal.models import LogEntry

    place = trial.tried()
    page()
    row = LogEntry.objects.get(index=place)
    row.content = bytes(row.content).replace(b"heart", b"lungs")
    row.save()
    told = page("auditor")

    assert f"증거 로그 {place}번 항목" in told
    assert "lungs" not in told
    assert proof(place, "auditor").status_code == 404


def test_a_file_is_not_read_again_for_everybody_who_opens_the_page() -> None:
    trial.tried()
    page()
    before = CountedStatement.objects.get(indicator="solutions-tried").looked_at
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indicators, "SHARED_LOOK", timedelta(seconds=5))
        page()
        same = CountedStatement.objects.get(indicator="solutions-tried").looked_at
        with clock.stopped_at(before + timedelta(seconds=6)):
            page()

    assert same == before
    assert CountedStatement.objects.get(indicator="solutions-tried").looked_at > before


def test_many_statements_stand_on_several_pages() -> None:
    trial.demand()
    for number in range(25):
        trial.handed_in(f"s{number}", files={"a": b"%d" % number})
        trial.run(f"s{number}")
    indicators.look()
    address = reverse("programme:indicator", args=["solutions-tried"])

    first = browser().get(address).content.decode()
    second = browser().get(address, {"page": 2}).content.decode()

    assert first.count('class="counted') == 20
    assert second.count('class="counted') == 5
    assert "25개" in first


def test_a_page_of_the_list_keeps_its_number_of_questions(
    django_assert_num_queries: object,
) -> None:
    trial.tried()
    indicators.look()
    client = browser()
    client.get(reverse("programme:indicators"))

    with django_assert_num_queries(1):  # type: ignore[operator]
        client.get(reverse("programme:indicators"))
