"""How does a report open without a network? As one page that holds everything, in both languages.

No script, no font, no address: a policy in the page itself forbids the browser to fetch anything.
The language is chosen by two radio buttons that the style sheet alone obeys; without a style sheet
both languages stand below each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from madang.kernel.report import colours
from madang.kernel.report.edition import NARROW_PX, WIDE_PX, Edition

if TYPE_CHECKING:
    from typing import Any

    from madang.kernel.report.document import Document

MARKER = "<!--madang:evidence-->"
"""Stands once, before the end of the body; signed evidence is inserted there."""
_FOLDER = Path(__file__).parent


def html(document: Document) -> bytes:
    """The report as one UTF-8 page, the same bytes each time.

    Raises:
        Unavailable: The Korean font that charts are measured with is not installed.
    """
    import jinja2
    import markupsafe

    page = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    ).from_string((_FOLDER / "page.html.jinja").read_text(encoding="utf-8"))
    widths_px = {"wide": WIDE_PX, "narrow": NARROW_PX}
    editions = [Edition(document, language, widths_px).values() for language in ("ko", "en")]
    for edition in editions:
        for figure in _figures(edition):
            for width in widths_px:
                figure[width] = markupsafe.Markup(_described(figure[width], figure["alt"]))  # noqa: S704 - our own SVG, pruned; the text in it is escaped
    return page.render(editions=editions, style=markupsafe.Markup(style())).encode()  # noqa: S704 - our own


def _figures(edition: dict[str, Any]) -> list[dict[str, Any]]:
    blocks = edition["summary"] + [
        block for section in edition["sections"] for block in section["blocks"]
    ]
    return [block for block in blocks if block["type"] == "figure"]


def _described(svg: str, alt: str) -> str:
    """The picture as one image with a name, for who hears the page."""
    import markupsafe

    return svg.replace("<svg ", f'<svg role="img" aria-label="{markupsafe.escape(alt)}" ', 1)


def style() -> str:
    """The style sheet: the colours of both modes, then the rules.

    Charts carry light colours as attributes, which any rule outranks: one rule a colour turns them
    dark together with the page.
    """
    light = "".join(f" --{name}: {colour.light};" for name, colour in colours.TOKENS.items())
    dark = "".join(f" --{name}: {colour.dark};" for name, colour in colours.TOKENS.items())
    exchanged = "\n".join(
        f'svg [{part}="{colour.light}"] {{ {part}: var(--{name}); }}'
        for name, colour in colours.TOKENS.items()
        for part in ("fill", "stroke")
    )
    rules = (_FOLDER / "page.css").read_text(encoding="utf-8")
    return (
        f":root {{ color-scheme: light dark;{light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{{dark} }} }}\n"
        f"{exchanged}\n{rules}"
    )
