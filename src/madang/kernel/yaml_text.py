"""How is YAML from outside read? As plain data: no objects, no aliases, no surprises.

PyYAML's safe loader follows YAML 1.1, in which `yes`, `no`, `on` and `off` are booleans, `12:30`
is 750, `010` is 8, `1e-3` is a word, and a few nested aliases expand to gigabytes. What people
write down is often `yes` and `no`, so this loader reads scalars as YAML 1.2 does, keeps to
what JSON can say (finite numbers, whole numbers that every program holds exactly, texts as keys),
and refuses aliases, tags of its own and repeated keys.

Source: YAML 1.2.2, section 10.3 (core schema); RFC 8785, section 3.1 (I-JSON numbers).
"""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words

LARGEST_BYTES = 1 << 20
LARGEST_INTEGER = 2**53 - 1

_TAG = "tag:yaml.org,2002:"
_PLAIN = ("map", "seq", "str", "int", "float", "bool", "null")
_SCALARS = (
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("bool", r"true|True|TRUE|false|False|FALSE", tuple("tTfF")),
    ("int", r"[-+]?[0-9]+", tuple("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
        tuple("-+.0123456789"),
    ),
)

_EXPECTED = words("UTF-8로 저장한 1 MiB 이하의 YAML 문서", "a YAML text in UTF-8 of up to 1 MiB")


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML's own place for them

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias (*)", mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        if node.tag.removeprefix(_TAG) not in _PLAIN:
            raise _unfit(node, f"the tag {node.tag!r}")
        if isinstance(node, yaml.MappingNode):
            _check_keys(node)
        return super().construct_object(node, deep=deep)

    def construct_number(self, node: Any) -> int | float:
        text = self.construct_scalar(node)
        try:
            value = int(text) if node.tag.endswith(":int") else float(text)
        except ValueError:
            raise _unfit(node, "no number") from None
        if abs(value) > LARGEST_INTEGER if isinstance(value, int) else not math.isfinite(value):
            raise _unfit(node, "a number that is too large")
        return value

    def construct_text(self, node: Any) -> str:
        text: str = self.construct_scalar(node)
        try:  # JSON's escapes write a character beyond 16 bits as two halves
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise _unfit(node, "half a character (a lone surrogate)") from None


for _name, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), list(_first))
_Loader.add_constructor(f"{_TAG}int", _Loader.construct_number)
_Loader.add_constructor(f"{_TAG}float", _Loader.construct_number)
_Loader.add_constructor(f"{_TAG}str", _Loader.construct_text)


def _unfit(node: yaml.Node, problem: str) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _check_keys(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.tag != f"{_TAG}str" or not isinstance(key, yaml.ScalarNode):
            raise _unfit(key, "a key that is no text")
        if key.value in seen:
            raise _unfit(key, f"the key {key.value[:60]!r} twice")
        seen.add(key.value)


def read_yaml(content: bytes) -> Any:
    """Plain data from YAML text.

    Raises:
        InputError: Too large, not UTF-8, malformed, an alias, a tag, a key that is repeated or no
        text, a number out of range; with the line.
    """
    if len(content) > LARGEST_BYTES:
        raise _refused(f"{len(content)} 바이트", f"{len(content)} bytes")
    try:
        return yaml.load(content.decode("utf-8-sig"), Loader=_Loader)  # noqa: S506 - a safe loader
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise _refused(f"{line}행: UTF-8이 아님", f"no UTF-8 in line {line}") from fault
    except RecursionError as fault:
        raise _refused("지나치게 깊은 중첩", "nesting that is too deep") from fault
    except yaml.reader.ReaderError as fault:
        line = content.decode("utf-8-sig")[: fault.position].count("\n") + 1
        raise _refused(
            f"{line}행: 쓸 수 없는 제어 문자", f"a control character in line {line}"
        ) from fault
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        problem = fault.problem or "unreadable text"
        raise _refused(f"{line}행: {problem}", f"{problem} in line {line}") from fault


def _refused(ko: str, en: str) -> InputError:
    remedy: Words = words(
        "해당 행을 고치고 UTF-8로 다시 저장하십시오.", "Mend the line and save the text as UTF-8."
    )
    return InputError(words(ko, en), _EXPECTED, remedy)
