"""What have agency and company agreed on before a solution is used, and is it fulfilled?

The minutes of the consultation (협의) carry conditions, costs and operating duties. Both sides
sign the digest of the minutes' canonical form; amended minutes need both signatures anew. Each
condition is open until the side that it protects finds it met, on evidence, or waives it with a
reason: nobody certifies a duty of one's own. While a condition is open or a signature missing, no
gate of the adoption opens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.kernel.words import Words, words
from madang.trials.engine.errors import ConsultationError
from madang.trials.engine.minutes import Condition, Minutes
from madang.trials.engine.record import Record

if TYPE_CHECKING:
    from madang.kernel.evidence.keys import SigningKey, VerifyingKey

State: TypeAlias = Literal["open", "met", "waived"]
STATES: dict[State, Words] = {
    "open": words("미충족", "open"),
    "met": words("충족", "met"),
    "waived": words("면제", "waived"),
}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIGNED = b"madang consultation minutes\n"
"""Stands before the digest in what a key signs, so that the signature means nothing elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Signature(Record):
    """A party stands by minutes: the acting user's word, beside it a key's where there is one."""

    by: str
    """The person who signed for the organisation."""
    organisation: str
    at: datetime
    minutes: str
    """Digest of the minutes that were before the signer's eyes."""
    key: str = ""
    """The public key's text, where a key signed."""
    mark: str = ""
    """The key's signature, in hexadecimal."""


