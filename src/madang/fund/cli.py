"""`madang fund`: the commands of this room."""

from __future__ import annotations

import click


@click.group()
def fund() -> None:
    """AI혁신펀드 · AI innovation fund."""
