"""A message is opened only if its sender, its age and its bytes are right (RFC 6492, 3.1)."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kernel import clock
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange import envelope
from madang.rpki.engine.exchange.identity import read_identity
from tests.rpki.engine.exchange import messages

if TYPE_CHECKING:
    from pathlib import Path


def known(name: str):
    return read_identity(messages.speaker(name).certificate)


def test_a_message_is_opened_by_who_knows_its_sender() -> None:
    sent = envelope.close(b"<x/>", messages.speaker("child"))

    found = envelope.open_envelope(sent, known("child"))

    assert found.content == b"<x/>"
    assert abs(found.signing_time - clock.epoch_s()) < 60
    with pytest.raises(ExchangeRefused):
        envelope.open_envelope(sent, known("parent"))


def test_openssl_verifies_what_is_closed(tmp_path: Path) -> None:
    speaker = messages.speaker("child")
    (tmp_path / "message").write_bytes(envelope.close(b"<x/>", speaker))
    (tmp_path / "identity").write_bytes(speaker.certificate)
    to_pem = ("openssl", "x509", "-inform", "DER", "-in", "identity", "-out", "identity.pem")
    subprocess.run(to_pem, cwd=tmp_path, check=True)

    ended = subprocess.run(
        ("openssl", "cms", "-verify", "-inform", "DER", "-in", "message", "-CAfile",
         "identity.pem", "-purpose", "any", "-crl_check"),
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (0, b"<x/>"), ended.stderr


def test_an_older_message_is_a_replay_and_a_future_one_no_message() -> None:
    now = clock.now()
    with clock.stopped_at(now - timedelta(minutes=3)):
        old = envelope.close(b"<x/>", messages.speaker("child"))
    last = envelope.open_envelope(old, known("child")).signing_time

    with pytest.raises(ExchangeRefused):
        envelope.open_envelope(old, known("child"), last=last + 1)
    with clock.stopped_at(now - timedelta(hours=1)), pytest.raises(ExchangeRefused):
        envelope.open_envelope(old, known("child"))
    with clock.stopped_at(now + timedelta(days=2)), pytest.raises(ExchangeRefused):
        envelope.open_envelope(old, known("child"))


@settings(max_examples=60)
@given(st.data())
def test_no_changed_byte_is_accepted(data: st.DataObject) -> None:
    sent = envelope.close(b"<x>some content</x>", messages.speaker("child"))
    at = data.draw(st.integers(0, len(sent) - 1))
    changed = sent[:at] + bytes((sent[at] ^ data.draw(st.integers(1, 255)),)) + sent[at + 1 :]

    try:
        found = envelope.open_envelope(changed, known("child"))
    except ExchangeRefused:
        return
    # Bytes outside every signature exist: version numbers, algorithm parameters.
    assert found.content == b"<x>some content</x>"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with pytest.raises(ExchangeRefused):
        envelope.open_envelope(content, known("child"))


VERIFIED = [
    ("up-down/krill_apnic-list-response.der", "identity/krill_apnic-id.der", "2019-08-01"),
    ("up-down/krill_ncc-response.ber", "identity/krill_ncc-id.der", "2019-10-03T11:00:00"),
    ("up-down/krill_pdu_200.der", "identity/krill_cms_ta.cer", "2011-07-01T05:00:00"),
    ("up-down/rpki-commons_pdu.184.der", "identity/krill_id_publisher_ta.cer",
     "2011-07-01T05:00:00"),
    ("up-down/rpki-commons_pdu.196.der", "identity/krill_cms_ta.cer", "2011-07-01T05:00:00"),
    ("up-down/rpki-commons_pdu.205.der", "identity/krill_id_publisher_ta.cer",
     "2011-07-01T05:00:00"),
]  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize(("message", "identity", "at"), VERIFIED)
def test_real_messages_are_opened_with_the_identity_that_openssl_found(
    message: str, identity: str, at: str
) -> None:
    sender = read_identity(messages.stored()[identity])
    signed = messages.stored()[message]

    with clock.stopped_at(datetime.fromisoformat(at).replace(tzinfo=UTC)):
        found = envelope.open_envelope(signed, sender)
        with pytest.raises(ExchangeRefused):
            envelope.open_envelope(signed, known("child"))

    assert b"http://www.apnic.net/specs/rescerts/up-down/" in found.content
