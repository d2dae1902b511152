"""What the charts show."""

from __future__ import annotations

import pytest

from madang.kernel.report import charts, colours
from madang.kernel.words import words
from tests.kernel.report import drawn

ROWS = (
    charts.ForestRow(label=words("앞선 모형", "ahead"), estimate=-0.02, low=-0.03, high=-0.01),
    charts.ForestRow(label=words("모르는 모형", "unknown"), estimate=0.01, low=-0.01, high=0.03),
    charts.ForestRow(label=words("기준", "baseline"), estimate=0.0, kind="baseline"),
    charts.ForestRow(
        label=words("실패한 모형", "failed"), kind="failed", note=words("시간 초과", "timeout")
    ),
)
BLUE, PAPER = colours.ACCENT.light, colours.PAPER.light
TITLE = words("IBS 차이", "difference in IBS")


def _forest(**changes):
    options = {"reference": 0.0, "axis_title": TITLE, "better": "lower", "decimals": 2} | changes
    return charts.forest(ROWS, **options)


@pytest.mark.parametrize("width_px", [640, 328])
def test_a_forest_names_each_row_beside_its_numbers(width_px):
    svg = _forest().svg("ko", width_px=width_px)

    found = drawn.texts(svg)
    assert {"앞선 모형", "모르는 모형", "기준", "실패한 모형", "시간 초과"} <= set(found)
    assert "-0.02 (-0.03 ~ -0.01)" in found
    assert "+0.01 (-0.01 ~ +0.03)" in found
    assert any(text.startswith("IBS 차이 (낮을수록") for text in found)


def test_a_forest_in_english_holds_no_korean():
    found = "".join(drawn.texts(_forest().svg("en")))

    assert not any("가" <= letter <= "힣" for letter in found)
    assert "lower is better" in found and "timeout" in found


def test_only_an_interval_clear_of_the_reference_is_drawn_full():
    svg = _forest().svg("en")

    full, hollow = drawn.marks(svg, fill=BLUE, stroke=BLUE), drawn.marks(svg, fill=PAPER)
    assert len(full) == len(hollow) == 1
    assert full[0][1] == pytest.approx(drawn.place_of(svg, "ahead")[1], abs=6)
    assert hollow[0][1] == pytest.approx(drawn.place_of(svg, "unknown")[1], abs=6)
    assert len(drawn.marks(svg, stroke=colours.EDGE.light, stroke_dasharray="4,3")) == 1
    key = " ".join(drawn.texts(svg))
    assert "● interval clear of the reference" in key
    assert "○ interval includes the reference" in key
    assert "◆ baseline" in key


@pytest.mark.parametrize("limit", ["low", "high"])
def test_an_interval_that_touches_the_reference_shows_nothing(limit):
    limits = {"low": -0.02, "high": 0.02, limit: 0.0}
    row = charts.ForestRow(label="x", estimate=0.0, **limits)

    svg = charts.forest([row], reference=0.0, axis_title=TITLE, better="lower").svg("en")

    assert not drawn.marks(svg, fill=BLUE, stroke=BLUE)


def test_the_better_side_is_named_where_it_is():
    lower, higher = (_forest(better=way).svg("en") for way in ("lower", "higher"))

    assert drawn.place_of(lower, "◀ better")[0] < drawn.place_of(lower, "worse ▶")[0]
    assert drawn.place_of(higher, "◀ worse")[0] < drawn.place_of(higher, "better ▶")[0]


def test_estimates_stand_in_their_order_along_the_axis():
    svg = _forest().svg("en")
    at = {
        name: drawn.marks(svg, fill=fill, **more)[0][0]
        for name, fill, more in (
            ("ahead", BLUE, {"stroke": BLUE}),
            ("unknown", PAPER, {}),
            ("baseline", colours.INK.light, {}),
        )
    }

    assert at["ahead"] < at["baseline"] < at["unknown"]
    # the three estimates are -0.02, 0 and 0.01
    assert (at["baseline"] - at["ahead"]) == pytest.approx(
        2 * (at["unknown"] - at["baseline"]), abs=1
    )


def test_names_above_the_marks_leave_them_the_whole_width():
    wide, narrow = _forest().svg("en"), _forest().svg("en", width_px=328)

    row = drawn.marks(narrow, fill=BLUE, stroke=BLUE)[0]
    assert row[1] > drawn.place_of(narrow, "ahead")[1] + 12
    assert float(drawn.root(narrow).get("width")) <= 336
    assert float(drawn.root(wide).get("width")) <= 648


