"""Is this document what was signed, and by whom? Checked offline, on the file alone.

The chain runs from what was signed down to what is read, so that one altered byte is named where
it stands: form → checkpoint → each entry → document → body, and at last whether the signer is the
one whose key the reader holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical, envelope, note, proof, verdict
from madang.kernel.evidence.logcheck import verify_log
from madang.kernel.evidence.seal import kind_of, unseal
from madang.kernel.evidence.verdict import Link, Verdict
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.evidence.bundle import Bundle, Proven
    from madang.kernel.evidence.keys import VerifyingKey
    from madang.kernel.evidence.note import Checkpoint
    from madang.kernel.evidence.seal import Unsealed

LARGEST = 512 * 2**20
"""Bytes of the largest file that is read."""
_EXPECTED = words(
    "봉인된 HTML·PDF·JSON, DSSE 봉투, 로그 항목의 증명 또는 증거 로그 폴더",
    "a sealed HTML, PDF or JSON file, a DSSE envelope, the proof of an entry, or the folder of "
    "an evidence log",
)


def verify_path(path: Path | str, *, key: VerifyingKey | None) -> Verdict:
    """Check what stands at this path: a log's folder, a sealed document or an envelope.

    Raises:
        InputError: Nothing readable stands there, or nothing that could be verified.
    """
    path = Path(path)
    return verify_log(path, key=key) if path.is_dir() else verify_file(_content(path), key=key)


def verify_file(content: bytes, *, key: VerifyingKey | None) -> Verdict:
    """Check a sealed HTML, PDF or JSON document, a DSSE envelope, or the proof of one entry.

    Args:
        content: The whole file.
        key: The signer's key that the reader holds; without it nothing is verified.

    Raises:
        InputError: The content is of no kind that could be sealed.
    """
    kind = kind_of(content)
    if kind == "json" and _claims_envelope(content):
        return _verify_envelope(content, key=key)
    if kind == "json" and proof.claims(content):
        return _verify_proof(content, key=key)
    try:
        sealed = unseal(content)
    except InputError as problem:
        return Verdict(kind=kind, links=(verdict.refusal("form", problem),))
    return _verify_sealed(sealed, key=key)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1) if path.is_file() else b""
    except OSError as fault:
        raise InputError(
            words(f"읽을 수 없는 파일 {path}", f"a file that cannot be read: {path}"), _EXPECTED
        ) from fault
    if not 0 < len(content) <= LARGEST:
        raise InputError(
            words(f"비어 있거나 너무 큰 파일 {path}", f"an empty or far too large file: {path}"),
            _EXPECTED,
        )
    return content


def _verify_sealed(sealed: Unsealed, *, key: VerifyingKey | None) -> Verdict:
    bundle = sealed.bundle
    signed = note.read(bundle.checkpoint)
    head = note.Checkpoint.parse(signed.text)
    return Verdict(
        kind=sealed.kind,
        signer=bundle.signer.text,
        size=head.size,
        root=head.root.hex(),
        links=(
            verdict.form(sealed.kind),
            verdict.checkpoint(head, bundle.signer, signed=signed.signed_by(bundle.signer)),
            *(_entry(each, head) for each in bundle.entries),
            _document(bundle),
            _body(sealed),
            verdict.signer(bundle.signer, key),
        ),
    )


def _entry(proven: Proven, head: Checkpoint) -> Link:
    """Does this statement stand in the log?"""
    place, title = proven.index, proven.statement.title()
    name = f"entry {place}"
    if proven.stands_in(head):
        said = words(
            f"항목 {place}({title.ko}): 로그에 있음",
            f"Entry {place} ({title.en}) stands in the log.",
        )
        return Link(name=name, ok=True, sentence=said)
    said = words(
        f"항목 {place}({title.ko}): 체크포인트의 로그에 없습니다. 항목이나 증명이 변경되었습니다.",
        f"Entry {place} ({title.en}) does not stand in the checkpoint's log: "
        "the entry or its proof was altered.",
    )
    return Link(name=name, ok=False, sentence=said)


def _document(bundle: Bundle) -> Link:
    """Does the document statement list what the document carries?"""
    if bundle.lists_all():
        said = words(
            f"문서 기록: 근거 {len(bundle.entries) - 1}건 모두 포함",
            f"The document carries all {len(bundle.entries) - 1} statements on which it rests.",
        )
        return Link(name="document", ok=True, sentence=said)
    said = words(
        f"문서 기록(항목 {bundle.document}): 근거 목록과 실린 항목이 다릅니다. "
        "항목이 빠졌거나 더해졌습니다.",
        f"The document statement (entry {bundle.document}) lists other statements than the "
        "document carries: some were left out or slipped in.",
    )
    return Link(name="document", ok=False, sentence=said)


def _body(sealed: Unsealed) -> Link:
    """Is the body one that the document statement names?"""
    digest = ids.digest(sealed.body)
    if digest in sealed.bundle.document_statement().subjects.values():
        said = words("본문: 서명된 내용과 같음", "The body is the one that was signed.")
        return Link(name="body", ok=True, sentence=said)
    said = words(
        f"본문: 서명된 내용과 다릅니다. 본문이 변경되었습니다(SHA-256 {digest[:16]}…).",
        f"The body is not the one that was signed: it was altered (SHA-256 {digest[:16]}…).",
    )
    return Link(name="body", ok=False, sentence=said)


def _verify_proof(content: bytes, *, key: VerifyingKey | None) -> Verdict:
    try:
        found = proof.Proof.decode(content)
    except InputError as problem:
        return Verdict(kind="proof", links=(verdict.refusal("form", problem),))
    signed = note.read(found.checkpoint)
    head = note.Checkpoint.parse(signed.text)
    return Verdict(
        kind="proof",
        signer=found.signer.text,
        size=head.size,
        root=head.root.hex(),
        links=(
            verdict.form("proof"),
            verdict.checkpoint(head, found.signer, signed=signed.signed_by(found.signer)),
            _entry(found.entry, head),
            verdict.signer(found.signer, key),
        ),
    )


def _claims_envelope(content: bytes) -> bool:
    try:
        return envelope.is_envelope(canonical.decode(content, what="DSSE", exact=False))
    except InputError:
        return False


def _verify_envelope(content: bytes, *, key: VerifyingKey | None) -> Verdict:
    try:
        read = envelope.read(content)
        statement = read.statement()
    except InputError as problem:
        return Verdict(kind="dsse", links=(verdict.refusal("form", problem),))
    title = statement.title()
    said = words(f"기록: {title.ko}", f"The statement is the {title.en}.")
    links = [verdict.form("dsse"), Link(name="statement", ok=True, sentence=said)]
    signed = key is not None and read.signed_by(key)
    if key is not None:
        links.append(_signature(signed=signed, key=key))
    found = key if signed else None
    links.append(verdict.signer(found, key))
    return Verdict(kind="dsse", links=tuple(links), signer=found.text if found else "")


def _signature(*, signed: bool, key: VerifyingKey) -> Link:
    if signed:
        said = words("서명: 일치", "The signature holds.")
    else:
        said = words(
            f"서명: {key.name}의 서명이 맞지 않습니다.",
            f"No signature of {key.name} holds: another key signed, or the statement was altered.",
        )
    return Link(name="signature", ok=signed, sentence=said)
