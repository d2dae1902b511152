"""What is published obeys its standard, adds up to the won, and names no person."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.programme.engine import booking
from madang.programme.engine.booked_year import booked
from madang.programme.engine.histories import invent
from madang.programme.engine.ledger import Kind, Ledger
from madang.programme.engine.open_data import conformity, export
from madang.programme.engine.open_data.publisher import NotPublishable, Publisher
from tests.programme.engine.bookings import empty, entry
from tests.programme.engine.spent_year import ledger

AT = datetime(2026, 1, 21, 3, tzinfo=UTC)
YEAR_END = date(2025, 12, 31)
PUBLISHER = Publisher(
    name=words("과학기술정보통신부", "Ministry of Science and ICT"),
    address="https://madang.example",
    ocds_prefix="ocds-abc123",
    oc4ids_prefix="oc4ids-abc123",
)
STANDARDS: dict[str, conformity.Standard] = {
    "releases.json": "ocds/release-package",
    "records.json": "ocds/record-package",
    "projects.json": "oc4ids/project-package",
}


def formats(held: Ledger | None = None, on: date = YEAR_END) -> dict[str, bytes]:
    return export.formats(held or ledger(), PUBLISHER, on=on, at=AT)


def package(name: str, held: Ledger | None = None, on: date = YEAR_END) -> dict[str, Any]:
    found = json.loads(formats(held, on)[name])
    assert isinstance(found, dict)
    return found


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(formats()[name].decode())))


def project(line: str, on: date = YEAR_END) -> dict[str, Any]:
    (found,) = [
        each
        for each in package("projects.json", on=on)["projects"]
        if each["id"].endswith(f"-{line}")
    ]
    return dict(found)


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("held", [empty, ledger], ids=["nothing-booked", "a-year"])
def test_every_package_obeys_its_standard(name: str, held: Any) -> None:
    assert conformity.faults(package(name, held()), STANDARDS[name]) == []


@pytest.mark.parametrize("name", STANDARDS)
def test_a_planted_fault_is_found(name: str) -> None:
    broken = package(name)
    (kind,) = {"releases", "records", "projects"} & set(broken)
    first = broken[kind][0]
    first.pop("id" if kind == "projects" else "ocid")
    broken["publishedDate"] = "gestern"

    found = conformity.faults(broken, STANDARDS[name])

    assert len(found) >= 2
    assert any("publishedDate" in each for each in found)
    with pytest.raises(conformity.NotConforming):
        conformity.check(broken, STANDARDS[name])


def test_a_wrong_value_deep_inside_is_found_by_its_place() -> None:
    broken = package("projects.json")
    broken["projects"][3]["budget"]["amount"]["amount"] = "1억"

    (found,) = conformity.faults(broken, "oc4ids/project-package")

    assert found.startswith("projects/3/budget/amount/amount")


@pytest.mark.shared
def test_the_standards_own_example_is_valid_and_its_faults_are_two(shared: Path) -> None:
    """Source: the README beside the reference data: 0 errors, and 2 with these two faults."""
    example = json.loads((shared / "programme/oc4ids/example.json").read_text(encoding="utf-8"))

    assert conformity.faults(example, "oc4ids/project-package") == []
    (first, *_) = example["projects"]
    first.pop("id")
    first["budget"]["amount"]["amount"] = "1억"
    assert len(conformity.faults(example, "oc4ids/project-package")) == 2


@pytest.mark.shared
def test_the_schemas_are_the_standards_own(shared: Path) -> None:
    own = Path(conformity.__file__).parent / "schemas"
    for path in own.rglob("*.json"):
        assert path.read_bytes() == (shared / "programme" / path.relative_to(own)).read_bytes()


def test_budgets_of_all_projects_add_up_to_what_was_voted() -> None:
    found = package("projects.json")["projects"]

    assert len(found) == 12
    assert sum(each["budget"]["amount"]["amount"] for each in found) == 179_300_000_000
    assert project("not-itemised")["budget"]["amount"]["amount"] == 8_960_000_000


def test_a_project_tells_three_amounts() -> None:
    amounts = {
        each["id"]: each["observations"][0]["value"]["amount"]
        for each in project("rpki")["metrics"]
    }

    assert amounts["granted"] == 2_000_000_000
    assert amounts["disbursed"] == 130_000_000
    assert amounts["spent"] == 70_000_000


def test_a_transfer_shows_in_both_lines_and_in_the_planning() -> None:
    assert project("rpki")["budget"]["amount"]["amount"] == 2_500_000_000
    assert project("npu")["budget"]["amount"]["amount"] == 30_500_000_000
    plans = [
        (each["tag"], each["planning"]["budget"]["amount"]["amount"])
        for each in package("releases.json")["releases"]
        if each["ocid"] == "ocds-abc123-rpki"
    ]
    assert plans == [(["planning"], 3_000_000_000), (["planningUpdate"], 2_500_000_000)]


def test_payments_of_an_award_stand_by_month_with_payer_and_payee() -> None:
    (record,) = [
        each
        for each in package("records.json")["records"]
        if each["ocid"] == "ocds-abc123-rpki-a1"
    ]

    contract = record["compiledRelease"]["contracts"][0]
    found = contract["implementation"]["transactions"]
    assert [each["value"]["amount"] for each in found] == [110_000_000, -10_000_000]
    assert [each["date"][:7] for each in found] == ["2025-09", "2025-10"]
    assert {each["payee"]["name"] for each in found} == {"가나다"}
    assert [each["tag"] for each in record["releases"]] == [
        ["award", "contract"],
        ["implementation"],
        ["implementationUpdate"],
    ]
    dates = [each["date"] for each in record["releases"]]
    assert dates == sorted(dates)


def test_ids_of_releases_differ() -> None:
    names = [each["id"] for each in package("releases.json")["releases"]]

    assert len(set(names)) == len(names)


def test_payments_without_award_stand_with_the_project() -> None:
    (found,) = project("rpki")["transactions"]

    assert found["value"]["amount"] == 30_000_000
    assert "payee" not in found


def test_no_person_and_no_memo_is_published() -> None:
    for name, content in formats().items():
        assert "홍길동" not in content.decode(), name
        assert "비밀 메모" not in content.decode(), name


def test_every_line_has_a_stable_address() -> None:
    addresses = json.loads(formats()["manifest.json"])["addresses"]

    assert addresses["rpki"] == "https://madang.example/programme/lines/rpki"
    assert {each["address"] for each in rows("lines.csv")} == set(addresses.values())


def test_tables_say_what_the_ledger_says() -> None:
    lines = {each["line"]: each for each in rows("lines.csv")}

    assert sum(int(each["appropriation_krw"]) for each in lines.values()) == 179_300_000_000
    assert lines["rpki"]["disbursed_krw"] == "130000000"
    assert len(rows("records.csv")) == len(ledger().entries)


def test_a_later_booking_is_not_in_an_earlier_state() -> None:
    assert "transactions" not in project("rpki", on=date(2025, 8, 31))
    early = formats(on=date(2025, 9, 30))
    assert b"p4" not in early["records.csv"]
    assert b"Update" not in early["releases.json"]
    assert b"2025-10" not in early["records.json"]


def test_the_descriptor_knows_every_column_and_every_digest() -> None:
    files = formats()
    described = json.loads(files["datapackage.json"])

    assert described["profile"] == "fiscal-data-package"
    for each in described["resources"]:
        content = files[each["path"]]
        head = content.decode().splitlines()[0].split(",")
        assert [field["name"] for field in each["schema"]["fields"]] == head
        assert each["hash"] == f"sha256:{ids.digest(content)}"
        assert each["bytes"] == len(content)
        assert set(each["schema"]["primaryKey"]) <= set(head)


def test_a_cell_never_begins_as_a_formula() -> None:
    held = booking.append(empty(), [entry("=cmd", Kind.GRANT, 1, date(2025, 8, 1))])

    text = export.formats(held, PUBLISHER, on=YEAR_END, at=AT)["records.csv"].decode()

    assert "\r\n'=cmd," in text


@pytest.mark.parametrize("given", [{"id_": "example-1"}, {"by": "example"}])
def test_an_example_year_never_enters_the_open_data(given: dict[str, str]) -> None:
    values = {"id_": "x", "kind": Kind.GRANT, "amount_krw": 1, "on": date(2025, 8, 1), **given}
    held = booking.append(empty(), [entry(**values)])  # type: ignore[arg-type]

    with pytest.raises(NotPublishable, match="example"):
        formats(held)


def test_an_invented_year_as_the_demonstration_books_it_is_refused() -> None:
    programme = empty().programme
    year = invent(programme, np.random.default_rng(1))

    with pytest.raises(NotPublishable):
        formats(booked(programme, year, until=date(2025, 10, 31)))


@pytest.mark.parametrize(
    "given",
    [
        {"ocds_prefix": "ocds-ABC123"},
        {"oc4ids_prefix": "ocds-abc123"},
        {"address": "https://madang.example/"},
        {"address": "file:///tmp"},
    ],
)
def test_a_publisher_without_a_good_prefix_and_address_is_refused(given: dict[str, str]) -> None:
    values = {
        "name": words("가", "a"),
        "address": "https://madang.example",
        "ocds_prefix": "ocds-abc123",
        "oc4ids_prefix": "oc4ids-abc123",
    }
    with pytest.raises(NotPublishable):
        Publisher(**{**values, **given})  # type: ignore[arg-type]


class TestWriting:
    """A folder appears whole, or not at all."""

    def test_an_earlier_export_is_replaced(self, tmp_path: Path) -> None:
        out = tmp_path / "out"
        export.write(formats(empty()), out)
        export.write(formats(), out)

        assert {path.name for path in out.iterdir()} == set(formats())
        assert (out / "lines.csv").read_bytes() == formats()["lines.csv"]
        assert [path.name for path in tmp_path.iterdir()] == ["out"]

    def test_a_folder_with_anything_else_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("x")

        with pytest.raises(InputError):
            export.write(formats(), tmp_path)

        assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

    def test_a_disk_that_fails_leaves_the_old_files_whole(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = tmp_path / "out"
        export.write(formats(empty()), out)
        before = {path.name: path.read_bytes() for path in out.iterdir()}
        write = Path.write_bytes

        def full(path: Path, content: bytes) -> int:
            if path.name == "projects.json":
                raise OSError(28, "No space left on device")
            return write(path, content)

        monkeypatch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            export.write(formats(), out)

        assert {path.name: path.read_bytes() for path in out.iterdir()} == before
        assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_same_ledger_gives_the_same_bytes() -> None:
    assert formats() == formats()
