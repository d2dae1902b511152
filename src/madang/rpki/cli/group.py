"""`madang rpki`: on which group do its commands stand?"""

from __future__ import annotations

import click


@click.group()
def rpki() -> None:
    """인터넷 경로 보안 · Internet route security."""
