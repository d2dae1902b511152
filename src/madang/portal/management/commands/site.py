"""Prepare the site of development, serve it with its workers, and print how to sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from madang.kernel import systems
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal import example, serving
from madang.portal.models import Organisation

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """`madang site`."""

    help = "Serve the site of development on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1)
        parser.add_argument("--no-seed", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, start, tell, keep."""
        if not settings.SIGN_IN_LINKS:
            raise InputError(
                words("운영 설정", "the production settings"),
                words("개발 설정", "those of development"),
                words(
                    "운영에서는 서버와 작업자를 따로 실행합니다 (docs/ko/operating.md).",
                    "In production the server and the workers run on their own"
                    " (docs/en/operating.md).",
                ),
            )
        host, port = options["host"], options["port"]
        serving.check_address(host, port)
        call_command("migrate", verbosity=0)
        if not options["no_seed"] and not Organisation.objects.exists():
            self._seed()
        household = serving.Household(
            serving.commands(host, port, workers=options["workers"]),
            address=f"http://{host}:{port}",
        )
        household.start()
        self._tell(f"http://{host}:{port}")
        household.keep()

    def _seed(self) -> None:
        self._say(words("예시 자료를 넣습니다.", "Filling the site with its example."))
        example.create()
        for system in systems.installed():
            if system.seed:
                systems.load(system.seed, extra=system.extra)(self._say)

    def _tell(self, address: str) -> None:
        self._say(words(f"사이트: {address}/", f"The site: {address}/"))
        self._say(
            words(
                "한 번만 쓰는 로그인 링크 (이 컴퓨터에서만, 30분):",
                "Sign-in links, each for one use, on this machine, within 30 minutes:",
            )
        )
        for title, path in example.sign_in_links():
            self._say(f"  {title}: {address}{path}")
        self._say(words("멈추려면 Ctrl-C를 누르십시오.", "Stop with Ctrl-C."))

    def _say(self, text: object) -> None:
        self.stdout.write(str(text))
        self.stdout.flush()