@pytest.mark.parametrize(("better", "name"), [("lower", "low one"), ("higher", "high one")])
def test_the_best_score_is_named(better, name):
    rows = [
        charts.ForestRow(label="failed", kind="failed"),
        charts.ForestRow(label="low one", estimate=0.1, low=0.05, high=0.15),
        charts.ForestRow(label="high one", estimate=0.3, low=0.2, high=0.4),
    ]

    svg = charts.dots(rows, axis_title="IBS", better=better).svg("en")

    assert drawn.place_of(svg, "best")[1] > drawn.place_of(svg, name)[1]
    assert abs(drawn.place_of(svg, "best")[1] - drawn.place_of(svg, name)[1]) < 20
    assert sum('font-weight="600"' in line for line in svg.split("<text")) == 2


def test_a_chart_of_failures_alone_still_says_why():
    rows = [charts.ForestRow(label="a", kind="failed", note=words("기억 부족", "out of memory"))]

    found = drawn.texts(charts.dots(rows, axis_title="IBS", better="lower").svg("en"))

    assert "out of memory" in found


def test_hostile_names_stay_text():
    rows = [charts.ForestRow(label="</text><script>x</script>\x00", estimate=1.0)]

    svg = charts.dots(rows, axis_title="<b>", better="lower").svg("en")

    assert "<script" not in svg and "<b>" not in svg
    assert "</text><script>x</script>" in " ".join(drawn.texts(svg)).replace("\ufffd", "")


def test_bars_begin_at_zero_and_are_as_long_as_their_values():
    rows = [charts.BarRow(label="a", value=2.0), charts.BarRow(label="b", value=8.0)]

    svg = charts.bars(rows, axis_title="s", decimals=1).svg("en")

    lengths = [
        float(element.get("d").split("h")[1].split("v")[0])
        for element in drawn.root(svg).iter(f"{drawn.SVG}path")
        if element.get("fill") == BLUE
    ]
    assert lengths[1] == pytest.approx(4 * lengths[0], abs=1)
    assert {"2.0", "8.0", "0"} <= set(drawn.texts(svg))


def test_calibration_has_a_panel_a_solution_with_whiskers_and_the_line_of_agreement():
    point = charts.CalibrationPoint(predicted=0.5, observed=0.4, low=0.3, high=0.5)
    curves = [
        charts.CalibrationCurve(label=name, points=(point,), note="ICI 0.1") for name in "abcd"
    ]

    svg = charts.calibration(curves).svg("en")

    assert {"a", "b", "c", "d"} <= set(drawn.texts(svg))
    assert drawn.texts(svg).count("ICI 0.1") == 4
    assert len(drawn.marks(svg, stroke_dasharray="2,3")) == 4
    assert any("dashed: predicted equals observed" in text for text in drawn.texts(svg))
    # Observed below predicted: the mark lies below the diagonal of its square panel.
    assert drawn.place_of(svg, "d")[1] > drawn.place_of(svg, "a")[1]


def _curve(name: str, last: float) -> charts.Curve:
    return charts.Curve(
        label=name, x=(0.0, 12.0, 24.0), y=(1.0, 0.9, last), low=(1.0, 0.8, last - 0.1),
        high=(1.0, 1.0, last + 0.1),
    )  # fmt: skip


def test_curves_are_named_at_their_ends_with_their_last_values():
    svg = charts.curves(
        [_curve("upper", 0.8), _curve("lower", 0.79)], x_title="months", y_title="survival"
    ).svg("en")

    upper, lower = (drawn.place_of(svg, name) for name in ("upper", "lower"))
    assert {"0.80", "0.79", "months", "survival"} <= set(drawn.texts(svg))
    assert lower[1] - upper[1] >= 34  # two lines each, moved apart
    assert len({element.get("stroke-dasharray") for element in drawn.root(svg).iter()}) >= 2
    assert sum(element.get("fill-opacity") == "0.14" for element in drawn.root(svg).iter()) == 2


def test_steps_hold_their_value_until_the_next():
    def path(step):
        svg = charts.curves([_curve("a", 0.5)], x_title="m", y_title="s", step=step).svg("en")
        return next(
            element.get("d")
            for element in drawn.root(svg).iter()
            if element.get("stroke") == BLUE and element.get("stroke-width") == "2"
        )

    assert path(step=True).count("L") > path(step=False).count("L")


def test_seven_curves_cannot_be_told_apart():
    with pytest.raises(ValueError, match="at most six"):
        charts.curves([_curve(str(each), 0.5) for each in range(7)], x_title="x", y_title="y")


@pytest.mark.parametrize(
    "empty",
    [
        lambda: charts.forest([], reference=0.0, axis_title="x", better="lower"),
        lambda: charts.dots([], axis_title="x", better="lower"),
        lambda: charts.bars([], axis_title="x"),
        lambda: charts.calibration([]),
        lambda: charts.curves([], x_title="x", y_title="y"),
    ],
)
def test_a_chart_of_nothing_is_refused(empty):
    with pytest.raises(ValueError, match="needs a row"):
        empty()
