"""The one door from the command line into Django."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from madang.kernel.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTINGS = "madang.portal.settings.dev"


def manage(arguments: Sequence[str]) -> None:
    """Run a management command of the site.

    Raises:
        MissingExtra: The site's libraries are not installed.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as fault:
        raise MissingExtra(system="portal", extra="portal") from fault
    # Commands are modules; at a terminal their words may be joined by hyphens as elsewhere.
    name, rest = [each.replace("-", "_") for each in arguments[:1]], arguments[1:]
    execute_from_command_line(["madang manage", *name, *rest])
