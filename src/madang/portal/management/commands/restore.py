"""Fill a new site from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand

from madang.kernel.words import words
from madang.portal import backup, restoring, schema

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from madang.kernel.words import Words


class Command(BaseCommand):
    """`madang restore FILE`."""

    help = "Fill a new, unused site from a backup: all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="Only check the file.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, and say what stands now."""
        told = self._say if options["verbosity"] > 1 else None
        file: Path = options["file"].absolute()
        if options["check"]:
            found = restoring.check(file)
            done = words("온전한 백업입니다", "The backup is whole")
        else:
            schema.lay_out()
            found = restoring.read(file, told=told)
            done = words("복구했습니다", "Restored")
            if restoring.hides_by_other_key():
                self._tell_key()
        count = sum(found.rows.values())
        self._say(
            words(
                f"{done.ko}({found.made}): 행 {count:,}개, 객체 {found.objects:,}개, "
                f"로그 항목 {found.log_size:,}개, 뿌리 {found.log_root or '없음'}",
                f"{done.en} ({found.made}): {count:,} rows, {found.objects:,} objects, "
                f"{found.log_size:,} log entries, root {found.log_root or 'none'}",
            )
        )

    def _tell_key(self) -> None:
        file = settings.DATA / backup.SECRET
        self._say(
            words(
                "이 사이트의 비밀 키가 백업의 것과 다릅니다. 2단계 인증이 열리도록 "
                f"{file}의 값을 MADANG_SECRET_KEY_BEFORE에 넣고 다시 시작하십시오.",
                "This site's secret key is not that of the backup. So that second factors open, "
                f"put the value in {file} into MADANG_SECRET_KEY_BEFORE and start again.",
            )
        )

    def _say(self, text: Words) -> None:
        self.stdout.write(str(text))
        self.stdout.flush()
