"""Every reason that the engine gives is written down, and none is written down for nothing."""

from __future__ import annotations

import re

from madang.rpki.engine.faults import Fault, reasons
from tests.house import ROOT

ENGINE = ROOT / "src/madang/rpki/engine"
_CODE = re.compile(r'"([a-z0-9]+(?:-[a-z0-9]+)+|overclaim|policy|revoked|sia|signature)"')


def _named() -> set[str]:
    """Every string of the engine that has the form of a code."""
    files = [file for file in ENGINE.rglob("*.py") if "simulator" not in file.parts]
    return {code for file in files for code in _CODE.findall(file.read_text(encoding="utf-8"))}


def test_every_code_that_is_raised_has_its_reason() -> None:
    raised = set()
    for file in ENGINE.rglob("*.py"):
        raised |= set(re.findall(r'\bFault\(\s*"([a-z0-9-]+)"', file.read_text(encoding="utf-8")))

    assert len(raised) > 90
    assert raised <= set(reasons())


def test_no_reason_is_written_down_that_nothing_gives() -> None:
    assert set(reasons()) <= _named()


def test_a_reason_names_its_norm_and_speaks_both_languages() -> None:
    for reason in reasons().values():
        assert re.match(r"(RFC \d{4} \d|X\.690 \d|draft-ietf-)", reason.norm), reason
        assert reason.sentence.ko.endswith("니다.")
        assert reason.sentence.en.endswith(".")


def test_a_fault_says_its_code_its_byte_and_what_was_there() -> None:
    fault = Fault("der-tag", 7, "tag 0x0c instead of 0x13")

    assert str(fault) == "der-tag at byte 7: tag 0x0c instead of 0x13"
    assert str(Fault("revoked")) == "revoked"
    assert fault == Fault("der-tag", 7, "tag 0x0c instead of 0x13")
    assert fault.reason.norm == "X.690 8.1.2"