@dataclass(frozen=True, kw_only=True)
class Settlement(Record):
    """A condition found met, or waived."""

    condition: str
    terms: str
    """Digest of the condition as it was when it was settled."""
    state: Literal["met", "waived"]
    by: str
    organisation: str
    at: datetime
    evidence: tuple[str, ...] = ()
    """SHA-256 of the files or statements that show it."""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Consultation(Record):
    """The minutes in force, who signed them and which conditions are settled."""

    minutes: Minutes
    signatures: tuple[Signature, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    earlier: tuple[str, ...] = ()
    """Digests of replaced minutes, oldest first."""

    def sign(self, signature: Signature) -> Consultation:
        """A party signs the minutes in force.

        Raises:
            ConsultationError: Not a party, signed already, or over other minutes.
        """
        if signature.organisation not in self.minutes.parties:
            raise ConsultationError(
                words(
                    f"{signature.organisation!r}의 서명",
                    f"a signature of {signature.organisation!r}",
                ),
                words("당사자의 서명", "one of a party"),
            )
        if signature.minutes != self.minutes.digest:
            raise ConsultationError(
                words(
                    f"지문 {signature.minutes[:12]}…에 대한 서명",
                    f"a signature over {signature.minutes[:12]}…",
                ),
                words(
                    f"지금 회의록의 지문 {self.minutes.digest[:12]}…",
                    f"the minutes in force, {self.minutes.digest[:12]}…",
                ),
                words(
                    "바뀐 회의록을 다시 읽고 서명하십시오.",
                    "Read the minutes again as they are now, then sign.",
                ),
            )
        if signature.organisation not in self.unsigned:
            raise ConsultationError(
                words("두 번째 서명", "a second signature"),
                words("당사자마다 한 번의 서명", "one for each party"),
            )
        if signature.mark and not is_signed_by_key(signature):
            raise ConsultationError(
                words("맞지 않는 키 서명", "a key's signature that does not fit"),
                words("공개 키로 확인되는 서명", "one that the public key accepts"),
            )
        return replace(self, signatures=(*self.signatures, signature))

    def amend(self, minutes: Minutes) -> Consultation:
        """Replace the minutes; both sides must sign anew, unchanged conditions stay settled.

        Raises:
            ConsultationError: Other parties, demand or solution, or not an amendment of the
                minutes in force.
        """
        before = self.minutes
        if minutes.amends != before.digest:
            raise ConsultationError(
                words(
                    "다른 회의록을 고친 회의록", "minutes that amend others than those in force"
                ),
                words(f"{before.digest}의 개정", f"an amendment of {before.digest}"),
            )
        same = ("demand", "agency", "company", "solution")
        if any(getattr(minutes, name) != getattr(before, name) for name in same):
            raise ConsultationError(
                words("다른 수요, 당사자, 해법의 회의록", "another demand, party or solution"),
                words("같은 수요, 당사자, 해법", "the same demand, parties and solution"),
                words(
                    "다른 해법은 새 협의로 시작하십시오.", "Begin a new consultation for those."
                ),
            )
        terms = {condition.name: condition.digest for condition in minutes.conditions}
        kept = [each for each in self.settlements if terms.get(each.condition) == each.terms]
        return replace(
            self,
            minutes=minutes,
            signatures=(),
            settlements=tuple(kept),
            earlier=(*self.earlier, before.digest),
        )

    def meet(
        self,
        condition: str,
        *,
        by: str,
        organisation: str,
        at: datetime,
        evidence: tuple[str, ...],
    ) -> Consultation:
        """The side that a condition protects finds it met.

        Args:
            condition: Its name.
            by: The person.
            organisation: The party across from the bearer.
            at: When.
            evidence: SHA-256 of what shows it; at least one.

        Raises:
            ConsultationError: No such open condition, the bearer's own word, or no evidence.
        """
        terms = self._settleable(condition, organisation)
        if not evidence or not all(_SHA256.fullmatch(each) for each in evidence):
            raise ConsultationError(
                words("증거가 없는 충족 확인", "a condition called met without evidence"),
                words("증거 파일의 SHA-256 하나 이상", "one SHA-256 of its evidence or more"),
            )
        return self._settled(
            Settlement(
                condition=condition,
                terms=terms,
                state="met",
                by=by,
                organisation=organisation,
                at=at,
                evidence=evidence,
            )
        )

    def waive(
        self, condition: str, *, by: str, organisation: str, at: datetime, reason: str
    ) -> Consultation:
        """The side that a condition protects does without it.

        Raises:
            ConsultationError: No such open condition, the bearer's own word, or no reason.
        """
        terms = self._settleable(condition, organisation)
        if not reason.strip():
            raise ConsultationError(
                words("사유가 없는 면제", "a waiver without a reason"),
                words("면제하는 사유", "the reason"),
            )
        return self._settled(
            Settlement(
                condition=condition,
                terms=terms,
                state="waived",
                by=by,
                organisation=organisation,
                at=at,
                reason=reason,
            )
        )

    def reopen(self, condition: str, *, organisation: str) -> Consultation:
        """The side that settled a condition finds that it does not hold any more.

        Raises:
            ConsultationError: It is not settled, or the other side asks.
        """
        terms = self._condition(condition)
        if self.state(condition) == "open" or organisation == terms.bearer:
            raise ConsultationError(
                words(f"조건 {condition!r}의 재개", f"reopening the condition {condition!r}"),
                words("확인한 쪽이 되돌리는 조건", "a settled one, by the side that settled it"),
            )
        kept = tuple(each for each in self.settlements if each.condition != condition)
        return replace(self, settlements=kept)

    def state(self, condition: str) -> State:
        """Is a condition open, met or waived? Only what was found of its present terms counts."""
        terms = {each.name: each.digest for each in self.minutes.conditions}
        for each in self.settlements:
            if each.condition == condition and each.terms == terms.get(condition):
                return each.state
        return "open"

    @property
    def unsigned(self) -> tuple[str, ...]:
        """Parties whose signature over the minutes in force is missing."""
        digest = self.minutes.digest
        signed = {each.organisation for each in self.signatures if each.minutes == digest}
        return tuple(party for party in self.minutes.parties if party not in signed)

    @property
    def unsettled(self) -> tuple[Condition, ...]:
        """Conditions that are neither met nor waived."""
        return tuple(c for c in self.minutes.conditions if self.state(c.name) == "open")

    @property
    def is_ready(self) -> bool:
        """May a gate open? Both have signed, and every condition is settled."""
        return not self.unsigned and not self.unsettled

    @property
    def wanting(self) -> tuple[Words, ...]:
        """What is still missing, for a reader; empty where `is_ready`."""
        signatures = [
            words(f"{party}의 서명", f"the signature of {party}") for party in self.unsigned
        ]
        conditions = [
            words(f"조건 '{each.text}'의 충족", f"the condition '{each.text}'")
            for each in self.unsettled
        ]
        return (*signatures, *conditions)

    def _condition(self, name: str) -> Condition:
        for condition in self.minutes.conditions:
            if condition.name == name:
                return condition
        raise ConsultationError(
            words(f"없는 조건 {name!r}", f"no condition {name!r}"),
            words("지금 회의록의 조건", "a condition of the minutes in force"),
        )

    def _settleable(self, name: str, organisation: str) -> str:
        """The digest of an open condition, if this organisation may settle it."""
        condition = self._condition(name)
        if organisation != self.minutes.other(condition.bearer):
            raise ConsultationError(
                words(f"{organisation!r}의 조건 확인", f"a finding by {organisation!r}"),
                words(
                    f"이행할 쪽의 상대방 {self.minutes.other(condition.bearer)}의 확인",
                    f"one by {self.minutes.other(condition.bearer)}, who does not bear it",
                ),
                words(
                    "스스로 지킬 조건은 스스로 확인할 수 없습니다.",
                    "Nobody certifies a condition of one's own.",
                ),
            )
        if self.state(name) != "open":
            raise ConsultationError(
                words(f"이미 처리된 조건 {name!r}", f"the condition {name!r}, settled already"),
                words("미충족 조건", "an open condition"),
            )
        return condition.digest

    def _settled(self, settlement: Settlement) -> Consultation:
        return replace(self, settlements=(*self.settlements, settlement))


def sign_with_key(
    minutes: Minutes, key: SigningKey, *, by: str, organisation: str, at: datetime
) -> Signature:
    """A signature that a key bears out beside the acting user."""
    digest = minutes.digest
    return Signature(
        by=by,
        organisation=organisation,
        at=at,
        minutes=digest,
        key=key.verifier.text,
        mark=key.sign(_SIGNED + digest.encode()).hex(),
    )


def is_signed_by_key(signature: Signature, key: VerifyingKey | None = None) -> bool:
    """Does the key's signature hold?

    Args:
        signature: What was recorded.
        key: The key that the organisation is known by; if None the one that came with the
            signature, which shows only that the mark fits it.
    """
    from madang.kernel.evidence.keys import VerifyingKey

    if not signature.key or not re.fullmatch(r"(?:[0-9a-f]{2})+", signature.mark):
        return False
    told = VerifyingKey.parse(signature.key)
    if key is not None and key != told:
        return False
    return told.accepts(bytes.fromhex(signature.mark), _SIGNED + signature.minutes.encode())
