"""Other makers' validators accept what is made, and refuse what is made wrong."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.der import oids
from madang.rpki.engine.making import contents, issuing, signed_object
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.blocks import read_resources
from madang.rpki.engine.resources.prefix import read_prefix
from tests.rpki.engine.making import peers, tree

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED = {
    Vrp(*read_prefix("192.0.2.0/24"), 28, 64496),
    Vrp(*read_prefix("2001:db8::/32"), 32, 64496),
}


@pytest.mark.rpki_peers
@pytest.mark.parametrize("judge", list(peers.JUDGES))
def test_every_validator_finds_the_payloads(judge: str, tmp_path: Path) -> None:
    tree.write(tmp_path / "repo")

    found = peers.JUDGES[judge](tmp_path / "repo", tree.locator())

    assert found.vrps == EXPECTED, found.log


@pytest.mark.rpki_peers
def test_a_manifest_with_a_wrong_digest_is_refused(tmp_path: Path) -> None:
    tree.write(tmp_path / "repo")
    path = tmp_path / "repo" / "member" / "a.roa"
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    found = peers.rpki_client(tmp_path / "repo", tree.locator())

    assert found.vrps == set()


@pytest.mark.rpki_peers
def test_openssl_parses_and_verifies_each_signed_object(tmp_path: Path) -> None:
    for path, content in tree.tree().items():
        (tmp_path / "object").write_bytes(content)
        parse = ("openssl", "asn1parse", "-inform", "DER", "-in", str(tmp_path / "object"))
        assert subprocess.run(parse, capture_output=True, check=False).returncode == 0, path
        if path.endswith((".roa", ".mft", ".asa")):
            verify = ("openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in")
            ended = subprocess.run(
                (*verify, str(tmp_path / "object"), "-out", str(tmp_path / "out")),
                capture_output=True,
                check=False,
            )
            assert ended.returncode == 0, ended.stderr


@pytest.mark.rpki_peers
def test_rpki_client_reads_an_anchor_key_and_a_checklist() -> None:
    top = tree.issuer("top", 1, certificate=tree.ANCHOR_URI)
    current = contents.AnchorKey(("first",), (tree.ANCHOR_URI,), tree.key(1).public_key_der())
    later = contents.AnchorKey(
        (), ("https://localhost/x.cer",), tree.key(2).public_key_der()
    )  # fmt: skip
    tak = issuing.trust_anchor_key(
        tree.sheet(top, 11, uri=tree.BASE + "top/a.tak"), current, successor=later
    )
    held = read_resources("192.0.2.0/24, AS64496")
    files = [contents.Listed("letter.txt", bytes(32)), contents.Listed("", bytes(32))]
    rsc = issuing.checklist(tree.sheet(top, 12, uri=""), held, files=files)

    keys = peers.rpki_client_file(tak, "a.tak")
    signed = peers.rpki_client_file(rsc, "a.sig")

    assert [each["name"] for each in keys["takeys"]] == ["current", "successor"]
    assert signed["signed_with_resources"] == [{"asid": 64496}, {"ip_prefix": "192.0.2.0/24"}]
    assert [each["filename"] for each in signed["filenamesandhashes"]] == [
        "letter.txt", ""
    ]  # fmt: skip


def test_an_envelope_has_the_attributes_of_the_profile_in_their_order() -> None:
    content = contents.aspa(64497, [64498])

    draft = tree.sheet(
        tree.issuer("top", 1, certificate=tree.ANCHOR_URI), 13, uri=tree.BASE + "top/a.asa"
    ).draft(oids.ASPA, content, resources=read_resources("AS64497"), inherit=())
    covered = draft.to_be_signed()

    digest = hashlib.sha256(content).digest()
    assert draft.certificate in draft.signed(tree.key(13))
    assert covered.count(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09") == 3  # RFC 9589
    # X.690, 11.6: rising by encoding, so the shortest attribute comes first.
    order = [covered.index(each) for each in (oids.CONTENT_TYPE, oids.SIGNING_TIME, digest)]
    assert order == sorted(order)


def test_an_envelope_without_attributes_signs_the_content_itself() -> None:
    draft = signed_object.EnvelopeDraft(
        content_type=oids.ROA, content=b"content", certificate=b"",
        signer_identifier=bytes(20), attributes=(),
    )  # fmt: skip

    assert draft.to_be_signed() == b"content"
    assert replace(draft, content=b"other").signed(tree.key(1)) != draft.signed(tree.key(1))
