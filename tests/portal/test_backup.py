"""A backup holds the whole site, and a new site becomes that one, or stays as it is."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.evidence.verify import verify_path
from madang.portal import backup, log_folder, restoring, rows, schema
from madang.portal.log import log, remember, signing_key, text_of
from madang.portal.models import JobRun, LogEntry, Organisation, User
from madang.portal.objects import objects
from madang.portal.queue import leases
from tests.house import ROOT
from tests.portal import elsewhere, filled
from tests.portal.people import somebody

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import SettingsWrapper

    from tools import postgres

pytestmark = pytest.mark.django_db

FILL = "from tests.portal import filled; filled.fill()\n"
TELL = "import json; from tests.portal import filled; print(json.dumps(filled.standing()))\n"


@dataclass(frozen=True)
class Site:
    """Another site, with its own folder and database; each command is a process."""

    folder: Path
    database: str = ""

    def run(self, code: str) -> str:
        """Run code in it; what it printed."""
        given = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "DJANGO_SETTINGS_MODULE": "madang.portal.settings.test",
            "MADANG_DATA": str(self.folder),
            "MADANG_TEST_DATABASE": self.database,
            "MADANG_TEST_FOLDER_OF": os.environ.get("PYTEST_XDIST_WORKER", "alone"),
            "MADANG_LANG": "en",
        }
        (self.folder / "static").mkdir(parents=True, exist_ok=True)
        ended = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            env=given,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def manage(self, *commands: str, then: str = "") -> str:
        """Run management commands one after the other, then code; what they printed."""
        calls = "".join(f"call_command(*{each.split()!r})\n" for each in commands)
        return self.run(f"from django.core.management import call_command\n{calls}{then}")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The backup of a site on SQLite, and what stood there."""
    folder = tmp_path_factory.mktemp("made")
    site = Site(folder / "site")
    site.manage("migrate -v0", then=FILL)
    told = site.manage(f"backup {folder / 'backup'}", then=TELL)
    return folder / "backup", json.loads(told.splitlines()[-1])


def untouched() -> bool:
    """Whether this site is as new as it was."""
    return (
        not User.objects.exists()
        and not LogEntry.objects.exists()
        and not (settings.DATA / "keys").exists()
        and not (settings.DATA / "trials").exists()
        and not list(settings.DATA.glob(".restoring-*"))
    )


def rewritten(
    file: Path, to: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[Any, bytes] | None]
) -> Path:
    """A copy of a backup in which each part was changed, or left out."""
    with tarfile.open(file) as old, tarfile.open(to, "w") as new:
        for info in old:
            content = old.extractfile(info)
            kept = change(info, content.read() if content else b"")
            if kept:
                kept[0].size = len(kept[1])
                new.addfile(kept[0], io.BytesIO(kept[1]))
    return to


def test_a_new_site_becomes_the_one_of_the_backup(made: tuple[Path, dict[str, str]]) -> None:
    file, before = made
    said = io.StringIO()
    call_command("restore", file, stdout=said)

    assert filled.standing() == before
    assert before["root"] in said.getvalue()
    assert leases().get("r1").result == filled.STRANGE
    assert not (settings.DATA / "mail").exists()
    assert not (settings.DATA / "trials" / "elsewhere").exists()
    assert not list(settings.DATA.glob(".restoring-*"))


def test_a_restored_site_goes_on(made: tuple[Path, dict[str, str]]) -> None:
    restoring.read(made[0])
    last = {model: model.objects.order_by("-pk").first().pk for model in (User, Organisation)}
    person = User.objects.create_user("newcomer@example.org", name="newcomer")
    company = Organisation.objects.create(slug="new", name_ko="새", name_en="New", kind="company")
    before = len(log())
    remember("told", "thing/new", by=person, after="new")
    run = leases().enqueue("new", "j", {})

    assert person.pk > last[User]
    assert company.pk > last[Organisation]
    assert JobRun.objects.order_by("-arrival").first().id == run.id
    assert len(log()) == before + 1
    assert log_folder.verdict().ok


@pytest.mark.postgres
def test_a_site_moves_between_databases_and_keeps_its_root(
    made: tuple[Path, dict[str, str]], server: postgres.Server, tmp_path: Path
) -> None:
    file, before = made
    there = Site(tmp_path / "there", server.create(f"moved_{os.getpid()}"))
    again, folder = tmp_path / "again", tmp_path / "log"
    exported, moved = there.manage(
        *(f"restore {file}", f"backup {again}", f"export_log {folder}"), then=TELL
    ).rsplit("\n", 2)[:2]
    back = Site(tmp_path / "back")
    returned = back.manage(f"restore {again}", then=TELL).splitlines()[-1]

    assert json.loads(moved) == before
    assert json.loads(returned) == before
    assert before["root"] in exported
    key = exported.partition("--key '")[2].rpartition("'")[0]
    assert text_of(bytes.fromhex(verify_path(tmp_path / "log", key=None).root)) == before["root"]
    assert key.startswith("madang-site+")


