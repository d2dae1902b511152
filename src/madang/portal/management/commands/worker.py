"""Work on the site's queue until told to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand

from madang.portal import schema, worker

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """`madang manage worker`."""

    help = "Work on the queue until SIGTERM: finish the run at hand, take no other."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("--until-idle", action="store_true", help="Stop when none is left.")
        parser.add_argument("--lease", type=float, default=settings.LEASE_S, metavar="SECONDS")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work."""
        schema.require()
        count = worker.work(until_idle=options["until_idle"], lease_s=options["lease"])
        self.stdout.write(f"{count} runs")
