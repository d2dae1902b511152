"""What a chart shows, read back from its SVG."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def root(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    """All words, line by line, in the order of drawing."""
    return [line for element in root(svg).iter(f"{SVG}text") for line in _lines(element)]


def _lines(element: ET.Element) -> list[str]:
    return [line for line in element.itertext() if line.strip()]


def place_of(svg: str, text: str) -> tuple[float, float]:
    """Where some words begin, in pixels from the picture's corner."""
    return next(
        at
        for at, element in _placed(root(svg))
        if element.tag == f"{SVG}text" and text in _lines(element)
    )


def marks(svg: str, **attributes: str) -> list[tuple[float, float]]:
    """Where paths and lines with these attributes stand."""
    return [
        at
        for at, element in _placed(root(svg))
        if element.tag in (f"{SVG}path", f"{SVG}line")
        and all(element.get(name.replace("_", "-")) == value for name, value in attributes.items())
    ]


def _placed(element: ET.Element, x: float = 0.0, y: float = 0.0):
    found = re.match(r"translate\(([-\d.]+),([-\d.]+)\)", element.get("transform", ""))
    if found:
        x, y = x + float(found[1]), y + float(found[2])
    yield (x, y), element
    for child in element:
        yield from _placed(child, x, y)
