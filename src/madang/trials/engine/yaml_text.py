"""How is a demand's YAML read? As all YAML from outside; what is refused is the demand's fault."""

from __future__ import annotations

from typing import Any

from madang.kernel import yaml_text
from madang.kernel.errors import InputError
from madang.kernel.yaml_text import LARGEST_BYTES
from madang.trials.engine.errors import DemandError

__all__ = ["LARGEST_BYTES", "read_yaml"]


def read_yaml(content: bytes) -> Any:
    """Plain data from a demand's YAML text.

    Raises:
        DemandError: What `kernel.yaml_text.read_yaml` refuses, with the line.
    """
    try:
        return yaml_text.read_yaml(content)
    except InputError as fault:
        raise DemandError(fault.found, fault.expected, fault.remedy) from fault
