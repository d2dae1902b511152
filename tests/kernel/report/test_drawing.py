"""SVG that is plain, safe and the same each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from madang.kernel.report.drawing import Chart, plain_svg
from tests.kernel.report import drawn

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10" viewBox="0 0 10 10">'

PROGRAM = """
import sys, hashlib
from madang.kernel.report import charts, document, html, pdf
from madang.kernel.words import words
rows = [charts.ForestRow(label=words("가", "A"), estimate=0.1, low=0.0, high=0.2)]
chart = charts.dots(rows, axis_title="IBS", better="lower")
figure = document.Figure(title=words("그림", "figure"), alt=words("가", "A"), drawing=chart)
title = words("제목", "Title")
report = document.Document(title=title, subtitle=title, summary=(figure,))
for content in (html.html(report), pdf.pdf(report)):
    print(hashlib.sha256(content).hexdigest())
"""


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<image href="http://example.org/a.png"/>',
        "<foreignObject/>",
        '<a href="x"><text>y</text></a>',
        '<text onclick="alert(1)">y</text>',
        '<g xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#a"><text>y</text></g>',
        '<text style="fill:url(http://example.org)">y</text>',
    ],
)
def test_anything_but_a_still_picture_is_refused(inside):
    with pytest.raises(ValueError, match="still picture"):
        plain_svg(f"{HEAD}{inside}</svg>", width_px=10)


def test_what_only_vega_needs_is_removed_and_coordinates_are_shortened():
    svg = plain_svg(
        f'{HEAD}<g class="a" role="b" aria-label="c"><path class="background" d="M0,0"/></g>'
        '<text font-family="Arial" fill-opacity="0.123456" transform="translate(1.23456,2)">'
        "\u22121</text></svg>",
        width_px=20,
    )

    assert "class" not in svg and "role" not in svg and "Arial" not in svg
    assert "<path" not in svg and "<g" not in svg
    assert "translate(1.2,2)" in svg and 'fill-opacity="0.123456"' in svg
    assert drawn.texts(svg) == ["-1"]  # the Korean font has no true minus
    assert drawn.root(svg).get("font-family").startswith("NanumGothic, ")
    assert drawn.root(svg).get("viewBox") == "0 0 20 10"


def test_each_picture_is_drawn_once():
    calls = []

    def build(language, width_px):
        import altair as alt

        calls.append((language, width_px))
        return alt.Chart(alt.Data(values=[{"a": 1}])).mark_point().encode(x="a:Q")

    chart = Chart(build)

    assert chart.svg("ko") == chart.svg("ko", width_px=640)
    chart.svg("en")
    chart.svg("en", width_px=328)
    assert calls == [("ko", 640), ("en", 640), ("en", 328)]


def test_two_processes_write_the_same_bytes():
    command = [sys.executable, "-c", PROGRAM]

    first, second = (subprocess.run(command, capture_output=True, check=True) for _ in range(2))

    assert first.stdout == second.stdout
    assert len(first.stdout.split()) == 2
