"""What do the commands of prognosis share: their group, and how a file is named?"""

from __future__ import annotations

from pathlib import Path

import click

from madang.kernel.commands import InOrder


@click.group(cls=InOrder)
def prognosis() -> None:
    """AI 의료 예후관리 · Medical prognosis: curves with their doubts, for trial use."""


EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
