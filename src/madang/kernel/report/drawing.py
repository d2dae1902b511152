"""How does a chart become SVG? Altair builds it, Vega draws it, and what only Vega needs goes.

The picture is plain: no script, no link, no identifier, text as text in a Korean font, and colours
as they stand in `report.colours`, so that a page can exchange them for dark paper.
"""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.report import font
from madang.kernel.report.written import MINUS

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.kernel.words import Language

_SVG = "http://www.w3.org/2000/svg"
_KEPT = {"svg", "g", "path", "rect", "line", "text", "tspan", "circle"}
_PLACES = {"d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "r", "cx", "cy"}
_DROPPED = {"class", "role", "pointer-events", "aria-hidden", "aria-label", "aria-roledescription"}
_DEFAULTS = {
    ("opacity", "1"),
    ("stroke-width", "1"),
    ("version", "1.1"),
    ("font-weight", "normal"),
}


@dataclass(frozen=True)
class Chart:
    """A chart that can be drawn in either language and at any width."""

    build: Callable[[Language, int], Any]
    """build(language, width_px) → an `altair` chart."""

    def svg(self, language: Language, *, width_px: int = 640) -> str:
        """The picture as SVG, the same bytes each time.

        Raises:
            Unavailable: The Korean font is not installed.
        """
        return _svg(self, language, width_px)


@functools.lru_cache(maxsize=256)
def _svg(chart: Chart, language: Language, width_px: int) -> str:
    """A page and a PDF of one document need the same pictures; each is drawn once."""
    from altair.utils import schemapi

    # Altair checks each part against its schema as it is made: most of its time, though no data of
    # a chart can change the shape of its specification.
    with schemapi.debug_mode(False):
        specification = chart.build(language, width_px).to_dict(validate=False)
    return plain_svg(_drawn(specification), width_px=width_px)


def _drawn(specification: dict[str, Any]) -> str:
    import vl_convert

    _register(str(font.files().folder))
    # No address may be read: everything a chart shows is in its own specification.
    drawn: str = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    return drawn


@functools.cache
def _register(folder: str) -> None:
    import vl_convert

    vl_convert.register_font_directory(folder)


def plain_svg(drawn: str, *, width_px: int) -> str:
    """The picture without what only Vega's own scripts would use.

    Args:
        drawn: What Vega drew.
        width_px: The picture is at least that wide, so that all have letters of one size.

    Raises:
        ValueError: It holds an element that a still picture does not need.
    """
    ET.register_namespace("", _SVG)
    root = ET.fromstring(drawn)  # noqa: S314 - written by Vega a moment ago, no entities
    _prune(root)
    _, _, width, height = map(float, root.get("viewBox", "0 0 0 0").split())
    width = max(width, width_px)
    root.set("width", f"{width:g}")
    root.set("viewBox", f"0 0 {width:g} {height:g}")
    root.set("font-family", font.STACK)
    return ET.tostring(root, encoding="unicode")


def _prune(element: ET.Element) -> None:
    if element.tag.removeprefix(f"{{{_SVG}}}") not in _KEPT:
        raise ValueError(f"a still picture needs no <{element.tag}>")
    element.text = (element.text or "").replace(MINUS, "-") or None
    for name, value in list(element.attrib.items()):
        if name in _DROPPED or (name, value) in _DEFAULTS or name == "font-family":
            del element.attrib[name]
        elif name.startswith(("on", "{", "href", "style")):
            raise ValueError(f"a still picture needs no attribute {name}")
        elif name in _PLACES:
            element.set(name, _shortened(value))
    for child in list(element):
        _prune(child)
        if _is_empty(child):
            element.remove(child)


def _shortened(value: str) -> str:
    """A tenth of a pixel is enough for every coordinate."""
    return re.sub(r"-?\d+\.\d{2,}", lambda found: f"{round(float(found[0]), 1):g}", value)


def _is_empty(element: ET.Element) -> bool:
    if element.get("display") == "none":
        return True
    if element.tag == f"{{{_SVG}}}g":
        return len(element) == 0
    # Frames that Vega draws around every group, without a colour.
    return element.tag == f"{{{_SVG}}}path" and not (element.get("fill") or element.get("stroke"))
