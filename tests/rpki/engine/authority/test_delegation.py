"""A parent certifies what its child may have, to the child alone, and says why it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.rpki.engine.authority.parentage import Parentage
from madang.rpki.engine.authority.planning import held
from madang.rpki.engine.authority.speaking import speaker
from madang.rpki.engine.errors import ExchangeRefused, ResourcesRefused, RpkiRefused, Unreachable
from madang.rpki.engine.exchange import publishing, request, updown
from madang.rpki.engine.exchange.envelope import close, open_envelope
from madang.rpki.engine.exchange.identity import read_identity
from madang.rpki.engine.exchange.setting_up import ChildRequest
from madang.rpki.engine.keys.signer import key_identifier
from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.objects.certificate import read_certificate
from madang.rpki.engine.publication.changes import FileChange, QueryRefused
from madang.rpki.engine.resources.blocks import read_resources
from tests.rpki.engine.authority.kin import UP, Kin
from tests.rpki.engine.exchange import messages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rpki.engine.authority.land import Land

HELD = read_resources("10.1.0.0/20, AS64496")
PLACE = Place("rsync://localhost/repo/kid/x/", "rsync://localhost/repo/kid/x/a.mft")
CLASS = "top-0"
"""The name of member one's class, by its parent's."""


@pytest.fixture
def kin(land: Land, tmp_path: Path) -> Kin:
    land.found()
    return Kin(land, tmp_path, resources=HELD)


def asked(kin: Kin, body: updown.Body, *, sender: str = "kid", recipient: str = "one"):
    """The parent's answer to a message of the child."""
    own = speaker(kin.registry, "kid", by="kid")
    sent = close(updown.write(updown.Message(sender, recipient, body)), own)
    parent = speaker(kin.land.registry, "one", by="op")
    answer = kin.delegation.answer("one", "kid", message=sent)
    opened = open_envelope(answer, read_identity(parent.certificate))
    found = updown.read(opened.content)
    assert (found.sender, found.recipient) == ("one", "kid")
    return found.body


def issue(key, place: Place = PLACE, limit=None, class_name: str = CLASS) -> updown.IssueQuery:
    return updown.IssueQuery(class_name, request.write(key, place), limit)


def test_a_child_learns_its_entitlement_and_is_certified_for_it(kin: Kin) -> None:
    listed = asked(kin, updown.ListQuery())
    assert [each.name for each in listed.classes] == [CLASS]
    assert listed.classes[0].resources == HELD
    assert listed.classes[0].certified == ()

    key = messages.key("kid 1")
    issued = asked(kin, issue(key)).entitled

    found = read_certificate(issued.certified[0].certificate)
    issuer = read_certificate(issued.issuer)
    assert found.key == key.public_key_der()
    assert (found.v4, found.asn) == (HELD.v4, HELD.asn)
    assert (found.repository, found.manifest) == PLACE[:2]
    assert found.aki == issuer.ski
    assert issued.certified[0].uri.endswith(f"/{found.ski.hex().upper()}.cer")
    assert asked(kin, updown.ListQuery()).classes[0].certified == issued.certified


def test_a_child_may_want_less_but_gets_no_more(kin: Kin) -> None:
    limit = read_resources("10.1.0.0/24, 10.9.0.0/16")

    issued = asked(kin, issue(messages.key("kid 1"), limit=limit)).entitled

    found = read_certificate(issued.certified[0].certificate)
    assert found.v4 == read_resources("10.1.0.0/24").v4
    assert found.asn is None


def test_a_revoked_key_is_gone_from_the_world(kin: Kin) -> None:
    key = messages.key("kid 1")
    issued = asked(kin, issue(key)).entitled.certified[0]
    assert issued.uri in kin.land.catalogue.digests()

    identifier = key_identifier(key.public_key_der())
    reply = asked(kin, updown.RevokeQuery(CLASS, identifier))

    assert reply == updown.RevokeReply(CLASS, identifier)
    assert issued.uri not in kin.land.catalogue.digests()
    assert asked(kin, updown.RevokeQuery(CLASS, identifier)).status == 1302  # RFC 6492, 3.6


