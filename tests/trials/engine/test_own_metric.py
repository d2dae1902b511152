"""A trial is decided by a metric that its agency wrote and somebody else reviewed."""

from __future__ import annotations

import json

import pytest

from madang.kernel.errors import InputError
from madang.trials.engine.decision import decide
from madang.trials.engine.demand_text import examine, read_demand
from madang.trials.engine.diffusion import Protocol
from madang.trials.engine.draft import check
from madang.trials.engine.errors import DemandError, ProtocolDiffers
from madang.trials.engine.rerun import recorded, rerun
from tests.trials.acts import LINE_DEMAND, SEARCH_DEMAND, hand_in, register_line
from tests.trials.engine.own_metrics import LATE, ROOT, demand_with, own, plain
from tests.trials.engine.test_seal import sealed_values, traces
from tests.trials.toys import CANARY, line_data

pytestmark = pytest.mark.usefixtures("toys")


def places(text: str) -> list[tuple[str, str]]:
    return [(f.place, f.error.sentence("en")) for f in examine(text.encode()).faults]


def test_a_reviewed_metric_is_read_with_its_demand():
    demand = read_demand(demand_with().encode())

    assert demand.own_metric is not None
    metric = demand.own_metric.metric
    assert (metric.name, metric.title_ko, metric.direction) == (
        "own.late", "늦은 만큼의 비용", "lower",
    )  # fmt: skip
    assert (metric.lowest, metric.highest, metric.unit, metric.decimals) == (0, 1000, "won", 3)
    assert demand.own_metric.reviewed_by == "김검토"
    assert read_demand(LINE_DEMAND.encode()).own_metric is None


def test_every_change_after_the_review_is_another_digest():
    digest = own().digest

    for changes in (
        {"source": LATE.replace("RATE = 2", "RATE = 3")},
        {"direction": "higher"},
        {"per": "whole"},
        {"bounds": {"lowest": 0, "highest": 999}},
        {"bounds": {"lowest": -1, "highest": 1000}},
        {"name": "early"},
    ):
        assert own(**changes).digest != digest
    assert own(title={"ko": "다른 제목", "en": "Another title"}).digest == digest


def test_another_source_or_another_package_is_another_protocol():
    def protocol(text: str) -> Protocol:
        return Protocol.of(read_demand(text.encode()), frame={}, solution="5" * 64)

    first = protocol(demand_with())
    wheel = {"name": "greet", "version": "1.0", "sha256": "a" * 64}

    assert first.metric == f"own.late {own().digest}"
    assert first == protocol(demand_with())
    for other in (
        protocol(demand_with(LATE.replace("RATE = 2", "RATE = 3"))),
        protocol(demand_with() + f"environment: {json.dumps({'wheels': [wheel]})}\n"),
    ):
        with pytest.raises(ProtocolDiffers):
            first.require_same(other)


def test_a_source_that_differs_from_the_reviewed_one_is_refused():
    changed = LATE.replace("RATE = 2", "RATE = 20")
    text = demand_with(changed, reviewed=plain()["reviewed"])

    with pytest.raises(DemandError) as caught:
        read_demand(text.encode())

    said = caught.value.sentence("en")
    assert "differs from the one that was reviewed" in said
    assert own(changed).digest in said
    assert "지문" in caught.value.sentence("ko")


def test_a_metric_without_a_review_is_refused_with_the_digest_to_confirm():
    ((place, said),) = places(demand_with(reviewed=None))

    assert place == "own_metric.reviewed"
    assert own().digest in said


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"source": "import os\n" + LATE}, "own_metric.source", "the import 'os' in line 1"),
        ({"source": LATE + "\nprint(1)\n"}, "own_metric.source", "in line 13"),
        ({"bounds": {"lowest": 2, "highest": 2}}, "own_metric.bounds", "the bounds 2 to 2"),
        ({"bounds": {"lowest": 2}}, "own_metric.bounds", "no highest"),
        ({"direction": "up"}, "own_metric.direction", "the value up"),
        ({"per": "row"}, "own_metric.per", "the value row"),
        ({"name": "a.b"}, "own_metric.name", "the form"),
        ({"decimals": 9}, "own_metric.decimals", "at most 6"),
        ({"secret": 1}, "own_metric", "the unknown item secret"),
    ],
)
def test_what_is_wrong_with_a_metric_is_told_at_its_place(changes, place, said):
    declared = {**plain(), **changes}
    if changes.keys() & {"source"}:
        declared["reviewed"] = {"by": "b", "digest": own(declared["source"]).digest}
    text = LINE_DEMAND + f"own_metric: {json.dumps(declared, ensure_ascii=False)}\n"

    assert any(place == p and said in s for p, s in places(text)), places(text)


def test_a_replay_takes_no_metric_of_its_own():
    text = SEARCH_DEMAND + f"own_metric: {json.dumps(plain(), ensure_ascii=False)}\n"

    assert [place for place, _ in places(text)] == ["own_metric"]


def test_a_metric_that_nobody_declared_is_unknown(office, tmp_path):
    text = LINE_DEMAND.replace("metric: absolute_loss", "metric: own.late")

    with pytest.raises(InputError, match="metric 'own.late'"):
        register_line(office, tmp_path, text=text)


