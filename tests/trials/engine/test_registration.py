"""A demand is registered once, whole or not at all; nothing in it tells of the old order."""

from __future__ import annotations

import json
import shutil

import numpy as np
import polars as pl
import pytest

from madang.kernel import systems
from madang.kernel.errors import InputError
from madang.kernel.store.tables import write_table
from madang.trials.engine import registration
from madang.trials.engine.errors import DemandError, SealBroken
from madang.trials.engine.registration import Registrar
from madang.trials.engine.workspace import DemandFolder, Workspace
from tests.trials import toy_house
from tests.trials.acts import LINE_DEMAND, SEARCH_DEMAND
from tests.trials.toys import line_data, search_data

PARTS = ("board", "final")
WITH_DEVELOP = LINE_DEMAND.replace(
    "parts: {open: 0.3, board: 0.3, final: 0.4}",
    "parts: {open: 0.2, develop: 0.2, board: 0.3, final: 0.3}",
)
WITHOUT_FILES = LINE_DEMAND.replace("tiers: [predictions, onnx, python]", "tiers: [python]")


@pytest.fixture(autouse=True)
def house(monkeypatch):
    monkeypatch.setattr(systems, "manifests", toy_house.manifests)


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace(tmp_path / "workspace").create()
    workspace.keys.create("outcomes")
    return workspace


def register(workspace, table: pl.DataFrame | bytes, text: str = LINE_DEMAND, **extra):
    path = workspace.folder.parent / "agency.csv"
    path.write_bytes(table if isinstance(table, bytes) else table.write_csv().encode())
    return Registrar(workspace).register(text=text, table=str(path), **extra)


def opened(workspace, part: str, kind: str, demand: str = "line") -> pl.DataFrame:
    if part == "open":
        file = f"open_{kind}.parquet"
        return pl.read_parquet(DemandFolder(workspace, demand).public / file)
    return pl.read_parquet(DemandFolder(workspace, demand).vault.open(part, kind))


def nothing_stands(workspace) -> None:
    assert workspace.demand_names() == []
    for folder in ("demands", "registering"):
        assert not list((workspace.folder / folder).glob("*"))


def refused(workspace, table, text: str = LINE_DEMAND) -> str:
    with pytest.raises(InputError) as caught:
        register(workspace, table, text)
    nothing_stands(workspace)
    assert "\n" not in caught.value.sentence("ko")
    return caught.value.sentence("en")


def test_every_case_falls_in_exactly_one_part_with_its_own_outcome(workspace):
    data = line_data(200)

    facts = register(workspace, data, WITH_DEVELOP)

    parts = ("open", "develop", "board", "final")
    assert facts["sizes"] == {p: opened(workspace, p, "inputs").height for p in parts}
    assert sum(facts["sizes"].values()) == 200
    cases = pl.concat(
        [
            opened(workspace, p, "inputs").hstack(
                opened(workspace, p, "outcomes").select(y="y", of="case")
            )
            for p in parts
        ]
    )
    assert (cases["case"] == cases["of"]).all()
    assert sorted(cases.select("x", "colour", "y").rows()) == sorted(
        data.select("x", "colour", "y").rows()
    )
    assert cases["case"].n_unique() == 200


def test_the_identifier_stays_sealed_and_only_there(workspace):
    data = line_data(200)
    register(workspace, data)

    for part in PARTS:
        sealed = opened(workspace, part, "outcomes").join(data, left_on="__id", right_on="id")
        assert (sealed["y"] == sealed["y_right"]).all()
        assert (sealed["__group"] == sealed["site"]).all()
    for table in (
        *(opened(workspace, p, "inputs") for p in ("open", *PARTS)),
        opened(workspace, "open", "outcomes"),
    ):
        assert not {"id", "site", "__id", "__group"} & set(table.columns)


def test_no_group_is_torn_apart(workspace):
    data = line_data(200)
    register(workspace, data)

    sites = {part: set(opened(workspace, part, "outcomes")["__group"]) for part in PARTS}
    # Sites are known by their x, which differs everywhere.
    of_x = dict(data.select("x", "site").rows())
    sites["open"] = {of_x[x] for x in opened(workspace, "open", "inputs")["x"]}
    assert sum(len(each) for each in sites.values()) == len(set.union(*sites.values())) == 50


