"""Write the evidence log into a folder that anybody can check offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from madang.kernel.words import words
from madang.portal import log_folder, schema
from madang.portal.log import signing_key, text_of

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """`madang manage export-log FOLDER`."""

    help = "Write the evidence log into a new folder: check it with `madang evidence verify`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, and say how to check it."""
        folder: Path = options["folder"].absolute()
        schema.require()
        head = log_folder.export(folder)
        key = signing_key().verifier.text
        said = words(
            f"항목 {head.size}개, 뿌리 {text_of(head.root)}\n"
            f"확인: madang evidence verify {folder} --key '{key}'",
            f"{head.size} entries, root {text_of(head.root)}\n"
            f"Check: madang evidence verify {folder} --key '{key}'",
        )
        self.stdout.write(str(said))