@pytest.mark.bwrap
@pytest.mark.parametrize(("source", "per"), [(LATE, "case"), (ROOT, "whole")])
def test_a_trial_is_led_by_such_a_metric_from_registration_to_report(
    office, tmp_path, source, per, capfd
):
    text = demand_with(source, per=per).replace(
        "secondary: [hit_score]", "secondary: [absolute_loss], guard: {own.late: 900}"
    )
    register_line(office, tmp_path, text=text)
    (tmp_path / "line.csv").unlink()
    for name in ("good", "mediocre", "talker"):
        hand_in(office, "line", name)
    office.work()

    board = office.board("line")
    paper = office.close("line")
    published = office.publish("line", tmp_path / "report")

    assert board["metric"] == "own.late"
    assert {row["firm"] for row in board["rows"]} == {"firm_good", "firm_mediocre", "firm_talker"}
    assert paper.decision.adopted == "good" or "good" in paper.decision.equals
    scores = paper.comparison["primary"]["scores"]
    assert scores["good"]["estimate"] < scores["mediocre"]["estimate"]
    cells = paper.comparison["subgroups"]
    assert all("own" not in row and row["scores"]["good"] > 0 for row in cells)
    record = recorded(published.json.read_bytes())
    assert record["registration"]["own_metric"] == {
        "digest": own(source, per=per).digest,
        "reviewed_by": "김검토",
    }
    assert own(source, per=per).digest in published.html.read_text("utf-8")
    assert [check.same for check in rerun(office, record)] == [True] * 3
    values = sealed_values(office, "line", ("board", "final"))
    assert traces(tmp_path, values) == []
    said = "".join(capfd.readouterr())
    assert not [value for value in values if repr(value) in said]


@pytest.mark.bwrap
def test_the_rehearsal_scores_by_it_too(office, tmp_path):
    register_line(office, tmp_path, text=demand_with())
    source = b"def predict(model, inputs, task):\n    return 2 * inputs['x'] + 1\n"

    found = office.rehearse("line", "python", {"solution.py": source})

    assert 0 < found.scores["own.late"] < 2
    assert found.scores["absolute_loss"] < found.scores["own.late"]


@pytest.mark.bwrap
def test_the_same_answers_by_the_same_formula_lead_to_the_same_decision(office, tmp_path):
    same = (
        "import numpy as np\ndef metric(outcomes, answers):\n"
        "    return np.abs(outcomes['y'] - answers[:, 0])\n"
    )
    register_line(office, tmp_path)
    register_line(
        office, tmp_path, text=demand_with(same).replace("demand: line", "demand: own-line")
    )
    found = []
    for demand in ("line", "own-line"):
        folder = office.workspace.demand_folder(demand)
        baselines = office.runner.scoring.ask("baselines", demand=demand, part="final")
        comparison = office.runner.scoring.ask(
            "compare", demand=demand, part="final", baseline="median", among=[],
            solutions={"median": baselines["median"]["answers"]},
        )  # fmt: skip
        directions = {name: m.direction for name, m in folder.scale.metrics.items()}
        decide(folder.demand.decision, comparison, solutions=[], directions=directions)
        found.append({**comparison["primary"], "metric": ""})

    assert found[0] == found[1]


@pytest.mark.bwrap
def test_a_metric_that_fails_its_trial_registers_nothing(office, tmp_path):
    backwards = demand_with(direction="higher")

    with pytest.raises(InputError, match="worse than every baseline"):
        register_line(office, tmp_path, text=backwards)
    with pytest.raises(InputError, match="leaves its bounds"):
        register_line(office, tmp_path, text=demand_with(bounds={"lowest": 0, "highest": 1}))

    assert office.workspace.demand_names() == []


@pytest.mark.bwrap
def test_a_draft_tries_the_metric_on_the_open_sample(tmp_path):
    line_data(200, canary=True).write_csv(tmp_path / "t.csv")

    def looked(text: str) -> dict:
        found = check(text, table=str(tmp_path / "t.csv")).plain()
        assert str(CANARY)[:6] not in json.dumps(found)
        return found

    good = looked(demand_with(bounds={"lowest": 0, "highest": 10**7}))
    bad = looked(demand_with(direction="higher", bounds={"lowest": 0, "highest": 10**7}))

    assert good["registrable"]
    assert good["baselines"][0]["scores"]["own.late"] > 0
    assert good["detectable_difference"] > 0
    assert any("늦은 만큼의 비용" in each["ko"] for each in good["preview"])
    assert [(f["place"], f["weight"]) for f in bad["findings"]] == [("own_metric", "error")]


@pytest.mark.bwrap
def test_a_draft_is_looked_at_before_its_metric_is_reviewed(tmp_path):
    line_data(200).write_csv(tmp_path / "t.csv")

    found = check(demand_with(reviewed=None), table=str(tmp_path / "t.csv")).plain()

    (fault,) = found["findings"]
    assert (fault["place"], fault["weight"]) == ("own_metric.reviewed", "error")
    assert own().digest in fault["ko"]
    assert not found["registrable"]
    assert found["sizes"]["open"] > 0
    assert found["baselines"][0]["scores"]["own.late"] > 0
