"""The commands: a newcomer's way from terms to a reconciled fund."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from madang.cli import main
from tests.fund.terms import plain

ACTS = [
    {"act": "commit", "on": "2025-01-01"},
    {
        "act": "call",
        "on": "2025-01-02",
        "due": "2025-01-16",
        "purposes": {"investment": 9_000_000},
    },
    {
        "act": "pay",
        "on": "2025-01-16",
        "call": 1,
        "amounts": {"1": 5_400_000, "2": 3_510_000, "3": 90_000},
    },
]


def run(*words: str | Path) -> Result:
    """`madang fund …`."""
    return CliRunner().invoke(main, ["fund", *map(str, words)])


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    """Books of the small fund, with cash."""
    terms, acts = tmp_path / "terms.yaml", tmp_path / "acts.yaml"
    terms.write_text(yaml.safe_dump(plain(), allow_unicode=True), encoding="utf-8")
    acts.write_text(json.dumps(ACTS), encoding="utf-8")
    folder = tmp_path / "books"
    assert run("check", terms).exit_code == 0
    assert run("open", terms, "--folder", folder).exit_code == 0
    done = run("post", acts, "--folder", folder, "--by", "a", "--approved-by", "b")
    assert done.exit_code == 0, done.output
    return folder


def test_a_fund_is_opened_posted_to_and_verified(opened: Path) -> None:
    shown = json.loads(run("show", "--folder", opened, "--on", "2025-02-01", "--json").output)

    assert shown["cash"] == 9_000_000
    assert [row["paid_in"] for row in shown["partners"]] == [5_400_000, 3_510_000, 90_000]
    assert run("verify", "--folder", opened).exit_code == 0


def test_nothing_stays_where_one_act_of_a_file_cannot_be_done(
    opened: Path, tmp_path: Path
) -> None:
    acts = tmp_path / "more.yaml"
    acts.write_text(
        json.dumps(
            [
                {"act": "fee", "on": "2025-04-01"},
                {"act": "distribute", "on": "2025-04-01", "amount_krw": 9_000_000},
            ]
        ),
        encoding="utf-8",
    )
    before = sorted(path.name for path in opened.rglob("*"))
    done = run("post", acts, "--folder", opened, "--by", "a", "--approved-by", "b")

    assert done.exit_code == 3
    assert "8,506,849" in done.output
    assert sorted(path.name for path in opened.rglob("*")) == before


def test_a_dry_run_shows_the_postings_and_keeps_nothing(opened: Path, tmp_path: Path) -> None:
    acts = tmp_path / "more.yaml"
    acts.write_text(json.dumps([{"act": "fee", "on": "2025-04-01"}]), encoding="utf-8")
    done = run("post", acts, "--folder", opened, "--dry-run")

    assert done.exit_code == 0
    assert "493,151" in done.output
    assert json.loads(run("show", "--folder", opened, "--json").output)["entries"] == 3


def test_one_person_alone_posts_nothing(opened: Path, tmp_path: Path) -> None:
    acts = tmp_path / "more.yaml"
    acts.write_text(json.dumps([{"act": "fee", "on": "2025-04-01"}]), encoding="utf-8")

    assert run("post", acts, "--folder", opened, "--by", "a", "--approved-by", "a").exit_code == 3
    assert run("post", acts, "--folder", opened).exit_code == 2


def test_a_changed_file_is_noticed(opened: Path) -> None:
    act = opened / "entries/000001.jsonl"
    act.write_text(act.read_text(encoding="utf-8").replace("9000000", "9000001"), encoding="utf-8")
    done = run("verify", "--folder", opened)

    assert done.exit_code == 3
    assert "changed at 1" in done.output


def test_another_rule_is_asked_about(opened: Path) -> None:
    place = "distribution.tiers.1.rate=5%"
    done = run("what-if", place, "--folder", opened, "--on", "2026-01-01", "--json")

    assert sum(json.loads(done.output)["difference"].values()) == 0
    assert run("what-if", "nowhere.rate=5%", "--folder", opened).exit_code == 3
    assert run("what-if", "nonsense", "--folder", opened).exit_code == 2


def test_the_ledger_is_written_for_other_programs(opened: Path, tmp_path: Path) -> None:
    file = tmp_path / "ledger"

    assert run("export", file, "--folder", opened).exit_code == 0
    assert "open Assets:Cash KRW" in file.read_text(encoding="utf-8")
    assert run("export", file, "--as", "jsonl", "--folder", opened).exit_code == 0
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [json.loads(each)["number"] for each in lines] == [1, 2, 3]


def test_the_demonstration_holds_and_leaves_books_that_verify(tmp_path: Path) -> None:
    done = run("demo", "--into", tmp_path / "demo", "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["holds"]
    for name in ("ai-fund", "ai-fund-regional"):
        assert run("verify", "--folder", tmp_path / "demo" / name).exit_code == 0


def test_the_demonstration_takes_nobody_elses_folder(tmp_path: Path) -> None:
    mine = tmp_path / "ai-fund" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")

    assert run("demo", "--into", tmp_path).exit_code == 3
    assert mine.read_text(encoding="utf-8") == "mine"
    assert run("demo", "--into", tmp_path / "other").exit_code == 0
    assert run("demo", "--into", tmp_path / "other").exit_code == 0


def test_a_folder_without_a_fund_is_said_to_be_one(tmp_path: Path) -> None:
    done = run("show", "--folder", tmp_path)

    assert done.exit_code == 3
    assert "madang fund open" in done.output


def test_the_terms_change_by_versions(opened: Path, tmp_path: Path) -> None:
    path = tmp_path / "second.yaml"
    text = plain(version=2, effective_on="2026-01-01", late__rate="10%")
    path.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")

    assert run("add-terms", path, "--folder", opened).exit_code == 0
    assert run("add-terms", path, "--folder", opened).exit_code == 3


def test_how_a_fund_has_done_is_told_beside_an_index(tmp_path: Path) -> None:
    into, index = tmp_path / "demo", tmp_path / "kospi.csv"
    assert run("demo", "--into", into).exit_code == 0
    index.write_text("day,level\n2025-01-01,100\n2035-01-01,150\n", encoding="utf-8")
    folder = ("--folder", into / "ai-fund", "--on", "2035-09-30", "--json")
    found = json.loads(run("measures", "--index", index, *folder).output)

    assert found["net"]["status"] == "one"
    assert found["gross"]["tvpi"] > found["net"]["tvpi"] > 1
    assert found["public"]["ks_pme"] > 0
    index.write_text("day,level\n2025-01-01,high\n", encoding="utf-8")
    assert run("measures", "--index", index, *folder).exit_code == 3
    assert (into / "ai-fund/reports/partner-1.pdf").read_bytes()[:4] == b"%PDF"


@pytest.mark.parametrize("name", ["partners", "ilpa", "performance", "quarterly"])
@pytest.mark.parametrize("suffix", [".pdf", ".xlsx", ".csv"])
def test_a_report_is_written_as_a_file(
    opened: Path, tmp_path: Path, name: str, suffix: str
) -> None:
    file = tmp_path / f"report{suffix}"
    done = run("report", name, file, "--folder", opened, "--on", "2025-03-31")

    assert done.exit_code == 0, done.output
    assert file.stat().st_size > 500


def test_a_report_needs_a_kind_of_file_and_sometimes_a_partner(
    opened: Path, tmp_path: Path
) -> None:
    folder = ("--folder", opened)
    assert run("report", "ilpa", tmp_path / "a.doc", *folder).exit_code == 2
    assert run("report", "capital-account", tmp_path / "a.pdf", *folder).exit_code == 2
    wrong = run("report", "capital-account", tmp_path / "a.pdf", "--partner", "9", *folder)
    assert wrong.exit_code == 3


def test_a_plan_stands_side_by_side(opened: Path) -> None:
    folder = ("--folder", opened, "--on", "2025-02-01", "--paths", "100")
    found = json.loads(run("plan", *folder, "--json").output)

    assert [each["name"] for each in found["scenarios"]] == ["base", "slow", "late", "weak"]
    assert run("plan", *folder).exit_code == 0
