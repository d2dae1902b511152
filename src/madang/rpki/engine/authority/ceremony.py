"""How does a trust anchor sign whose key is offline? Request out, ceremony, signed answer in.

`ask` and `accept` run beside the book; `describe` and `sign` on the machine with the key, which
needs nothing but the request's file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.kernel import clock
from madang.kernel.words import words
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.anchoring import FILE_NAME, write_anchor
from madang.rpki.engine.authority.ceremony_files import (
    AnchorItem,
    CeremonyAnswer,
    CeremonyRequest,
    read_answer,
    read_request,
    write_answer,
    write_request,
)
from madang.rpki.engine.authority.desk import Desk, moment, new_serial
from madang.rpki.engine.authority.settling import (
    forget_members,
    make_room,
    prepare,
    record,
    settle_below,
)
from madang.rpki.engine.authority.wanted import place
from madang.rpki.engine.authority.worksheet import CertificateItem, perform
from madang.rpki.engine.errors import ExchangeRefused, RpkiRefused
from madang.rpki.engine.exchange.envelope import verifies
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.keys.signer import new_key
from madang.rpki.engine.making import profile
from madang.rpki.engine.making.certificate import Validity
from madang.rpki.engine.objects.certificate import read_certificate
from madang.rpki.engine.objects.cms import read_signed_object
from madang.rpki.engine.objects.manifest import read_manifest
from madang.rpki.engine.resources.blocks import Resources

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.rpki.engine.authority.entries import ClassEntry, KeyEntry
    from madang.rpki.engine.authority.registry import Registry
    from madang.rpki.engine.authority.worksheet import OneTime
    from madang.rpki.engine.keys.signer import Signer


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A trust anchor here whose key is elsewhere."""

    registry: Registry
    handle: str

    def found(
        self, public_key: bytes, resources: Resources, *, base: str, notify: str = "", by: str
    ) -> None:
        """Note a trust anchor by the public half of its key; the first ceremony certifies it.

        Raises:
            RpkiRefused: The name is taken.
        """
        detail = {"resources": str(resources), "base": base}
        with self.registry.desk("create anchor", self.handle, by=by, detail=detail) as desk:
            class_id = self.registry.add_authority(
                desk, self.handle, kind="anchor", base=base, notify=notify
            )
            key_id = desk.write_key(class_id, "pending", handle="", public_key=public_key)
            desk.rows.execute(
                "update key set resources = ? where id = ?", (str(resources), key_id)
            )

    def ask(self, *, by: str, again: bool = False) -> bytes | None:
        """What the key has to sign now, as a file; None where nothing is due.

        A new request takes the place of the one before, whose answer is refused from then on.

        Args:
            by: Who acts.
            again: Ask for a CRL and a manifest even where none are due.

        Raises:
            RpkiRefused: There is no such authority, or its key is not offline.
        """
        class_, key = self._key()
        with self.registry.desk("ask ceremony", self.handle, by=by) as desk:
            make_room(desk, class_)
            anchor = self._anchor(desk, class_, key)
            certified = _as_certified(desk, class_, key, anchor)
            due = certified._replace(next_update=0.0) if anchor or again else certified
            sheet = prepare(desk, class_, due)
            if sheet is None:
                return None
            content = write_request(CeremonyRequest(self.handle, anchor, sheet))
            desk.rows.execute(
                "insert or replace into ceremony values (?, ?)", (key.id, content.decode())
            )
        return content

    def accept(self, content: bytes, *, by: str) -> None:
        """Note and publish what the key has signed, after a look at all of it.

        Raises:
            SettingRefused: The file is no answer.
            ExchangeRefused: It answers another request, or is not what was asked for.
            RpkiRefused: There is no such authority, or its key is not offline.
        """
        _, key = self._key()
        row = self.registry.book.rows.execute(
            "select request from ceremony where key = ?", (key.id,)
        ).fetchone()
        answer = read_answer(content)
        asked = row[0].encode() if row else b""
        if answer.request != hashlib.sha256(asked).hexdigest():
            raise _refused(
                words("다른 요청에 대한 응답", "an answer to another request"),
                words("마지막 요청에 대한 응답", "the answer to the last request"),
            )
        request = read_request(asked)
        _check(request, answer, key=key)
        detail = {"number": request.sheet.number}
        with self.registry.desk("accept ceremony", self.handle, by=by, detail=detail) as desk:
            if request.anchor:
                write_anchor(
                    desk, key, certificate=answer.anchor, resources=request.anchor.resources,
                    serial=request.anchor.serial,
                    not_after=request.anchor.validity.not_after.timestamp(),
                )  # fmt: skip
            record(desk, key, sheet=request.sheet, files=answer.files)
            desk.rows.execute("delete from ceremony where key = ?", (key.id,))
            settle_below(desk, key.class_id)
            forget_members(desk)
        self.registry.publish()

    def _key(self) -> tuple[ClassEntry, KeyEntry]:
        self.registry.authority(self.handle)
        rows = self.registry.book.rows
        for class_ in entries.classes(rows, self.handle):
            for key in entries.keys(rows, class_.id):
                if not key.handle:
                    return class_, key
        raise RpkiRefused(
            words(f"{self.handle}의 키가 온라인에 있음", f"{self.handle}, whose key is online"),
            words("키가 오프라인에 있는 신뢰 앵커", "a trust anchor whose key is offline"),
        )

    def _anchor(self, desk: Desk, class_: ClassEntry, key: KeyEntry) -> AnchorItem | None:
        """The certificate that the anchor must make for itself: its first, or one that ends."""
        now, lasts = clock.epoch_s(), desk.timing.anchor.total_seconds()
        if key.certificate and key.not_after - now > lasts / 10:
            return None
        validity = Validity(
            moment(now - desk.timing.backdate.total_seconds()), moment(now + lasts)
        )
        where = place(desk.rows, class_, key)
        return AnchorItem(new_serial(), validity, key.resources, where)


