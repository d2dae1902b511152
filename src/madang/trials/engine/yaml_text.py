"""How is YAML from outside read? As plain data: no objects, no aliases, no surprises.

PyYAML's safe loader follows YAML 1.1, in which `yes`, `no`, `on` and `off` are booleans and a few
nested aliases expand to gigabytes. A demand's category levels are often `yes` and `no`, so this
loader keeps only `true` and `false`, and refuses aliases and repeated keys.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from madang.kernel.words import words
from madang.trials.engine.errors import DemandError

LARGEST_BYTES = 1 << 20


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias (*)", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":bool", ":timestamp"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def read_yaml(content: bytes) -> Any:
    """Plain data from YAML text.

    Raises:
        DemandError: Too large, not UTF-8, malformed, an alias, or a repeated key; with the line.
    """
    expected = words(
        "UTF-8로 저장한 1 MiB 이하의 YAML 문서", "a YAML text in UTF-8 of up to 1 MiB"
    )
    if len(content) > LARGEST_BYTES:
        raise DemandError(words(f"{len(content)} 바이트", f"{len(content)} bytes"), expected)
    try:
        return yaml.load(content.decode("utf-8-sig"), Loader=_Loader)  # noqa: S506 - a safe loader
    except UnicodeDecodeError as fault:
        place = words(
            f"{fault.start}번째 바이트가 UTF-8이 아님", f"no UTF-8 at byte {fault.start}"
        )
        raise DemandError(place, expected) from fault
    except RecursionError as fault:
        raise DemandError(
            words("지나치게 깊은 중첩", "nesting that is too deep"), expected
        ) from fault
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        problem = getattr(fault, "problem", None) or "unreadable text"
        line = f"{mark.line + 1}" if mark else "?"
        raise DemandError(
            words(f"{line}행: {problem}", f"{problem} in line {line}"), expected
        ) from fault
