"""Which models did somebody bring to this machine's site? Files of its folder are registered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings

from madang.kernel.errors import InputError
from madang.portal import example
from madang.portal.models import Organisation, User
from madang.prognosis.web import models
from madang.prognosis.web.services import registry

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "prognosis-offered"
"""Below the site's folder; `madang prognosis serve` puts models there."""


def take() -> None:
    """Register what was brought, for the example hospital of a site of one's own machine.

    A file is renamed once it was looked at, whatever came of it.
    """
    folder = settings.DATA / FOLDER
    files = sorted(folder.glob("*.model")) if folder.is_dir() else []
    if not files:
        return
    owner = Organisation.objects.filter(slug=example.AGENCY).first()
    by = User.objects.filter(email="agency@example.org").first()
    for file in files:
        if owner is not None and by is not None:
            _registered(file, owner, by)
        else:
            file.rename(file.with_suffix(".left"))


def _registered(file: Path, owner: Organisation, by: User) -> None:
    stem = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")[:30] or "model"
    name, number = stem, 1
    while models.Registered.objects.filter(pk=name).exists():
        number += 1
        name = f"{stem}-{number}"
    try:
        registry.register(
            file.read_bytes(),
            owner=owner,
            by=by,
            name=name,
            title_ko=name,
            title_en=name,
            outcome_ko="사건",
            outcome_en="the event",
        )
    except InputError as fault:
        file.with_suffix(".refused").write_text(f"{fault}\n", encoding="utf-8")
    file.rename(file.with_suffix(".taken"))
