"""What do the pages need of the style sheets of KRDS? One small sheet, in light and dark.

KRDS 1.1.0 ships 0.6 MB of rules for 74 components, each written three times: light, high contrast,
and high contrast where the reader's machine is dark. The site uses a dozen components. A rule
stays if every class and identifier of its selector is named in `COMPONENTS`; rules for dark are
left out, because each colour token is given both of its values instead (`light-dark()`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import tinycss2
from tinycss2 import ast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

COMPONENTS: dict[str, str] = {
    "button": "krds-btn primary secondary tertiary text small medium",
    "icon": "svg-icon ico-angle ico-sch ico-calendar ico-down ico-upload ico-print ico-global"
    " ico-refresh ico-go ico-my ico-all ico-filter",
    "badge": "krds-badge",
    "breadcrumb": "krds-breadcrumb-wrap breadcrumb home txt",
    "table": "krds-table-wrap tbl data col scroll",
    "pagination": "krds-pagination page-navi prev next page-links page-link active link-dot",
    "field": "krds-input form-group form-tit form-conts form-hint form-hint-invalid is-error",
    "steps": "krds-step-wrap done step step-tit",
    "tabs": "tab line btn-tab",
    "spinner": "krds-spinner",
    "skip link": "#krds-skip-link",
    "masthead": "#krds-masthead toggle-wrap toggle-head inner nuri-txt",
    "identifier": "krds-identifier ban-txt",
}
"""The components of which the site's parts are made → their classes; `#` marks an identifier."""

KEPT = frozenset(" ".join(COMPONENTS.values()).split())
LIGHT, DARK = "--krds-light-color-", "--krds-high-contrast-color-"
_PRIMITIVE = re.compile(r"--krds-color-(?:light|high-contrast)-")
_DARK_SELECTOR, _DARK_MEDIA = "data-krds-mode", "prefers-color-scheme"
_PREFIXES = ("-webkit-", "-moz-", "-ms-")


class Sheet(NamedTuple):
    """A style sheet cut down to what is used."""

    text: str
    rules_kept: int
    rules_found: int
    addresses: tuple[str, ...]
    """What it refers to by `url()`, as it stands in the text, each once."""


def tokens(text: str) -> str:
    """The tokens of KRDS, each colour with its light and its dark value in one.

    A browser that does not know `light-dark()` gets the light values alone.
    """
    values = {
        each.lower_name: _written(each.value)
        for rule in _rules(text)
        if rule.type == "qualified-rule"
        for each in _declarations(rule)
    }
    light = {
        name: _settled(value, values)
        for name, value in values.items()
        if not _PRIMITIVE.match(name) and not name.startswith(DARK)
    }
    both = {
        name: f"light-dark({value},{_settled(values[twin], values)})"
        for name, value in light.items()
        if name.startswith(LIGHT) and (twin := DARK + name.removeprefix(LIGHT)) in values
    }
    return (
        f":root{{{_joined(light)}}}\n"
        f"@supports (color:light-dark(red,red)){{:root{{{_joined(both)}}}}}\n"
    )


def components(text: str, *, rename: Callable[[str], str]) -> Sheet:
    """The rules of the named components.

    Args:
        text: A style sheet of KRDS.
        rename: What stands in `url()` → what stands there in the result.
    """
    cut = _Cut(rename)
    lines = list(cut.rules(_rules(text)))
    return Sheet("\n".join(lines) + "\n", cut.kept, cut.found, tuple(dict.fromkeys(cut.addresses)))


def without_unused(text: str, *others: str) -> str:
    """The sheet without custom properties that neither it nor the other sheets ever read."""
    read = set(re.findall(r"var\(\s*(--[\w-]+)", " ".join([text, *others])))

    def if_read(found: re.Match[str]) -> str:
        return found[0] if found[1] in read else ""

    cut = re.sub(r"(--[\w-]+):[^;{}]*;", if_read, text)
    cut = re.sub(r"[^{};\n]+\{\}\n?", "", cut)
    return cut if cut == text else without_unused(cut, *others)


