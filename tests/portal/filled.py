"""A site with something in every corner, and what stands in it, table by table."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings

from madang.portal import rows
from madang.portal.log import log, remember, text_of
from madang.portal.models import ApiToken, StoredObject
from madang.portal.objects import keep, objects
from madang.portal.queue import enqueue, leases
from tests.portal.people import home_of, somebody

if TYPE_CHECKING:
    from pathlib import Path

STRANGE = {"large": 1e22, "order": {"나": 1, "가": [None, True]}, "text": 'a\u0000b"\\한 😀'}
MICRO = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)


def fill() -> None:
    """Use the site."""
    people = [somebody(role) for role in ("company", "operator", "officer")]
    company = home_of(people[0])
    for number in range(25):
        remember("tried", f"thing/{number}", by=people[0], after={"이름": "값", "n": number})
    for name in ("r1", "r2", "r3"):
        enqueue(name, "trials.run", {"demand": "d", "n": 1.5}, owner=company)
    lease = leases().claim("w", lease_s=60)
    assert lease
    leases().finish(lease, STRANGE)
    leases().claim("w", lease_s=60)
    for content in (b"", b"small", bytes(range(256)) * 12_000):
        keep(content, name="a.bin", media_type="x/y", owner=company, by=people[0])
    StoredObject.objects.update(created=MICRO)
    objects().put(b"named by no row of the portal")
    ApiToken.objects.create(
        organisation=company, user=people[0], name="ci", prefix="abc", secret="0" * 64
    )
    vault = settings.DATA / "trials" / "demands" / "heart" / "sealed"
    vault.mkdir(parents=True)
    write(vault / "outcomes", b"sealed \x00\xff", 0o600)
    write(settings.DATA / "trials" / "keys" / "outcomes.key", b"secret", 0o600)
    write(settings.DATA / "trials" / "evidence.pub", b"public", 0o644)
    write(settings.DATA / "trials" / ".submit-heart.lock", b"", 0o644)
    (settings.DATA / "trials" / "elsewhere").symlink_to("/etc/passwd")
    write(settings.DATA / "mail" / "letter", b"not kept", 0o644)


def write(file: Path, content: bytes, mode: int) -> None:
    """A file with its mode."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(mode)


def standing() -> dict[str, str]:
    """What stands in the site: a digest of every table, the log's root, the files it keeps."""
    found = {}
    for table in rows.tables():
        rows.write(table, text := io.BytesIO())
        found[table._meta.label] = hashlib.sha256(text.getvalue()).hexdigest()
    found["root"] = text_of(log().head().root)
    found["objects"] = " ".join(sorted(objects().digests()))
    for name in ("keys", "trials"):
        for file in sorted((settings.DATA / name).rglob("*")):
            if file.is_file() and not file.is_symlink() and not file.name.endswith(".lock"):
                digest = hashlib.sha256(file.read_bytes()).hexdigest()
                mode = f"{file.stat().st_mode & 0o777:o}"
                found[str(file.relative_to(settings.DATA))] = f"{mode} {digest}"
    return found
