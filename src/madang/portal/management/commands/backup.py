"""Write the whole site into one file, while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from madang.kernel.words import words
from madang.portal import backup, schema

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from madang.kernel.words import Words


class Command(BaseCommand):
    """`madang backup FILE`."""

    help = "Write rows, objects, keys and folders into one file. It holds private keys: guard it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, and say what stands in it."""
        file: Path = options["file"].absolute()
        told = self._say if options["verbosity"] > 1 else None
        schema.require()
        found = backup.write(file, told=told)
        count, size_mb = sum(found.rows.values()), file.stat().st_size / 2**20
        self._say(
            words(
                f"{file}: {size_mb:.1f} MiB, 행 {count:,}개, 객체 {found.objects:,}개, "
                f"로그 항목 {found.log_size:,}개, 뿌리 {found.log_root or '없음'}\n"
                "비밀 키가 들어 있습니다. 안전한 곳에 보관하십시오.",
                f"{file}: {size_mb:.1f} MiB, {count:,} rows, {found.objects:,} objects, "
                f"{found.log_size:,} log entries, root {found.log_root or 'none'}\n"
                "It holds private keys: keep it in a safe place.",
            )
        )

    def _say(self, text: Words) -> None:
        self.stdout.write(str(text))
        self.stdout.flush()
