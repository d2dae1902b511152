"""The commands of this room speak to people in text and to programs in JSON."""

from __future__ import annotations

import json

from click.testing import CliRunner

from madang.cli import main


def test_json_is_one_object_whose_lines_add_up() -> None:
    run = CliRunner().invoke(main, ["programme", "lines", "--json"])

    told = json.loads(run.stdout)
    assert run.exit_code == 0
    assert sum(line["amount_krw"] for line in told["lines"]) == told["total_krw"]
    assert told["total_krw"] == 179_300_000_000


def test_people_read_one_row_a_line_and_which_rooms_do_not_stand() -> None:
    run = CliRunner().invoke(main, ["programme", "lines"], env={"MADANG_LANG": "ko"})

    rows = run.stdout.splitlines()
    assert len(rows) == 1 + 12 + 1
    assert rows[1].endswith("공공AX 프로젝트")
    assert rows[-1].split() == ["179,300,000,000", "합계"]
