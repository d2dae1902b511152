"""What is shown before is what is signed; harm is confirmed by its number, or nothing happens."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.portal.models import LogEntry
from madang.rpki.engine.authority.intents import Changes, Intents
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.blocks import read_resources
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.web.models import Draft
from madang.rpki.web.services import authority, drafts, members, world
from tests.portal.people import enter, somebody
from tests.rpki.web import country as land

pytestmark = pytest.mark.django_db

HOME = "/rpki/members/carrier/"
DRAFT, PREVIEW = f"{HOME}draft", f"{HOME}draft/preview"


def drafted(client: Client, prefix: str = "192.0.2.0/24", asn: str = "AS64496") -> None:
    """Put a ROA into the draft by the page's form."""
    sent = {"act": "roa", "prefix": prefix, "longest": "", "asn": asn}
    assert client.post(DRAFT, sent).status_code == 302


def mark(client: Client) -> str:
    """What the preview names as seen."""
    page = client.get(PREVIEW).content.decode()
    found = re.search(r'name="mark" value="(\w+)"', page)
    assert found
    return found[1]


def test_a_draft_signs_nothing() -> None:
    found = land.country()
    drafted(enter(Client(), found.person))

    assert land.wanted(found) == []
    assert world.meta()["vrps"] == 0


def test_the_preview_names_each_route_that_turns_and_each_file() -> None:
    found = land.country()
    client = enter(Client(), found.person)
    drafted(client)
    page = client.get(PREVIEW).content.decode()

    assert "192.0.2.0/24 AS64496: 미확인 → 유효" in page
    assert "192.0.2.128/25 AS64666: 미확인 → 무효" in page
    assert "as64496-c0000200-24-24.roa" in page


def test_harm_is_not_done_unless_its_number_is_typed() -> None:
    found = land.country()
    client = enter(Client(), found.person)
    drafted(client)
    seen = mark(client)
    for typed in ("", "0", "x"):
        answer = client.post(PREVIEW, {"mark": seen, "confirmed": typed})
        assert answer.status_code == 409
        assert "무효가 되는 경로 1개" in answer.content.decode()
        assert land.wanted(found) == []
    done = client.post(PREVIEW, {"mark": mark(client), "confirmed": "1"})

    assert done.status_code == 302
    assert land.wanted(found) == [land.ROA]


def test_what_was_signed_is_believed_at_once_and_stands_in_the_log() -> None:
    found = land.country()
    land.sign(found, land.ROA)

    assert world.meta()["vrps"] == 1
    assert Draft.objects.count() == 0
    assert LogEntry.objects.filter(subject="rpki/member/carrier").count() == 2


def test_a_change_since_the_preview_is_refused() -> None:
    found = land.country()
    client = enter(Client(), found.person)
    drafted(client)
    seen = mark(client)
    drafted(client, "192.0.2.0/25")
    answer = client.post(PREVIEW, {"mark": seen, "confirmed": "9"})

    assert answer.status_code == 409
    assert "확인한 뒤에 바뀐 상황" in answer.content.decode()
    assert land.wanted(found) == []


def test_routes_that_came_since_the_preview_are_shown_first() -> None:
    found = land.country()
    client = enter(Client(), found.person)
    drafted(client)
    seen = mark(client)
    land.seen(land.ROUTES + "192.0.2.64/26,64667\n")

    assert client.post(PREVIEW, {"mark": seen, "confirmed": "1"}).status_code == 409
    assert "192.0.2.64/26 AS64667" in client.get(PREVIEW).content.decode()


def test_what_others_have_authorised_counts_too() -> None:
    found = land.country()
    other = Vrp(*read_prefix("192.0.2.0/24"), 25, 64666)
    with members.acting() as registry:
        change = Changes(Intents(frozenset({other})))
        registry.commit(registry.plan(authority.ANCHOR, change), by="test")
    row = drafts.change(found.member, by=found.person, add=[land.ROA])

    assert drafts.seen(found.member, row).harm == 0
    assert world.near(read_resources("192.0.2.192/26")) == {other}
    assert world.near(read_resources("198.51.100.0/24")) == set()