def test_a_database_without_tables_is_told_before_anything_is_done(tmp_path: Path) -> None:
    file = tmp_path / "b.madang"
    done = subprocess.run(
        [sys.executable, "-m", "madang", "backup", str(file)],
        env=os.environ
        | {"MADANG_DATA": str(tmp_path / "new"), "LANG": "en_GB.UTF-8"}
        | {"DJANGO_SETTINGS_MODULE": "madang.portal.settings.dev"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 3
    assert "madang manage migrate" in done.stderr
    assert "Traceback" not in done.stderr
    assert not file.exists()


def test_tables_of_something_else_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, made: tuple[Path, dict[str, str]]
) -> None:
    monkeypatch.setattr(schema, "missing", lambda: ["portal.0001_initial"])

    with pytest.raises(InputError, match="1 steps are left"):
        call_command("restore", made[0])

    assert not User.objects.exists()


def test_a_backup_is_for_its_owner_alone_and_never_replaces_a_file(tmp_path: Path) -> None:
    file = tmp_path / "backup"
    filled.fill()
    call_command("backup", file, stdout=io.StringIO())
    content = file.read_bytes()

    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="which is there"):
        backup.write(file)
    assert file.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir() if each.name != "site"] == ["backup"]


def test_a_backup_that_breaks_off_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rows, "write", full)
    with pytest.raises(Unavailable, match="No space left"):
        backup.write(tmp_path / "backup")
    with pytest.raises(Unavailable):
        backup.write(tmp_path / "nowhere" / "backup")

    assert [each.name for each in tmp_path.iterdir()] == ["site"]


def test_the_secret_key_comes_along_and_another_one_is_told(
    made: tuple[Path, dict[str, str]], settings: SettingsWrapper
) -> None:
    settings.SECRET_KEY = "another key than that of the backup"
    call_command("restore", made[0], stdout=(said := io.StringIO()))
    file = settings.DATA / "secret-key"

    assert file.read_text() == "only for tests"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "MADANG_SECRET_KEY_BEFORE" in said.getvalue()
    settings.SECRET_KEY_FALLBACKS = ["only for tests"]
    assert not restoring.hides_by_other_key()


def test_who_is_signed_in_is_nobodys_business_elsewhere(
    made: tuple[Path, dict[str, str]],
) -> None:
    with tarfile.open(made[0]) as archive:
        names = archive.getnames()

    assert "rows/portal.User.jsonl.gz" in names
    assert not [name for name in names if "Session" in name or "SignInLink" in name]
    assert names[-1] == "manifest.json"


def test_a_used_site_is_left_alone(made: tuple[Path, dict[str, str]]) -> None:
    somebody("company")
    with pytest.raises(InputError, match=r"portal\.\w+"):
        restoring.read(made[0])

    assert User.objects.count() == 1
    assert not (settings.DATA / "keys").exists()


def test_folders_with_files_are_left_alone(made: tuple[Path, dict[str, str]]) -> None:
    filled.write(settings.DATA / "trials" / "keys" / "inputs.key", b"precious", 0o600)
    with pytest.raises(InputError, match="trials"):
        restoring.read(made[0])

    assert (settings.DATA / "trials" / "keys" / "inputs.key").read_bytes() == b"precious"
    assert not User.objects.exists()


def test_an_empty_log_of_the_new_site_gives_way(
    made: tuple[Path, dict[str, str]],
) -> None:
    assert len(log()) == 0
    shutil.rmtree(settings.DATA / "keys")
    restoring.read(made[0])

    assert text_of(log().head().root) == made[1]["root"]


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00"])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    for file in (tmp_path / "file", tmp_path / "none", tmp_path):
        with pytest.raises(InputError):
            restoring.read(file)

    assert untouched()


