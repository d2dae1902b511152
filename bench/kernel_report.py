"""What does a report cost? The sample as page and paper, and the first use of each library."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from bench.table import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 5
LIBRARIES = {
    "altair": "import altair",
    "vl-convert, first picture": (
        "import vl_convert; vl_convert.vegalite_to_svg("
        "{'data': {'values': []}, 'mark': 'point'}, allowed_base_urls=[])"
    ),
    "typst, first page": "import typst; typst.compile(b'x')",
    "jinja2, first page": "import jinja2; jinja2.Template('x').render()",
}


def measure() -> list[Measurement]:
    """Cold starts, one picture by its parts, and the whole sample report."""
    return [*_cold_starts(), *_picture(), *_report()]


def _cpu_s(work: Callable[[], object], runs: int = RUNS) -> float:
    """The least CPU time of several runs, in seconds."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def _cold_starts() -> list[Measurement]:
    program = "import time; start = time.process_time(); {}; print(time.process_time() - start)"
    rows = []
    for name, code in LIBRARIES.items():
        command = [sys.executable, "-c", program.format(code)]
        times = [
            float(subprocess.run(command, capture_output=True, check=True).stdout)
            for _ in range(RUNS)
        ]
        rows.append(
            Measurement(
                what=f"cold start: {name}",
                figure=f"{1e3 * min(times):.0f} ms CPU",
                how=f"fresh process, least of {RUNS}",
            )
        )
    return rows


def _picture() -> list[Measurement]:
    """One forest plot: how much of it is Altair, and how much plain dictionaries would leave."""
    from altair.utils import schemapi

    from madang.kernel.report import drawing
    from tests.kernel.report import sample

    chart = sample.document().sections[0].blocks[0].drawing
    with schemapi.debug_mode(False):
        specification = chart.build("ko", 640).to_dict(validate=False)
        built = _cpu_s(lambda: chart.build("ko", 640).to_dict(validate=False))
    checked = _cpu_s(lambda: chart.build("ko", 640).to_dict())
    plain = _cpu_s(lambda: json.loads(json.dumps(specification)))
    drawn = _cpu_s(lambda: drawing._drawn(specification))
    return [
        Measurement(
            what="forest plot: specification through Altair",
            figure=f"{1e3 * built:.0f} ms CPU",
            peer=(
                f"{1e3 * checked:.0f} ms with Altair's own checks on; "
                f"{1e3 * plain:.2f} ms to make the same dictionaries without it"
            ),
            how=f"six rows, least of {RUNS}",
        ),
        Measurement(
            what="forest plot: specification to SVG by vl-convert",
            figure=f"{1e3 * drawn:.0f} ms CPU",
            peer=f"Altair part {built / drawn:.2f} of it",
            how=f"least of {RUNS}",
        ),
    ]


def _report() -> list[Measurement]:
    from madang.kernel.report import drawing
    from madang.kernel.report.html import html
    from madang.kernel.report.pdf import pdf
    from tests.kernel.report import sample

    document = sample.document()

    def afresh() -> bytes:
        drawing._svg.cache_clear()
        return html(document)

    page, again = _cpu_s(afresh, 3), _cpu_s(lambda: html(document))
    paper = _cpu_s(lambda: pdf(document))
    how = "sample report: five figures, four tables, both languages"
    return [
        Measurement(
            what="HTML, pictures drawn (5 figures × 2 languages × 2 widths)",
            figure=f"{page:.2f} s CPU",
            peer=f"{1e3 * again:.0f} ms with pictures at hand",
            goal="whole demo ≤ 60 s",
            how=how,
        ),
        Measurement(
            what="PDF, pictures at hand",
            figure=f"{1e3 * paper:.0f} ms CPU",
            goal="whole demo ≤ 60 s",
            how=how,
        ),
        Measurement(
            what="size of the HTML",
            figure=f"{len(html(document)) / 1024:.0f} KiB",
            goal="≤ 300 KB",
            kept=len(html(document)) <= 300_000,
            how=how,
        ),
        Measurement(
            what="size of the PDF", figure=f"{len(pdf(document)) / 1024:.0f} KiB", how=how
        ),
    ]