class _Cut:
    """One pass over a style sheet."""

    def __init__(self, rename: Callable[[str], str]) -> None:
        self._rename = rename
        self.kept = self.found = 0
        self.addresses: list[str] = []

    def rules(self, nodes: Iterable[Any]) -> Iterator[str]:
        """The text of each rule that stays."""
        for node in nodes:
            if node.type == "qualified-rule":
                yield from self._rule(node)
            elif node.type == "at-rule":
                yield from self._at_rule(node)

    def _rule(self, rule: ast.QualifiedRule) -> Iterator[str]:
        self.found += 1
        selectors = [each for each in _selectors(rule.prelude) if _stays(each)]
        body = "".join(self._body(rule)) if selectors else ""
        if body:
            self.kept += 1
            yield f"{','.join(_written(each) for each in selectors)}{{{body}}}"

    def _at_rule(self, rule: ast.AtRule) -> Iterator[str]:
        head = _written(rule.prelude)
        if rule.lower_at_keyword == "keyframes":
            yield f"@keyframes {head}{{{_written(rule.content)}}}"
        elif rule.lower_at_keyword == "media" and _DARK_MEDIA not in head:
            inner = "\n".join(self.rules(tinycss2.parse_rule_list(rule.content, True, True)))
            if inner:
                yield f"@media {head}{{\n{inner}\n}}"

    def _body(self, rule: ast.QualifiedRule) -> Iterator[str]:
        """Its declarations; of several for one property the last counts, as in a browser."""
        stay = [each for each in _declarations(rule) if not each.name.startswith(_PREFIXES)]
        last = {(each.name, each.important): each for each in stay}
        for each in stay:
            if last[each.name, each.important] is each:
                value = _written([self._moved(token) for token in each.value])
                yield f"{each.name}:{value}{'!important' if each.important else ''};"

    def _moved(self, token: Any) -> Any:
        line, column = token.source_line, token.source_column
        if token.type == "function" and token.lower_name != "url":
            inner = [self._moved(each) for each in token.arguments]
            return ast.FunctionBlock(line, column, token.name, inner)
        if token.type not in ("url", "function"):
            return token
        address = self._rename(token.value if token.type == "url" else _string(token.arguments))
        self.addresses.append(address)
        return ast.URLToken(line, column, address, f"url({address})")


def _rules(text: str) -> list[Any]:
    return tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)


def _declarations(rule: ast.QualifiedRule) -> list[ast.Declaration]:
    found = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    return [each for each in found if each.type == "declaration"]


def _selectors(prelude: list[Any]) -> list[list[Any]]:
    found: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def _stays(selector: list[Any]) -> bool:
    """Whether all it names is in use, and something is named at all, if only the root."""
    names, text = set(_names(selector)), _written(selector)
    return (bool(names) or text == ":root") and names <= KEPT and _DARK_SELECTOR not in text


def _string(tokens: list[Any]) -> str:
    """The address in `url("…")`."""
    return next((each.value for each in tokens if each.type == "string"), "")


def _names(tokens: list[Any]) -> Iterator[str]:
    """Classes as `name` and identifiers as `#name`, those inside `:not()` too."""
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "ident" and before is not None and before == ".":
            yield token.value
        elif token.type == "hash":
            yield f"#{token.value}"
        elif token.type == "function":
            yield from _names(token.arguments)


def _settled(value: str, values: dict[str, str]) -> str:
    """A value in which primitive colours stand as what they are, so that no name is needed."""
    while found := re.search(rf"var\(({_PRIMITIVE.pattern}[\w-]+)\)", value):
        value = value.replace(found[0], values[found[1]])
    return value


def _joined(values: dict[str, str]) -> str:
    return "".join(f"{name}:{value};" for name, value in values.items())


def _written(tokens: list[Any]) -> str:
    text = re.sub(r"\s+", " ", tinycss2.serialize(tokens)).strip()
    return re.sub(r"\s*,\s*", ",", text)
