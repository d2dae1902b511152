"""One altered byte is noticed, named where it stands, and no file makes the verifier stumble."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical, envelope
from madang.kernel.evidence.bundle import Bundle
from madang.kernel.evidence.seal import MARKER, seal, unseal
from madang.kernel.evidence.verify import verify_file, verify_path
from tests.kernel.evidence.samples import documented, score

if TYPE_CHECKING:
    from pathlib import Path

    from madang.kernel.evidence.keys import SigningKey
    from madang.kernel.evidence.seal import Kind
    from madang.kernel.evidence.verdict import Verdict

KINDS: tuple[Kind, ...] = ("html", "pdf", "json")
NAMES = ["form", "checkpoint", "entry 1", "entry 2", "entry 4", "document", "body", "signer"]


@pytest.fixture
def sealed(bundle: Bundle, bodies: dict[str, bytes]) -> dict[str, bytes]:
    """The same document in three sealed renderings."""
    return {kind: seal(bodies[kind], kind, bundle) for kind in KINDS}


def broken(verdict: Verdict) -> str:
    return verdict.first_broken.name if verdict.first_broken else ""


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_sealed_is_verified(
    sealed: dict[str, bytes], key: SigningKey, kind: Kind
) -> None:
    verdict = verify_file(sealed[kind], key=key.verifier)

    assert verdict.ok
    assert [link.name for link in verdict.links] == NAMES
    assert (verdict.kind, verdict.size, verdict.signer) == (kind, 6, key.verifier.text)


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_pinned_key_the_signer_is_unknown_and_the_check_fails(
    sealed: dict[str, bytes], kind: Kind
) -> None:
    verdict = verify_file(sealed[kind], key=None)

    assert not verdict.ok
    assert broken(verdict) == "signer"
    assert [link.name for link in verdict.links if link.ok] == NAMES[:-1]
    assert verdict.first_broken is not None
    assert "Signer unknown" in verdict.first_broken.sentence.en
    assert "서명자 미확인" in verdict.first_broken.sentence.ko


@pytest.mark.parametrize("kind", KINDS)
def test_a_forgery_made_whole_with_another_key_is_refused(
    tmp_path: Path, key: SigningKey, other: SigningKey, bodies: dict[str, bytes], kind: Kind
) -> None:
    """The forger has a key of the same name and makes log, checkpoint, proofs and seal anew."""
    forged = {**bodies, "html": bodies["html"].replace(b"0.71", b"0.99")}
    content = seal(forged[kind], kind, documented(tmp_path / "forged", other, forged))
    verdict = verify_file(content, key=key.verifier)

    assert verify_file(content, key=other.verifier).ok
    assert not verdict.ok
    assert broken(verdict) == "signer"
    assert verdict.first_broken is not None
    assert "another key signed" in verdict.first_broken.sentence.en


def test_a_forger_who_names_the_pinned_key_without_owning_it_is_refused(
    tmp_path: Path, key: SigningKey, other: SigningKey, bodies: dict[str, bytes]
) -> None:
    forged = documented(tmp_path / "forged", other, bodies)
    claimed = dataclasses.replace(forged, signer=key.verifier)

    assert broken(verify_file(seal(bodies["html"], "html", claimed), key=key.verifier)) == (
        "checkpoint"
    )


def test_a_true_log_does_not_cover_another_body(sealed: dict[str, bytes], key: SigningKey) -> None:
    altered = sealed["html"].replace(b"0.71", b"0.99", 1)

    assert broken(verify_file(altered, key=key.verifier)) == "body"


def test_a_statement_left_out_is_noticed(
    bundle: Bundle, bodies: dict[str, bytes], key: SigningKey
) -> None:
    """An unfavourable fact cannot be dropped although every other proof holds."""
    cut = dataclasses.replace(bundle, entries=bundle.entries[1:])

    assert broken(verify_file(seal(bodies["html"], "html", cut), key=key.verifier)) == "document"


def test_an_altered_fact_is_named_with_its_place_and_subject(
    bundle: Bundle, bodies: dict[str, bytes], key: SigningKey
) -> None:
    first, second, document = bundle.entries
    better = dataclasses.replace(second, statement=score("s2", 0.99))
    forged = dataclasses.replace(bundle, entries=(first, better, document))
    link = verify_file(seal(bodies["json"], "json", forged), key=key.verifier).first_broken

    assert link is not None
    assert link.name == "entry 2"
    assert "Entry 2 (score of s2)" in link.sentence.en
    assert "항목 2(s2의 score)" in link.sentence.ko


def _regions(
    content: bytes, kind: Kind, bundle: Bundle, body: bytes
) -> list[tuple[range, set[str]]]:
    """Which links may a change at these bytes break? `form` where the form no longer holds."""
    if kind == "html":
        start = body.index(MARKER)
        end = len(content) - (len(body) - start - len(MARKER))
        return [
            (range(start), {"body"}),
            (range(end, len(content)), {"body"}),
            (range(start, end), {"form", "checkpoint", "entry"}),
        ]
    if kind == "pdf":
        return [
            (range(8, len(body) - 40), {"body"}),
            (range(len(body)), {"body", "form"}),
            (range(len(body), len(content)), {"form", "checkpoint", "entry"}),
        ]
    regions = []
    for each in bundle.entries:
        start = content.index(each.statement.canonical())
        span = range(start, start + len(each.statement.canonical()))
        regions.append((span, {"form", f"entry {each.index}"}))
    note = json.dumps(bundle.checkpoint.decode(), ensure_ascii=False).encode()
    start = content.index(note)
    regions.append((range(start, start + len(note)), {"form", "checkpoint"}))
    start = content.index(b'"ranking"')
    regions.append((range(start, len(content) - 1), {"form", "body"}))
    return [*regions, (range(len(content)), {"form", "entry", "checkpoint"})]


def _check_flips(
    content: bytes, kind: Kind, bundle: Bundle, body: bytes, key: SigningKey, bits: range
) -> None:
    regions = _regions(content, kind, bundle, body)
    for place in range(len(content)):
        expected = next(names for span, names in regions if place in span)
        for bit in bits:
            altered = bytearray(content)
            altered[place] ^= 1 << bit
            verdict = verify_file(bytes(altered), key=key.verifier)
            assert not verdict.ok, (place, bit)
            name = broken(verdict)
            assert {name, name.split()[0]} & expected, (place, bit, name, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_every_altered_byte_is_noticed_and_named_where_it_stands(
    bundle: Bundle, bodies: dict[str, bytes], key: SigningKey, kind: Kind
) -> None:
    content = seal(bodies[kind], kind, bundle)

    _check_flips(content, kind, bundle, bodies[kind], key, range(1))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_altered_bit_is_noticed_and_named_where_it_stands(
    bundle: Bundle, bodies: dict[str, bytes], key: SigningKey, kind: Kind
) -> None:
    content = seal(bodies[kind], kind, bundle)

    _check_flips(content, kind, bundle, bodies[kind], key, range(8))


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_cut_or_lengthened_anywhere_is_not_verified(
    sealed: dict[str, bytes], key: SigningKey, kind: Kind
) -> None:
    content = sealed[kind]
    for place in range(0, len(content), 7):
        for odd in (
            content[:place],
            content[:place] + b" " + content[place:],
            content[:place] + content[place + 1 :],
        ):
            try:
                assert not verify_file(odd, key=key.verifier).ok
            except InputError:
                assert place == 0 or kind != "html"
    assert not verify_file(content + b"\n", key=key.verifier).ok


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_mangled_document_makes_the_verifier_stumble(
    data: st.DataObject, sealed: dict[str, bytes], key: SigningKey
) -> None:
    content = bytearray(sealed[data.draw(st.sampled_from(KINDS))])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        stop = start + data.draw(st.sampled_from([0, 1, 2, 40, 4000]))
        content[start:stop] = data.draw(st.binary(max_size=30) | st.sampled_from(HOSTILE))
    try:
        verdict = verify_file(bytes(content), key=key.verifier)
    except InputError:
        return
    assert verdict.ok == (bytes(content) in sealed.values())
    json.dumps(verdict.to_json()).encode()


HOSTILE = [
    b"[" * 5000,
    b"9" * 5000,
    b"1e999",
    b'"a":1,"a":1,',
    b"\xff\xfe",
    b'"\\ud800"',
    b"NaN",
    b"null",
    b"</script>",
    MARKER,
    b"\n%madang-evidence ",
    b"startxref\n99999999999999999999\n%%EOF",
]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(start=st.sampled_from([b"%PDF-", b"{", b"<", b""]), rest=st.binary(max_size=300))
@example(start=b"{", rest=b'"payload":1,"payloadType":2,"signatures":3}')
@example(start=b"{", rest=b'"evidence":' * 3000)
def test_no_bytes_make_the_verifier_stumble(start: bytes, rest: bytes, key: SigningKey) -> None:
    try:
        assert not verify_file(start + rest, key=key.verifier).ok
    except InputError:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def _places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else []
    inner = enumerate(value) if isinstance(value, list) else inner
    return [path, *(place for name, each in inner for place in _places(each, (*path, name)))]


def _with(value: object, path: tuple[str | int, ...], new: object) -> object:
    if not path:
        return new
    copy = value.copy()  # type: ignore[attr-defined]
    copy[path[0]] = _with(copy[path[0]], path[1:], new)
    return copy


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_member_of_another_type_makes_the_verifier_stumble(
    data: st.DataObject, sealed: dict[str, bytes], key: SigningKey
) -> None:
    document = json.loads(sealed["json"])
    path = data.draw(st.sampled_from(_places(document)))
    odd = _with(document, path, data.draw(JSON))
    content = json.dumps(odd).encode()
    try:
        content = canonical.encode(odd)
    except ValueError:
        pass
    try:
        verdict = verify_file(content, key=key.verifier)
    except InputError:
        return
    assert verdict.ok == (content == sealed["json"])


def test_a_bare_envelope_is_verified(key: SigningKey, other: SigningKey) -> None:
    content = envelope.export(score("cox", 0.71), key)
    forged = envelope.export(score("cox", 0.99), other)

    assert verify_file(content, key=key.verifier).ok
    assert verify_file(content, key=key.verifier).kind == "dsse"
    assert broken(verify_file(content, key=None)) == "signer"
    assert broken(verify_file(forged, key=key.verifier)) == "signature"
    assert not any(link.ok for link in verify_file(forged, key=key.verifier).links[2:])


def test_an_altered_envelope_is_not_verified(key: SigningKey) -> None:
    value = json.loads(envelope.export(score("cox", 0.71), key))
    payload = base64.b64decode(value["payload"]).replace(b"0.71", b"0.99")
    odd = {**value, "payload": base64.b64encode(payload).decode()}

    assert broken(verify_file(canonical.encode(odd), key=key.verifier)) == "signature"
    for wrong in ({**value, "payload": "e30="}, {**value, "payloadType": "text/plain"}):
        assert broken(verify_file(canonical.encode(wrong), key=key.verifier)) == "form"


def test_what_stands_at_a_path_is_verified(
    tmp_path: Path, sealed: dict[str, bytes], key: SigningKey, bundle: Bundle
) -> None:
    (tmp_path / "r.html").write_bytes(sealed["html"])

    assert verify_path(tmp_path / "r.html", key=key.verifier).kind == "html"
    assert verify_path(tmp_path / "log", key=key.verifier).kind == "log"
    assert unseal((tmp_path / "r.html").read_bytes()).bundle == bundle


def test_a_path_with_nothing_to_verify_is_refused(tmp_path: Path, key: SigningKey) -> None:
    (tmp_path / "empty").touch()
    for path in (tmp_path / "missing", tmp_path / "empty", tmp_path, "/dev/zero"):
        with pytest.raises(InputError):
            verify_path(path, key=key.verifier)


def test_a_verdict_is_plain_json(sealed: dict[str, bytes], key: SigningKey) -> None:
    altered = sealed["html"].replace(b"0.71", b"0.99", 1)
    verdict = json.loads(json.dumps(verify_file(altered, key=key.verifier).to_json()))

    assert verdict["ok"] is False
    assert verdict["first_broken"] == "body"
    assert verdict["checkpoint"]["size"] == 6
    assert [link["name"] for link in verdict["links"]] == NAMES
    assert all(link["ko"] and link["en"] for link in verdict["links"])
    assert ids.digest(altered) != ids.digest(sealed["html"])