def test_new_names_and_row_order_carry_nothing_of_the_old(workspace):
    data = line_data(400).sort("y").with_columns(id=pl.format("p{}", pl.int_range(400)))
    register(workspace, data)

    for part in PARTS:
        y = opened(workspace, part, "outcomes")["y"].to_numpy()
        # Kendall's tau of 120 cases in random order: standard error 0.06.
        order = np.sign(np.subtract.outer(y, y))[np.tril_indices(len(y), -1)].mean()
        assert abs(order) < 0.25
        names = opened(workspace, part, "inputs")["case"].to_list()
        assert names == [f"{part}-{row:06d}" for row in range(1, len(y) + 1)]


def test_a_replay_loses_its_row_order_too(workspace):
    data = search_data(200).sort("target")
    register(workspace, data, SEARCH_DEMAND)

    for part in PARTS:
        target = opened(workspace, part, "outcomes", "search")["target"].to_numpy()
        order = np.sign(np.subtract.outer(target, target))[np.tril_indices(len(target), -1)]
        assert abs(order.mean()) < 0.3


def test_the_same_seed_gives_the_same_split_and_another_another(tmp_path):
    found = []
    for number, text in enumerate([LINE_DEMAND, LINE_DEMAND, LINE_DEMAND.replace("7", "8")]):
        workspace = Workspace(tmp_path / str(number) / "workspace").create()
        workspace.keys.create("outcomes")
        register(workspace, line_data(200), text)
        found.append([opened(workspace, p, "outcomes").rows() for p in ("open", *PARTS)])

    assert found[0] == found[1]
    assert found[0] != found[2]


def test_commitments_name_every_public_and_sealed_file(workspace):
    from hashlib import sha256

    facts = register(workspace, line_data(200), WITH_DEVELOP)
    folder = DemandFolder(workspace, "line").folder

    for name, digest in facts["commitments"].items():
        assert sha256((folder / name).read_bytes()).hexdigest() == digest
    sealed = {f"sealed/{path.name}" for path in (folder / "sealed").iterdir()}
    assert sealed | {"public/open_inputs.parquet", "public/open_outcomes.parquet"} <= set(
        facts["commitments"]
    )
    assert facts == json.loads((folder / "registration.json").read_text("utf-8"))
    assert (folder / "demand.yaml").read_text("utf-8") == WITH_DEVELOP


def test_sealed_inputs_are_given_out_only_where_predictions_are_taken(workspace):
    register(workspace, line_data(200), WITH_DEVELOP)
    register(workspace, line_data(200), WITHOUT_FILES.replace("demand: line", "demand: closed"))

    def public(demand: str) -> set[str]:
        return {path.name for path in DemandFolder(workspace, demand).public.iterdir()}

    assert public("line") == {
        "open_inputs.parquet",
        "open_outcomes.parquet",
        "board_inputs.parquet",
        "final_inputs.parquet",
    }
    assert public("closed") == {"open_inputs.parquet", "open_outcomes.parquet"}


def test_a_demand_is_registered_once(workspace):
    register(workspace, line_data(200))
    before = (DemandFolder(workspace, "line").folder / "registration.json").read_bytes()

    with pytest.raises(DemandError, match="a registered demand 'line'"):
        register(workspace, line_data(120))

    assert (DemandFolder(workspace, "line").folder / "registration.json").read_bytes() == before


def test_a_column_that_gives_the_outcome_away_refuses_registration(workspace):
    leaking = line_data(200).with_columns(x=pl.col("y") * 2)

    found = register(workspace, leaking)

    assert set(found) == {"leaks"}
    assert [leak["column"] for leak in found["leaks"]] == ["x"]
    assert found["leaks"][0]["value"] > 0.999
    nothing_stands(workspace)
    assert register(workspace, leaking, accept=["y"]) == found
    nothing_stands(workspace)


def test_an_accepted_leak_stands_in_the_record(workspace):
    leaking = line_data(200).with_columns(x=pl.col("y") * 2)

    facts = register(workspace, leaking, accept=["x", "other"])

    assert [leak["column"] for leak in facts["leaks"]] == ["x"]
    assert workspace.demand_names() == ["line"]