def test_withdrawing_shows_what_turns_unknown_and_takes_it_from_the_feed() -> None:
    found = land.country()
    land.sign(found, land.ROA)
    client = enter(Client(), found.person)
    client.post(DRAFT, {"act": "remove", "line": '["roa", "192.0.2.0/24", 24, 64496]'})

    assert "192.0.2.0/24 AS64496: 유효 → 미확인" in client.get(PREVIEW).content.decode()
    assert client.post(PREVIEW, {"mark": mark(client)}).status_code == 302
    assert world.meta()["vrps"] == 0


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"prefix": "198.51.100.0/24", "asn": "64500"}, "보유하지 않은 198.51.100.0/24"),
        ({"prefix": "192.0.2.1/24", "asn": "64500"}, "192.0.2.1/24"),
        ({"prefix": "192.0.2.0/24", "asn": "AS-1"}, "AS-1"),
        ({"prefix": "192.0.2.0/24", "asn": "1", "longest": "33"}, "24부터 32까지의 수"),
    ],
)
def test_what_cannot_be_authorised_is_refused_with_its_reason(
    sent: dict[str, str], said: str
) -> None:
    found = land.country()
    client = enter(Client(), found.person)
    answer = client.post(DRAFT, {"act": "roa", "longest": "", **sent})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert drafts.draft(found.member) is None


def test_an_aspa_is_drafted_and_signed() -> None:
    found = land.country()
    client = enter(Client(), found.person)
    sent = {"act": "aspa", "aspa-customer": "AS64496", "aspa-providers": "64510 AS64500"}

    assert client.post(DRAFT, sent).status_code == 302
    assert client.post(PREVIEW, {"mark": mark(client), "confirmed": "0"}).status_code == 302
    assert land.wanted(found) == [["aspa", 64496, [64500, 64510]]]
    assert world.meta()["aspas"] == 1


def sent_file(client: Client, text: str) -> str:
    """Hand a file in; the page that answers."""
    file = SimpleUploadedFile("roas.csv", text.encode())
    return client.post(f"{HOME}bulk", {"table": file}, follow=True).content.decode()


def test_a_file_takes_the_place_of_all_of_its_kind_once_confirmed() -> None:
    found = land.country()
    land.sign(found, land.ROA)
    client = enter(Client(), found.person)
    page = sent_file(client, "ASN,IP Prefix,Max Length\nAS64497,192.0.2.0/24,\n")

    assert "추가: 192.0.2.0/24 · 최대 /24 · AS64497" in page
    assert "철회: 192.0.2.0/24 · 최대 /24 · AS64496" in page
    assert land.wanted(found) == [land.ROA]


def test_one_bad_line_and_nothing_of_a_file_is_taken() -> None:
    found = land.country()
    page = sent_file(
        enter(Client(), found.person),
        "ASN,IP Prefix,Max Length\nAS64496,192.0.2.0/24,\n"
        "AS64496,192.0.2.0/33,\nASx,192.0.2.0/24,\n",
    )

    assert "3행" in page
    assert "4행" in page
    assert drafts.draft(found.member) is None


def test_what_goes_out_as_a_file_comes_in_as_no_change() -> None:
    found = land.country()
    land.sign(found, land.ROA)
    client = enter(Client(), found.person)
    text = client.get(f"{HOME}roas.csv").content.decode()

    assert text == "ASN,IP Prefix,Max Length\nAS64496,192.0.2.0/24,24\n"
    assert "파일이 지금의 인가와 같습니다." in sent_file(client, text)


def test_only_who_may_publish_for_the_member_changes_anything() -> None:
    found = land.country()
    drafted(enter(Client(), found.person))
    for other in (somebody("company"), found.operator):
        client = enter(Client(), other)
        assert client.get(DRAFT).status_code == 404
        assert client.post(PREVIEW, {"mark": "", "confirmed": "9"}).status_code == 404
    assert land.wanted(found) == []
