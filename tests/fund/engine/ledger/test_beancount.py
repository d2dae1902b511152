"""Another program reads the ledger, and finds every balance as it stands here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.fund.engine.demo.play import play
from madang.fund.engine.ledger import beancount

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Both invented funds as beancount files."""
    return {
        name: "\n".join(beancount.lines(each.book.journal, each.book.latest.title.en)) + "\n"
        for name, each in play().items()
    }


@pytest.mark.judge
def test_bean_check_accepts_the_export(exported: dict[str, str], tmp_path: Path) -> None:
    from beancount import loader

    for name, text in exported.items():
        path = tmp_path / f"{name}.beancount"
        path.write_text(text, encoding="utf-8")
        entries, faults, _ = loader.load_file(str(path))

        assert not faults
        assert len(entries) > 200


@pytest.mark.judge
def test_bean_check_notices_one_won_too_many(exported: dict[str, str], tmp_path: Path) -> None:
    from beancount import loader

    text = exported["ai-fund"]
    line = next(each for each in text.splitlines() if each.startswith("  Assets:Cash  "))
    amount = int(line.split()[1])
    broken = tmp_path / "broken.beancount"
    broken.write_text(text.replace(line, f"  Assets:Cash  {amount + 1} KRW", 1), encoding="utf-8")

    assert loader.load_file(str(broken))[1]