def _as_certified(
    desk: Desk, class_: ClassEntry, key: KeyEntry, anchor: AnchorItem | None
) -> KeyEntry:
    """The key as it will be once its new certificate stands."""
    if anchor is None:
        return key
    authority = entries.authority(desk.rows, class_.authority)
    assert authority is not None
    return key._replace(
        state="current",
        certificate=b"to come",
        certificate_uri=authority.base + FILE_NAME,
        not_after=anchor.validity.not_after.timestamp(),
    )


def describe(content: bytes) -> list[Words]:
    """What a request would sign, line by line, for the people at the ceremony.

    Raises:
        SettingRefused: The file is no request.
    """
    request = read_request(content)
    sheet = request.sheet
    end = clock.stamp(sheet.window.not_after)
    lines = [
        words(f"기관: {request.authority}", f"authority: {request.authority}"),
        words(f"요청 파일 SHA-256: {hashlib.sha256(content).hexdigest()}",
              f"SHA-256 of the request: {hashlib.sha256(content).hexdigest()}"),
        words(f"번호: {sheet.number}", f"number: {sheet.number}"),
        words(f"유효 기간: {end}까지", f"valid until: {end}"),
        words(f"폐기된 인증서: {len(sheet.revoked)}개",
              f"revoked certificates: {len(sheet.revoked)}"),
        words(f"그대로 두는 파일: {len(sheet.kept)}개", f"files that stay: {len(sheet.kept)}"),
    ]  # fmt: skip
    if request.anchor:
        held = request.anchor.resources
        lines.append(
            words(f"신뢰 앵커 인증서: {held}", f"certificate of the trust anchor: {held}")
        )
    for item in sheet.items:
        if isinstance(item, CertificateItem):
            where = f"{item.place.repository} {item.resources}"
            lines.append(words(f"하위 인증서: {where}", f"certificate below: {where}"))
        else:
            lines.append(words(f"인가: {item.name}", f"authorisation: {item.name}"))
    return lines


def sign(content: bytes, signer: Signer, *, one_time: OneTime = new_key) -> bytes:
    """Sign all that a request asks for; the answer as a file.

    Args:
        content: The request's file.
        signer: The anchor's key.
        one_time: Makes the keys of signed objects.

    Raises:
        SettingRefused: The file is no request.
        ExchangeRefused: It asks for another key.
    """
    request = read_request(content)
    if request.sheet.public_key != signer.public_key_der():
        raise _refused(
            words("다른 키에 대한 요청", "a request for another key"),
            words("이 키에 대한 요청", "one for this key"),
        )
    anchor = b""
    if request.anchor:
        serial, validity, resources, where = request.anchor
        grant = profile.Grant(serial=serial, validity=validity, resources=resources)
        anchor = profile.anchor(signer, grant, place=where).signed(signer)
    answer = CeremonyAnswer(
        hashlib.sha256(content).hexdigest(),
        anchor,
        perform(request.sheet, signer, one_time=one_time),
        b"",
    )
    return write_answer(answer._replace(signature=signer.sign(answer.signed_text())))


def _check(request: CeremonyRequest, answer: CeremonyAnswer, *, key: KeyEntry) -> None:
    """Raise ExchangeRefused unless the answer is of this key and holds what was asked for."""
    sheet = request.sheet
    names = {item.name for item in sheet.items} | {sheet.crl_name, sheet.manifest_name}
    wrong = not verifies(key.public_key, answer.signature, answer.signed_text())
    wrong = wrong or answer.files.keys() != names or bool(answer.anchor) != bool(request.anchor)
    try:
        if request.anchor and not wrong:
            anchor = read_certificate(answer.anchor)
            wrong = anchor.key != key.public_key
        for item in sheet.items:
            if isinstance(item, CertificateItem) and not wrong:
                made = read_certificate(answer.files[item.name])
                held = Resources(*(part or () for part in (made.v4, made.v6, made.asn)))  # type: ignore[arg-type] # "inherit" equals no resources
                wrong = made.key != item.public_key or held != item.resources
        if not wrong:
            listed = read_manifest(
                read_signed_object(answer.files[sheet.manifest_name]),
                most_files=len(names) + len(sheet.kept),
            )
            wrong = dict(listed.files) != _expected(request, answer)
    except Fault as fault:
        raise _refused(
            words(f"읽을 수 없는 서명 결과 ({fault})", f"an unreadable result ({fault})"),
            words("요청한 대로 서명된 파일", "files signed as was asked"),
        ) from fault
    if wrong:
        raise _refused(
            words("요청과 다른 서명 결과", "a result other than was asked for"),
            words("요청한 대로 서명된 파일", "files signed as was asked"),
        )


def _expected(request: CeremonyRequest, answer: CeremonyAnswer) -> dict[str, bytes]:
    """What the manifest must list."""
    fresh = {
        name: hashlib.sha256(file).digest()
        for name, file in answer.files.items()
        if name != request.sheet.manifest_name
    }
    return {each.name: each.digest for each in request.sheet.kept} | fresh


def _refused(found: Words, expected: Words) -> ExchangeRefused:
    return ExchangeRefused(found, expected)
