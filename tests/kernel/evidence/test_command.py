"""`madang evidence verify` says by its exit code what came of the check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from madang.cli import main
from madang.kernel.evidence import envelope
from madang.kernel.evidence.seal import seal
from tests.kernel.evidence.samples import score

if TYPE_CHECKING:
    from pathlib import Path

    from madang.kernel.evidence.bundle import Bundle
    from madang.kernel.evidence.keys import SigningKey


def run(*arguments: object, language: str = "en") -> Result:
    command = ["evidence", "verify", *map(str, arguments)]
    return CliRunner().invoke(main, command, env={"MADANG_LANG": language})


@pytest.fixture
def report(tmp_path: Path, bundle: Bundle, bodies: dict[str, bytes], key: SigningKey) -> Path:
    """A sealed report beside its log (`log`) and the signer's public key (`key.pub`)."""
    key.verifier.save(tmp_path / "key.pub")
    (tmp_path / "report.html").write_bytes(seal(bodies["html"], "html", bundle))
    return tmp_path / "report.html"


def test_a_true_report_ends_with_0(report: Path) -> None:
    result = run(report, "--key", report.parent / "key.pub")

    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "Verified."
    assert "✓ Entry 1 (score of s1) stands in the log." in result.output


def test_the_key_may_be_given_as_text(report: Path, key: SigningKey) -> None:
    assert run(report, "--key", key.verifier.text).exit_code == 0


def test_an_altered_report_ends_with_1_and_names_the_place(report: Path) -> None:
    report.write_bytes(report.read_bytes().replace(b"0.71", b"0.99", 1))
    result = run(report, "--key", report.parent / "key.pub", language="ko")

    assert result.exit_code == 1
    assert "✗ 본문: 서명된 내용과 다릅니다." in result.output
    assert result.output.splitlines()[-1] == "확인 결과: 실패. 처음 끊어진 곳: body"


def test_without_a_key_the_check_ends_with_1(report: Path) -> None:
    result = run(report)

    assert result.exit_code == 1
    assert "Signer unknown" in result.output


def test_programs_read_one_json_object(report: Path) -> None:
    result = run(report, "--key", report.parent / "key.pub", "--json")
    verdict = json.loads(result.output)

    assert result.exit_code == 0
    assert verdict["ok"] is True
    assert verdict["first_broken"] is None
    assert [link["name"] for link in verdict["links"]][-1] == "signer"


def test_a_log_and_an_envelope_are_verified_too(report: Path, key: SigningKey) -> None:
    (report.parent / "fact.dsse.json").write_bytes(envelope.export(score("cox", 0.7), key))
    for name in ("log", "fact.dsse.json"):
        assert run(report.parent / name, "--key", report.parent / "key.pub").exit_code == 0


@pytest.mark.parametrize("name", ["missing", "key.pub"])
def test_what_cannot_be_read_ends_with_3_and_one_sentence(report: Path, name: str) -> None:
    result = run(report.parent / name, "--key", report.parent / "key.pub")

    assert result.exit_code == 3
    assert len(result.output.strip().splitlines()) == 1
    assert "Traceback" not in result.output


def test_a_key_that_cannot_be_read_ends_with_3(report: Path) -> None:
    assert run(report, "--key", "missing.pub").exit_code == 3
    assert run(report, "--key", "a+b+c").exit_code == 3
