"""How are all formats written, whole or not at all?"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel import clock, ids
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.programme.engine.open_data import conformity, oc4ids, ocds, tables
from madang.programme.engine.open_data.publisher import check_real

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from madang.programme.engine.ledger import Ledger
    from madang.programme.engine.open_data.publisher import Publisher

MANIFEST = "manifest.json"


def formats(ledger: Ledger, publisher: Publisher, *, on: date, at: datetime) -> dict[str, bytes]:
    """Every file of the open data, checked against its standard.

    Args:
        ledger: What was booked.
        publisher: Who publishes.
        on: The day whose state is told; later bookings are left out.
        at: When it is published.

    Returns:
        Name → content: `releases.json` and `records.json` (OCDS 1.1.5), `projects.json` (OC4IDS
        0.9.5), `lines.csv`, `records.csv`, `datapackage.json` (Fiscal Data Package) and
        `manifest.json` with every digest. The same ledger gives the same bytes at the same moment.

    Raises:
        NotPublishable: The ledger holds bookings of an example year.
        NotConforming: A package breaks its standard's schema.
    """
    check_real(ledger)
    known = ledger.as_of(on)
    releases = ocds.release_package(known, publisher, at=at)
    records = ocds.record_package(known, publisher, at=at)
    projects = oc4ids.project_package(known, publisher, on=on, at=at)
    conformity.check(releases, "ocds/release-package")
    conformity.check(records, "ocds/record-package")
    conformity.check(projects, "oc4ids/project-package")
    csvs = {
        "lines.csv": tables.lines_csv(known, publisher, on=on),
        "records.csv": tables.records_csv(known, publisher, on=on),
    }
    made = {
        "releases.json": _json(releases),
        "records.json": _json(records),
        "projects.json": _json(projects),
        **csvs,
        "datapackage.json": _json(tables.fiscal_package(known, publisher, csvs, on=on)),
    }
    return {**made, MANIFEST: _json(_manifest(made, ledger, publisher, on=on, at=at))}


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write all files as one folder, which appears whole or not at all.

    Args:
        files: Name → content.
        folder: A folder that is not there, is empty, or holds earlier files of the same names
            and nothing else.

    Raises:
        InputError: Something else lies there.
    """
    if folder.exists() and not _is_ours(folder, files):
        raise InputError(
            words(f"비어 있지 않은 폴더 {folder}", f"the folder {folder}, not empty"),
            words("새 폴더나 이전에 내보낸 폴더", "a new folder, or one of an earlier export"),
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, content in files.items():
            (partial / name).write_bytes(content)
        partial.chmod(0o755)
        _exchange(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _exchange(partial: Path, folder: Path) -> None:
    """Put the new folder in the place of the old one; if that fails, the old one comes back."""
    if not folder.exists():
        partial.rename(folder)
        return
    before = folder.with_name(f".{folder.name}.{os.getpid()}.before")
    folder.rename(before)
    try:
        partial.rename(folder)
    except OSError:
        before.rename(folder)
        raise
    shutil.rmtree(before)


def _is_ours(folder: Path, files: Mapping[str, bytes]) -> bool:
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= set(files)


def _manifest(
    made: Mapping[str, bytes], ledger: Ledger, publisher: Publisher, *, on: date, at: datetime
) -> dict[str, Any]:
    return {
        "programme": ledger.programme.id,
        "as_of": on.isoformat(),
        "published": clock.stamp(at),
        "publisher": publisher.name.ko,
        "license": publisher.licence,
        "records": sum(entry.booked_on <= on for entry in ledger.entries),
        "addresses": {line.id: publisher.line(line.id) for line in ledger.programme.lines},
        "files": {
            name: {"sha256": ids.digest(content), "bytes": len(content)}
            for name, content in made.items()
        },
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
