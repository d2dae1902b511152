"""Provisioning messages of others are understood, and ours are read back (RFC 6492)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from madang.kernel import clock
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange import envelope, request, updown
from madang.rpki.engine.exchange.identity import read_identity
from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.resources.blocks import Resources, read_resources
from tests.rpki.engine.exchange import messages

HELD = read_resources("10.0.0.0/8, 192.0.2.0-192.0.2.5, 2001:db8::/32, AS64496-AS64500, AS7")
ENTITLED = updown.EntitledClass(
    "0", "rsync://localhost/a.cer", HELD, 1_800_000_000,
    (updown.Certified("rsync://localhost/b.cer", b"certificate"),), b"issuer",
)  # fmt: skip
PLACE = Place("rsync://localhost/r/", "rsync://localhost/r/a.mft", "https://localhost/n.xml")


@pytest.mark.parametrize(
    "body",
    [
        updown.ListQuery(),
        updown.ListReply((ENTITLED, ENTITLED._replace(name="1", certified=()))),
        updown.IssueQuery("0", b"request"),
        updown.IssueQuery("0", b"request", read_resources("10.0.0.0/8")),
        updown.IssueReply(ENTITLED),
        updown.RevokeQuery("0", bytes(range(20))),
        updown.RevokeReply("0", bytes(range(235, 255))),
        updown.ErrorReply(1201, "no such class"),
    ],
)
def test_what_is_written_is_read_again(body: updown.Body) -> None:
    message = updown.Message("child", "parent", body)

    assert updown.read(updown.write(message)) == message


@pytest.mark.shared
def test_messages_of_others_are_understood() -> None:
    def opened(name: str, identity: str, at: str) -> updown.Message:
        with clock.stopped_at(datetime.fromisoformat(at).replace(tzinfo=UTC)):
            sender = read_identity(messages.stored()[f"identity/{identity}"])
            signed = messages.stored()[f"up-down/{name}"]
            return updown.read(envelope.open_envelope(signed, sender).content)

    listed = opened("krill_apnic-list-response.der", "krill_apnic-id.der", "2019-08-01")
    revoked = opened("krill_ncc-response.ber", "krill_ncc-id.der", "2019-10-03T11:00:00")
    asked = opened("krill_pdu_200.der", "krill_cms_ta.cer", "2011-07-01T05:00:00")

    # As `openssl cms -verify` shows these messages.
    assert (listed.sender, listed.recipient) == ("APNIC-AP", "child2")
    assert listed.body.classes[0].name == "IANA_9EE7"
    assert listed.body.classes[0].resources == read_resources("10.0.0.0/24")
    assert listed.body.classes[0].not_after == datetime(2030, 1, 1, tzinfo=UTC).timestamp()
    assert revoked.body.class_name == "DEFAULT"
    assert isinstance(asked.body, updown.IssueQuery)
    assert (asked.sender, asked.recipient, asked.body.class_name) == ("Carol", "Bob", "2")
    wanted = request.read(asked.body.request)
    assert wanted.place.repository.startswith("rsync://localhost:4404/rpki/Alice/Bob/Carol/")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version="1"', 'version="2"'),
        ('type="list_response"', 'type="gift"'),
        ('resource_set_ipv4="10', 'resource_set_ipv4="x'),
        ('resource_set_as="', 'resource_set_as="-1,'),
        ("T08:00:00Z", "yesterday"),
        ('cert_url="rsync', 'cert_url="https'),
        ("<issuer>", "<issuer>!"),
        ("issuer>", "other>"),
    ],
)
def test_a_spoilt_message_is_refused(old: str, new: str) -> None:
    text = updown.write(updown.Message("a", "b", updown.ListReply((ENTITLED,)))).decode()
    assert old in text

    with pytest.raises(ExchangeRefused):
        updown.read(text.replace(old, new).encode())


@pytest.mark.parametrize(
    "body",
    ['<key class_name="0" ski="AAAA"/>', '<key class_name="0" ski="가"/>', "", "<key/><key/>"],
)
def test_a_key_has_an_identifier_of_20_bytes(body: str) -> None:
    text = (
        f'<message xmlns="{updown.NAMESPACE}" version="1" sender="a" recipient="b"'
        f' type="revoke">{body}</message>'
    )

    with pytest.raises(ExchangeRefused):
        updown.read(text.encode())


def test_a_request_is_signed_with_its_own_key_and_says_where_files_will_stand() -> None:
    made = request.write(messages.key("child"), PLACE)

    found = request.read(made)

    assert found == request.CertificateRequest(messages.key("child").public_key_der(), PLACE)
    for at in (10, 100, 400, len(made) - 5):
        with pytest.raises(ExchangeRefused):
            request.read(made[:at] + bytes((made[at] ^ 1,)) + made[at + 1 :])


@pytest.mark.parametrize(
    "place",
    [
        Place("https://localhost/r/", PLACE.manifest),
        Place(PLACE.repository, "file:///etc/passwd"),
        Place(PLACE.repository, PLACE.manifest, "http://localhost/n.xml"),
        Place("rsync://localhost/\n/", PLACE.manifest),
    ],
)
def test_a_request_with_other_addresses_is_refused(place: Place) -> None:
    with pytest.raises(ExchangeRefused):
        request.read(request.write(messages.key("child"), place))


def test_resources_stand_apart_by_kind() -> None:
    from madang.rpki.engine.exchange import numbers

    found = numbers.attributes(HELD)

    assert found["resource_set_as"] == "7,64496-64500"
    assert found["resource_set_ipv4"] == "10.0.0.0/8,192.0.2.0/30,192.0.2.4/31"
    assert numbers.read(found) == HELD
    # What stands under another kind is not taken for it.
    assert numbers.read({"resource_set_ipv4": "2001:db8::/32"}) == Resources()