def test_a_backup_that_was_cut_anywhere_is_refused(
    made: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    content = made[0].read_bytes()
    with tarfile.open(made[0]) as archive:
        places = [info.offset_data + info.size // 2 for info in archive if info.size]
        last = archive.getmember("manifest.json")
    for place in [*places[::5], last.offset, last.offset_data + last.size - 1]:
        (tmp_path / "cut").write_bytes(content[:place])
        with pytest.raises(InputError):
            restoring.read(tmp_path / "cut")

    assert untouched()


def test_a_backup_with_one_altered_byte_is_refused_wherever_it_stands(
    made: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    content = bytearray(made[0].read_bytes())
    with tarfile.open(made[0]) as archive:
        places = [info.offset_data + info.size // 2 for info in archive if info.size]
        places += [info.offset + 3 for info in archive]
    for place in places:
        content[place] ^= 1
        (tmp_path / "altered").write_bytes(content)
        with pytest.raises(InputError):
            restoring.check(tmp_path / "altered")
        content[place] ^= 1


def renamed(name: str) -> Callable[[tarfile.TarInfo, bytes], tuple[Any, bytes]]:
    def change(info: tarfile.TarInfo, content: bytes) -> tuple[Any, bytes]:
        if info.name == "folders/trials/evidence.pub":
            info.name = name
        if info.name == "manifest.json":
            content = content.replace(b"folders/trials/evidence.pub", name.encode())
        return info, content

    return change


@pytest.mark.parametrize(
    "name",
    [
        "folders/trials/../../../outside",
        "folders/../outside",
        "/folders/trials/x",
        "folders//trials/x",
        "folders/mail/x",
        "folders/trials/./x",
        "other/x",
        "rows/../x",
        "folders",
        "objects/ab/short",
    ],
)
def test_a_part_that_would_lie_elsewhere_is_refused(
    made: tuple[Path, dict[str, str]], tmp_path: Path, name: str
) -> None:
    file = rewritten(made[0], tmp_path / "changed", renamed(name))
    with pytest.raises(InputError, match="not whole"):
        restoring.read(file)

    assert untouched()


def test_a_link_is_no_part(made: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    def linked(info: tarfile.TarInfo, content: bytes) -> tuple[Any, bytes]:
        if info.name == "folders/trials/evidence.pub":
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            return info, b""
        return info, content

    with pytest.raises(InputError, match="not whole"):
        restoring.read(rewritten(made[0], tmp_path / "changed", linked))
    assert untouched()


@pytest.mark.parametrize("part", ["objects/", "rows/portal.User", "folders/keys", "manifest"])
def test_a_part_that_is_missing_is_missed(
    made: tuple[Path, dict[str, str]], tmp_path: Path, part: str
) -> None:
    def left_out(info: tarfile.TarInfo, content: bytes) -> tuple[Any, bytes] | None:
        return None if info.name.startswith(part) else (info, content)

    with pytest.raises(InputError, match="not whole"):
        restoring.read(rewritten(made[0], tmp_path / "changed", left_out))
    assert untouched()


def manifested(**changes: Any) -> Callable[[tarfile.TarInfo, bytes], tuple[Any, bytes]]:
    def change(info: tarfile.TarInfo, content: bytes) -> tuple[Any, bytes]:
        if info.name == "manifest.json":
            content = json.dumps({**json.loads(content), **changes}).encode()
        return info, content

    return change


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"migrations": {"portal": ["0001_initial", "0002_later"]}}, "edition"),
        ({"rows": {"portal.User": 3}}, "edition"),
        ({"log_root": "A" * 44}, "LogHead"),
        ({"log_size": 24}, "LogHead"),
        ({"_type": "other"}, "manifest"),
        ({"members": []}, "manifest"),
        ({"more": 1}, "manifest"),
    ],
)
def test_a_manifest_that_tells_something_else_is_refused(
    made: tuple[Path, dict[str, str]], tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    file = rewritten(made[0], tmp_path / "changed", manifested(**changes))
    with pytest.raises(InputError, match=said):
        restoring.read(file)

    assert untouched()


@pytest.mark.parametrize("step", ["_check_log", "_take_names"])
def test_a_restore_that_fails_late_changes_nothing(
    made: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    done = getattr(restoring, step)

    def fails(*given: Any) -> None:
        done(*given)
        raise RuntimeError("the power fails")

    monkeypatch.setattr(restoring, step, fails)
    with pytest.raises(RuntimeError):
        restoring.read(made[0])

    assert untouched()
    monkeypatch.setattr(restoring, step, done)
    restoring.read(made[0])
    assert filled.standing() == made[1]


def test_rows_that_point_nowhere_are_refused(
    made: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rows.put

    def without_people(table: Any, found: Any) -> int:
        every = list(found)
        return len(every) if table is User else real(table, every)

    monkeypatch.setattr(rows, "put", without_people)
    with pytest.raises(InputError, match="refuses"):
        restoring.read(made[0])

    assert untouched()


def test_a_check_reads_the_whole_file_and_changes_nothing(
    made: tuple[Path, dict[str, str]],
) -> None:
    call_command("restore", made[0], "--check", stdout=(said := io.StringIO()))

    assert made[1]["root"] in said.getvalue()
    assert untouched()


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_of_one_moment_while_the_site_works(tmp_path: Path) -> None:
    remember("tried", "thing/first", by=None)
    writer = elsewhere.start(
        "from madang.portal.log import remember\nfrom madang.portal.models import User\n"
        "for n in range(100000):\n"
        "    remember('tried', f'thing/{n}', by=None, after=n)\n"
        "    print(n, flush=True)\n"
    )
    try:
        assert writer.stdout
        writer.stdout.readline()
        found = backup.write(tmp_path / "backup")
        during = int(writer.stdout.readline())
    finally:
        writer.kill()
        writer.communicate()
    site = Site(tmp_path / "new")
    told = site.manage("migrate -v0", f"restore {tmp_path / 'backup'}", then=TELL)

    assert during >= 0
    assert found.rows["portal.LogEntry"] == found.log_size > 0
    assert found.rows["portal.ErasableValue"] == found.log_size - 1
    assert json.loads(told.splitlines()[-1])["root"] == found.log_root
    assert connection.vendor in ("sqlite", "postgresql")


def test_every_table_that_lasts_is_carried() -> None:
    labels = {table._meta.label for table in rows.tables()}

    assert {"portal.User", "portal.LogEntry", "trials.Demand", "mfa.Authenticator"} <= labels
    assert labels.isdisjoint(rows.PASSING)
    assert signing_key().name == "madang-site"
    assert objects() is objects()
