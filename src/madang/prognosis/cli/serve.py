"""`madang prognosis serve`: a site of one's own on which a model answers, pages and interfaces."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from madang.prognosis.cli.group import EXISTING, digest_option, opened, prognosis

OFFERED = "prognosis-offered"
"""The site's folder in which models wait to be taken up (`web.services.offers`)."""


@prognosis.command()
@click.argument("model", type=EXISTING)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("prognosis-site"),
    show_default=True,
    help="The site's folder; it is made if it does not stand.",
)
@click.option("--port", default=8000, show_default=True, help="Where it is served.")
@digest_option
def serve(model: Path, folder: Path, port: int, digest: str | None) -> None:
    """서비스 · Serve a model on this machine: pages, FHIR and CDS Hooks.

    모형 파일을 사이트에 올리고 진료팀의 화면을 엽니다. 등록한 모형은 기관 담당자가 '모형' 화면에서
    사용을 시작합니다.

    Offers the model to a site of one's own, where the agency's staff take it into use.

    Exit codes: 0 the site was stopped, 3 the model cannot be read or the port is in use.
    """
    opened(model, digest)
    serve_site(folder, model=model, port=port)


def serve_site(folder: Path, *, model: Path | None, port: int) -> None:
    """Become the site; this process is it from then on."""
    site = folder / "site"
    if model is not None:
        (site / OFFERED).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(model, site / OFFERED / f"{model.stem}.model")
    environment = os.environ | {"MADANG_DATA": str(site.absolute())}
    command = [sys.executable, "-m", "madang", "site", "--port", str(port)]
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own program, no shell