def test_what_cannot_be_done_has_its_number(kin: Kin) -> None:
    key = messages.key("kid 1")
    used = kin.land.keys.signer("2")
    spoilt = updown.IssueQuery(CLASS, request.write(key, PLACE)[:-1] + b"x")

    # RFC 6492, section 3.6.
    assert asked(kin, issue(key, class_name="9")).status == 1201
    assert asked(kin, spoilt).status == 1203
    assert asked(kin, issue(used)).status == 1204
    assert asked(kin, updown.RevokeQuery("9", bytes(20))).status == 1301
    assert asked(kin, updown.RevokeQuery(CLASS, bytes(20))).status == 1302
    assert asked(kin, updown.ListReply(())).status == 2001
    assert asked(kin, updown.ListQuery(), sender="another").status == 2001
    assert asked(kin, updown.ListQuery(), recipient="top").status == 2001
    kin.land.registry.set_resources("one", "kid", resources=read_resources(""), by="op")
    assert asked(kin, issue(key)).status == 1202
    assert asked(kin, updown.ListQuery()).classes == ()


def test_a_child_cannot_flood_its_parent_with_keys(kin: Kin) -> None:
    for number in range(16):
        assert isinstance(asked(kin, issue(messages.key(f"kid {number}"))), updown.IssueReply)

    assert asked(kin, issue(messages.key("kid 16"))).status == 1101
    assert isinstance(asked(kin, issue(messages.key("kid 3"))), updown.IssueReply)


def test_who_is_not_the_child_gets_no_answer(kin: Kin) -> None:
    sent = close(
        updown.write(updown.Message("kid", "one", updown.ListQuery())),
        messages.speaker("stranger"),
    )

    with pytest.raises(ExchangeRefused):
        kin.delegation.answer("one", "kid", message=sent)
    with pytest.raises(RpkiRefused):
        kin.delegation.answer("one", "nobody", message=sent)
    with pytest.raises(RpkiRefused):
        kin.delegation.answer("one", "two", message=sent)  # a member has no identity


def test_a_message_that_was_overtaken_is_not_answered(kin: Kin) -> None:
    own = speaker(kin.registry, "kid", by="kid")
    with clock.stopped_at(clock.now() - timedelta(minutes=2)):
        old = close(updown.write(updown.Message("kid", "one", updown.ListQuery())), own)
    asked(kin, updown.ListQuery())

    with pytest.raises(ExchangeRefused):
        kin.delegation.answer("one", "kid", message=old)


def test_a_child_is_admitted_once_and_within_what_the_parent_holds(kin: Kin) -> None:
    wanted = ChildRequest("kid", messages.speaker("other").certificate)

    with pytest.raises(RpkiRefused):
        kin.delegation.admit("one", wanted, resources=read_resources("10.1.32.0/24"), by="op")
    with pytest.raises(ResourcesRefused):
        kin.delegation.admit(
            "one", wanted._replace(child="kin"), resources=read_resources("10.1.1.0/24"), by="op"
        )


def test_a_lost_resource_is_kept_for_the_time_of_grace_alone(kin: Kin) -> None:
    kin.parentage.refresh("kid", by="kid")
    less = read_resources("10.1.0.0/21, AS64496")

    def certified() -> object:
        listed = asked(kin, updown.ListQuery()).classes[0]
        assert listed.resources == less
        return read_certificate(listed.certified[0].certificate).v4

    kin.land.registry.set_resources("one", "kid", resources=less, by="op")
    assert certified() == HELD.v4
    with clock.stopped_at(clock.now() + timedelta(hours=25)):
        kin.land.registry.renew(by="clock")
        assert certified() == less.v4


def test_a_publisher_elsewhere_is_told_why_it_is_refused(kin: Kin) -> None:
    publisher = kin.registry.publishers[""]

    with pytest.raises(QueryRefused) as refused:
        publisher.apply([FileChange("rsync://localhost/repo/ca/one/a.roa", b"x")])
    assert refused.value.code == "permission_failure"
    assert publisher.listed() == {}
    publisher.apply([FileChange("rsync://localhost/repo/kid/a.roa", b"x")])
    assert list(publisher.listed()) == ["rsync://localhost/repo/kid/a.roa"]


