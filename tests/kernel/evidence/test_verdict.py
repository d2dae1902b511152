"""A verdict holds only where a chain was walked to its pinned signer."""

from __future__ import annotations

from madang.kernel.evidence.verdict import Link, Verdict
from madang.kernel.words import words

HELD = Link(name="form", ok=True, sentence=words("형식", "form"))
SIGNER = Link(name="signer", ok=True, sentence=words("서명자", "signer"))
BROKEN = Link(name="body", ok=False, sentence=words("본문", "body"))


def test_a_chain_that_holds_up_to_its_signer_is_verified() -> None:
    verdict = Verdict(kind="html", links=(HELD, SIGNER))

    assert verdict.ok
    assert verdict.sentence() == words("확인 결과: 이상 없음", "Verified.")


def test_a_check_of_nothing_is_no_verification() -> None:
    assert not Verdict(kind="html", links=()).ok
    assert not Verdict(kind="html", links=(HELD,)).ok


def test_the_first_broken_link_is_named() -> None:
    verdict = Verdict(kind="html", links=(HELD, BROKEN, SIGNER))

    assert not verdict.ok
    assert verdict.first_broken == BROKEN
    assert verdict.sentence().en == "Not verified. First broken link: body."
    assert verdict.to_json()["first_broken"] == "body"