DATA = line_data(200)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (DATA.drop("x"), "x"),
        (DATA.drop("y"), "y"),
        (DATA.drop("id"), "id"),
        (DATA.drop("site"), "site"),
        (DATA.with_columns(more=pl.lit(1)), "more"),
        (DATA.with_columns(id=pl.lit("same")), "id"),
        (DATA.with_columns(x=pl.when(pl.col("x") > 4).then(None).otherwise(pl.col("x"))), "x"),
        (DATA.with_columns(y=pl.lit(float("nan"))), "y"),
        (DATA.with_columns(y=pl.lit("text")), "y"),
        (DATA.with_columns(site=pl.lit(None, pl.String)), "site"),
        (DATA.with_columns(colour=pl.lit("초록")), "colour"),
        (DATA.head(0), "case"),
        (b"", ""),
        (b"PAR1 no parquet PAR1", "parquet"),
        (b"\xff\xfe\x00\x01", ""),
        (write_table(DATA)[:-40], ""),
    ],
)
def test_a_table_that_is_not_the_declared_one_leaves_nothing(workspace, table, said):
    found = refused(workspace, table)

    assert said.lower() in found.lower()
    for value in ("case-0", "초록"):
        assert value not in found


def test_too_few_cases_for_a_part_leave_nothing(workspace):
    assert "cases in the part open; expected at least 20" in refused(workspace, line_data(40))


def test_an_unknown_metric_leaves_nothing(workspace):
    text = LINE_DEMAND.replace("metric: absolute_loss", "metric: speed")

    assert "metric 'speed'" in refused(workspace, line_data(200), text)


@pytest.mark.parametrize("missing", ["nowhere.csv", "."])
def test_a_file_that_cannot_be_read_leaves_nothing(workspace, tmp_path, missing):
    with pytest.raises(DemandError, match="an unreadable file"):
        Registrar(workspace).register(text=LINE_DEMAND, table=str(tmp_path / missing))

    nothing_stands(workspace)


def test_no_key_to_the_outcomes_no_registration(workspace):
    workspace.keys.file("outcomes").unlink()

    with pytest.raises(SealBroken, match="no usable key outcomes"):
        register(workspace, line_data(200))

    nothing_stands(workspace)


def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(workspace, monkeypatch):
    written = []

    def full(path, content):
        written.append(path)
        if len(written) == 4:
            raise OSError(28, "No space left on device")
        path.write_bytes(content)

    monkeypatch.setattr(registration, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        register(workspace, line_data(200))

    assert len(written) == 4
    nothing_stands(workspace)


def test_what_a_killed_registration_left_is_cleared_and_never_counts(workspace):
    register(workspace, line_data(200))
    staged = workspace.folder / "registering" / "line"
    shutil.move(workspace.folder / "demands" / "line", staged)
    (staged / "old").write_bytes(b"")

    assert workspace.demand_names() == []
    register(workspace, line_data(200))

    assert workspace.demand_names() == ["line"]
    assert not (workspace.folder / "demands" / "line" / "old").exists()
    assert not staged.exists()


CLASSES = """
demand: first
title: {ko: 분류, en: Classes}
ministry: {ko: 시험부, en: Ministry of Tests}
problem: {ko: 나눕니다., en: Tell them apart.}
task: {name: trials.classification, options: {outcome: kind}}
data:
  id: id
  inputs: [{name: x, kind: number}]
  outcomes: [{name: kind, kind: text}]
parts: {open: 0.4, board: 0.2, final: 0.4}
seed: 7
decision: {metric: brier, baseline: class_shares, rule: superiority}
"""


def of_classes(kinds: str) -> pl.DataFrame:
    rows = len(kinds) * 60
    return pl.DataFrame(
        {
            "id": [str(row) for row in range(rows)],
            "x": np.random.default_rng(4).normal(0, 1, rows),
            "kind": list(kinds) * 60,
        }
    )


def test_a_frame_is_taken_over_where_the_outcomes_fit_it(workspace):
    first = register(workspace, of_classes("abc"), CLASSES)

    second = register(
        workspace, of_classes("ab"), CLASSES.replace("demand: first", "demand: second"),
        like="first",
    )  # fmt: skip

    assert second["frame"] == first["frame"]
    assert second["frame"]["classes"] == ["a", "b", "c"]


def test_outcomes_that_do_not_fit_a_frame_register_nothing(workspace):
    register(workspace, of_classes("ab"), CLASSES)

    with pytest.raises(InputError):
        register(
            workspace, of_classes("abz"), CLASSES.replace("demand: first", "demand: second"),
            like="first",
        )  # fmt: skip

    assert workspace.demand_names() == ["first"]