def test_a_message_that_is_no_query_is_answered_as_such_and_a_stranger_is_not(kin: Kin) -> None:
    own = speaker(kin.registry, "kid", by="kid")
    server = read_identity(kin.service.speaker.certificate)

    answer = kin.service.answer("kid", close(b"<msg/>", own))
    with pytest.raises(ExchangeRefused):
        kin.service.answer(
            "kid", close(publishing.write(publishing.ListQuery()), messages.speaker("stranger"))
        )
    with pytest.raises(ExchangeRefused):
        kin.service.answer("here", close(publishing.write(publishing.ListQuery()), own))

    found = publishing.read_reply(open_envelope(answer, server).content)
    assert found.code == "xml_error"


def test_a_line_that_is_cut_leaves_all_as_it_was_until_it_is_back(kin: Kin) -> None:
    kin.parentage.refresh("kid", by="kid")
    before = kin.land.catalogue.digests()

    kin.cut = True
    with pytest.raises(Unreachable):
        kin.parentage.refresh("kid", by="kid")
    with pytest.raises(Unreachable):
        kin.registry.roll("kid", step="begin", by="kid")
        kin.parentage.refresh("kid", by="kid")
    assert kin.land.catalogue.digests() == before

    kin.cut = False
    kin.parentage.refresh("kid", by="kid")
    assert len(kin.land.catalogue.digests()) == len(before) + 3  # certificate, CRL, manifest


class Liar:
    """A parent that answers with something else than it was asked for."""

    def __init__(self, kin: Kin, change) -> None:
        self.kin, self.change = kin, change

    def post(self, uri: str, message: bytes, media_type: str) -> bytes:
        answer = self.kin.post(uri, message, media_type)
        if not uri.startswith(UP):
            return answer
        own = speaker(self.kin.land.registry, "one", by="op")
        opened = open_envelope(answer, read_identity(own.certificate))
        changed = self.change(updown.read(opened.content))
        return close(updown.write(changed), own)


def _instead(change):
    """Change the one certificate that an answer to `issue` carries."""

    def changed(message: updown.Message) -> updown.Message:
        if not isinstance(message.body, updown.IssueReply):
            return message
        return message._replace(body=updown.IssueReply(change(message.body.entitled)))

    return changed


@pytest.mark.parametrize(
    "change",
    [
        lambda message: message._replace(sender="another"),
        lambda message: message._replace(body=updown.RevokeReply("0", bytes(20))),
        _instead(lambda entitled: entitled._replace(certified=())),
        _instead(lambda entitled: entitled._replace(certified=entitled.certified * 2)),
        _instead(lambda entitled: entitled._replace(resources=read_resources("10.1.0.0/24"))),
        _instead(lambda entitled: entitled._replace(
            certified=(entitled.certified[0]._replace(certificate=entitled.issuer),))),
        _instead(lambda entitled: entitled._replace(
            certified=(entitled.certified[0]._replace(certificate=b"junk"),))),
    ],
)  # fmt: skip
def test_a_parent_that_answers_wrongly_is_not_believed(kin: Kin, change) -> None:
    liar = Liar(kin, change)

    with pytest.raises(ExchangeRefused):
        Parentage(kin.registry, liar.post).refresh("kid", by="kid")

    assert not [uri for uri in kin.land.catalogue.digests() if "/kid/" in uri]
    kin.parentage.refresh("kid", by="kid")
    assert [uri for uri in kin.land.catalogue.digests() if "/kid/" in uri]


def test_a_new_parent_does_not_disturb_the_first(kin: Kin) -> None:
    """A national registry may stand below two regional ones."""
    kin.parentage.refresh("kid", by="kid")
    own = speaker(kin.registry, "kid", by="kid")
    answer = kin.delegation.admit(
        "two", ChildRequest("kid", own.certificate), by="op",
        resources=read_resources("10.1.200.0/22"),
    )  # fmt: skip
    kin.parentage.add_parent("kid", "two", answer=answer, by="kid")
    with pytest.raises(RpkiRefused):
        kin.parentage.add_parent("kid", "two", answer=answer, by="kid")

    kin.parentage.refresh("kid", by="kid")

    assert held(kin.book.rows, "kid") == HELD | read_resources("10.1.200.0/22")
