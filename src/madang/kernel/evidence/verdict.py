"""What came of a check? A chain of links, and the first that broke."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from madang.kernel.errors import InputError
    from madang.kernel.evidence.keys import VerifyingKey
    from madang.kernel.evidence.note import Checkpoint


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link of the chain: does it hold, and what is to be said of it."""

    name: str
    """`form`, `checkpoint`, `entry 7` (or `entries`), `tree`, `document`, `body`, `statement`,
    `signature`, `signer`."""
    ok: bool
    sentence: Words


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of checking one file or log."""

    kind: str
    """`html`, `pdf`, `json`, `dsse`, `proof` or `log`."""
    links: tuple[Link, ...]
    """In the order of the chain; it ends early where nothing further could be checked."""
    signer: str = ""
    """The key the file names as its signer, in text form; believe it only where `ok`."""
    size: int | None = None
    """Entries of the log under the checkpoint."""
    root: str = ""
    """The checkpoint's root, hexadecimal."""

    @property
    def ok(self) -> bool:
        """Does every link hold, up to a pinned signer?"""
        return self.first_broken is None and any(link.name == "signer" for link in self.links)

    @property
    def first_broken(self) -> Link | None:
        """The first link that does not hold."""
        return next((link for link in self.links if not link.ok), None)

    def sentence(self) -> Words:
        """The verdict in one sentence, naming the first broken link."""
        broken = self.first_broken
        if broken is None:
            return words("확인 결과: 이상 없음", "Verified.")
        return words(
            f"확인 결과: 실패. 처음 끊어진 곳: {broken.name}",
            f"Not verified. First broken link: {broken.name}.",
        )

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain JSON, its sentences in both languages."""
        broken = self.first_broken
        return {
            "ok": self.ok,
            "kind": self.kind,
            "signer": self.signer,
            "checkpoint": None if self.size is None else {"size": self.size, "root": self.root},
            "first_broken": broken and broken.name,
            "links": [
                {
                    "name": link.name,
                    "ok": link.ok,
                    "ko": link.sentence.ko,
                    "en": link.sentence.en,
                }
                for link in self.links
            ],
        }


def refusal(name: str, problem: InputError) -> Link:
    """A broken link, with the sentence of the problem."""
    return Link(
        name=name, ok=False, sentence=words(problem.sentence("ko"), problem.sentence("en"))
    )


def form(kind: str) -> Link:
    """The file has the form of its kind."""
    return Link(
        name="form",
        ok=True,
        sentence=words(f"형식: {kind}", f"The form is that of {kind}."),
    )


def checkpoint(head: Checkpoint, key: VerifyingKey, *, signed: bool) -> Link:
    """Does the key's signature hold on the checkpoint, and does the checkpoint bear its name?"""
    if signed and head.origin == key.name:
        said = words(
            f"체크포인트: 항목 {head.size}개, 서명 일치",
            f"The checkpoint over {head.size} entries bears a valid signature.",
        )
        return Link(name="checkpoint", ok=True, sentence=said)
    return Link(
        name="checkpoint",
        ok=False,
        sentence=words(
            f"체크포인트: {key.name}의 서명이 맞지 않습니다. "
            "변경되었거나 다른 키로 서명되었습니다.",
            f"The checkpoint bears no valid signature of {key.name}: "
            "it was altered, or another key signed.",
        ),
    )


def signer(found: VerifyingKey | None, pinned: VerifyingKey | None) -> Link:
    """Is the signer the one whose key the reader holds?

    Args:
        found: The key whose signature holds; None where that cannot be said.
        pinned: The reader's key; None where the reader has none.
    """
    if pinned is None:
        said = words(
            "서명자 미확인: 공개 키를 --key로 지정하십시오.",
            "Signer unknown: name the signer's public key with --key.",
        )
        return Link(name="signer", ok=False, sentence=said)
    if found != pinned:
        said = words(
            f"서명자: 지정한 키({pinned.name})가 아닌 다른 키로 서명되었습니다.",
            f"The signer is not the pinned one ({pinned.name}): another key signed.",
        )
        return Link(name="signer", ok=False, sentence=said)
    said = words(f"서명자: {pinned.name}", f"The signer is {pinned.name}, as pinned.")
    return Link(name="signer", ok=True, sentence=said)
