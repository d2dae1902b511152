"""What was put comes out, or an error names the object; in a folder and in a bucket alike."""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import secrets
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel import ids
from madang.kernel.errors import InputError, MissingExtra, Unavailable
from madang.kernel.store.errors import ObjectCorrupt, ObjectMissing
from madang.kernel.store.folder import Folder
from madang.kernel.store.objects import Objects
from tests import house

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT = "0" * 64


@pytest.fixture(params=["folder", "file://", "memory://"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "memory://":
        name = secrets.token_hex(8)
        yield f"memory://{name}/objects"
        fsspec.filesystem("memory").rm(f"/{name}", recursive=True)
    else:
        yield f"{request.param.replace('folder', '')}{tmp_path / 'objects'}"


@pytest.fixture
def objects(address: str) -> Objects:
    objects = Objects(address)
    objects.put(b"something else")
    return objects


def damage(address: str, digest: str, content: bytes) -> None:
    """Change what lies under a digest behind the store's back."""
    path = f"{address}/{digest[:2]}/{digest}"
    with fsspec.open(path if "://" in path else f"file://{path}", "wb") as file:
        file.write(content)


@pytest.mark.parametrize("content", [b"", b"abc", bytes(range(256)) * 5000])
def test_what_is_put_comes_out_under_its_sha256(objects: Objects, content: bytes) -> None:
    digest = objects.put(content)

    assert digest == hashlib.sha256(content).hexdigest()
    assert objects.get(digest) == content
    assert objects.has(digest)
    with objects.open(digest) as file:
        assert file.read() == content


@given(st.lists(st.binary(max_size=50), max_size=8))
def test_any_contents_live_side_by_side(contents: list[bytes]) -> None:
    objects = Objects("memory://any-contents")
    digests = [objects.put(content) for content in contents]

    assert [objects.get(digest) for digest in digests] == contents


def test_a_file_is_put_under_the_same_name_as_its_content(
    objects: Objects, tmp_path: Path
) -> None:
    file = tmp_path / "한글 이름.bin"
    file.write_bytes(os.urandom(3_000_000))

    digest = objects.put_file(file)

    assert digest == objects.put(file.read_bytes())
    assert objects.get(digest) == file.read_bytes()
    assert objects.put_file(file) == digest


def test_what_was_never_put_is_missing_by_name(objects: Objects) -> None:
    assert not objects.has(ABSENT)
    for ask in (objects.get, objects.open):
        with pytest.raises(ObjectMissing) as caught:
            ask(ABSENT)
        assert caught.value.digest == ABSENT
        assert ABSENT in caught.value.sentence("ko")


@pytest.mark.parametrize("content", [b"", b"abd", b"abc "])
def test_a_damaged_object_is_never_given_out(
    objects: Objects, address: str, content: bytes
) -> None:
    digest = objects.put(b"abc")
    damage(address, digest, content)

    for ask in (objects.get, objects.open):
        with pytest.raises(ObjectCorrupt) as caught:
            ask(digest)
        assert caught.value.digest == digest
        assert caught.value.found == ids.digest(content)
        assert digest in caught.value.place


def test_putting_the_content_again_heals_it(
    objects: Objects, address: str, tmp_path: Path
) -> None:
    digest = objects.put(b"abc")
    file = tmp_path / "abc"
    file.write_bytes(b"abc")
    for put in (lambda: objects.put(b"abc"), lambda: objects.put_file(file)):
        damage(address, digest, b"rot")
        assert put() == digest
        assert objects.get(digest) == b"abc"


@pytest.mark.parametrize(
    "digest", ["", "abc", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"]
)
def test_a_name_that_is_no_digest_never_reaches_the_disk(objects: Objects, digest: str) -> None:
    for ask in (objects.get, objects.open, objects.has):
        with pytest.raises(InputError, match="SHA-256"):
            ask(digest)


def test_a_stream_can_be_read_twice(objects: Objects) -> None:
    with objects.open(objects.put(b"abcdef")) as file:
        assert (file.read(3), file.seek(0), file.read()) == (b"abc", 0, b"abcdef")


def test_a_folder_holds_contents_in_small_folders_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "objects"
    digest = Objects(folder).put(b"abc")

    files = [file for file in folder.rglob("*") if file.is_file()]

    assert files == [folder / digest[:2] / digest]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_two_stores_on_one_folder_see_the_same(tmp_path: Path) -> None:
    digest = Objects(tmp_path).put(b"abc")

    assert Objects(f"file://{tmp_path}").get(digest) == b"abc"


def test_the_disk_is_told_before_the_name_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content, rename, folder: any other order could lose an object that was promised."""
    told: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(
        os, "fsync",
        lambda handle: told.append(Path(os.readlink(f"/proc/self/fd/{handle}")).parent.name)
        or fsync(handle),
    )  # fmt: skip
    monkeypatch.setattr(
        Path, "replace", lambda path, to: told.append("rename") or replace(path, to)
    )
    folder = tmp_path / "objects"
    objects = Objects(folder)

    digest = objects.put(b"abc")

    assert told == ["unfinished", "rename", "objects", tmp_path.name]
    told.clear()
    objects.put(b"abc")
    assert told == ["objects", tmp_path.name], "another writer's rename is made durable too"
    assert digest


def test_a_write_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = Objects(tmp_path)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        objects.put(b"abc")

    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_folder_that_cannot_be_made_is_told_to_the_operator(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(Unavailable, match="in the way|file"):
        Objects(tmp_path / "file" / "objects")


def test_many_threads_may_put_the_same_content(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    content = os.urandom(200_000)
    digests: list[str] = []
    threads = [
        threading.Thread(target=lambda: digests.append(objects.put(content))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(digests) == 8
    assert objects.get(digests[0]) == content
    assert len([file for file in tmp_path.rglob("*") if file.is_file()]) == 1


WRITER = """
import itertools, sys
from madang.kernel.store.objects import Objects
objects = Objects(sys.argv[1])
print("ready", flush=True)
for number in itertools.count():
    content = b"%d " % number * 100_000
    print(objects.put(content), flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_only_whole_objects(tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    promised: list[str] = []
    for pause_s in (0.0, 0.02, 0.05, 0.11):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)],
            stdout=subprocess.PIPE, cwd=house.ROOT, text=True,
        )  # fmt: skip
        assert writer.stdout is not None
        with writer.stdout:
            writer.stdout.readline()
            time.sleep(pause_s)
            writer.send_signal(signal.SIGKILL)
            promised += [line.strip() for line in writer.stdout if len(line) == 65]
        writer.wait()
    objects = Objects(folder)

    found = [file.name for file in folder.glob("??/*")]
    for digest in {*promised, *found}:
        assert hashlib.sha256(objects.get(digest)).hexdigest() == digest


def test_what_killed_writers_left_is_swept_and_the_young_are_spared(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    digest = objects.put(b"abc")
    for name, age_s in (("old", 90_000), ("young", 60)):
        file = tmp_path / "unfinished" / name
        file.write_bytes(b"half")
        os.utime(file, (time.time() - age_s,) * 2)

    assert Folder(tmp_path).sweep() == 1
    assert [file.name for file in (tmp_path / "unfinished").iterdir()] == ["young"]
    assert objects.get(digest) == b"abc"


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "growing"
    file.write_bytes(b"first")
    objects = Objects(tmp_path / "objects")
    write = Folder.write

    def grown(self: Folder, name: str, pieces: object) -> None:
        file.write_bytes(b"first and more")
        write(self, name, pieces)  # type: ignore[arg-type]

    monkeypatch.setattr(Folder, "write", grown)
    with pytest.raises(ObjectCorrupt):
        objects.put_file(file)


def test_a_driver_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)

    with pytest.raises(MissingExtra, match=r"madang\[s3\]"):
        Objects("s3://bucket/prefix")


def test_an_address_nobody_knows_is_refused() -> None:
    with pytest.raises(Unavailable, match="nonsense"):
        Objects("nonsense://bucket")


def test_a_bucket_that_refuses_is_told_to_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = Objects("memory://refusing")

    def refuse(*args: object, **more: object) -> None:
        raise PermissionError("Access Denied")

    def lack(*args: object, **more: object) -> None:
        raise FileNotFoundError("The specified bucket does not exist")

    with monkeypatch.context() as without_bucket:
        without_bucket.setattr(type(fsspec.filesystem("memory")), "put_file", lack)
        with pytest.raises(Unavailable, match="bucket does not exist"):
            objects.put(b"x")
    for method in ("open", "put_file", "exists"):
        monkeypatch.setattr(type(fsspec.filesystem("memory")), method, refuse)
    for ask in (
        lambda: objects.get(ABSENT),
        lambda: objects.put(b"x"),
        lambda: objects.has(ABSENT),
    ):
        with pytest.raises(Unavailable, match="Access Denied"):
            ask()


def test_a_bucket_that_breaks_off_leaves_no_copy_open(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = Objects("memory://breaking")
    digest = objects.put(b"x" * (3 << 20))
    pieces = iter([b"x" * (1 << 20)])

    def broken(self: object, size: int = -1) -> bytes:
        if piece := next(pieces, b""):
            return piece
        raise ConnectionResetError("connection reset")

    monkeypatch.setattr("fsspec.implementations.memory.MemoryFile.read", broken)
    with pytest.raises(Unavailable, match="connection reset"):
        objects.get(digest)
    gc.collect()


def test_a_local_folder_needs_no_library() -> None:
    source = (
        "import sys, tempfile\n"
        "from madang.kernel.store.objects import Objects\n"
        "with tempfile.TemporaryDirectory() as folder: Objects(folder).put(b'abc')\n"
        "print('fsspec' in sys.modules, 'numpy' in sys.modules)"
    )

    assert house.run(sys.executable, "-c", source).stdout.split() == ["False", "False"]


def test_the_errors_survive_a_journey() -> None:
    for fault in (ObjectMissing(ABSENT, "here"), ObjectCorrupt(ABSENT, "here")):
        assert pickle.loads(pickle.dumps(fault)).digest == ABSENT


def test_every_object_is_listed_and_nothing_else(objects: Objects) -> None:
    put = [objects.put(content) for content in (b"", b"a", b"a", b"something else")]

    assert sorted(objects.digests()) == sorted(set(put))


def test_what_lies_beside_objects_is_no_object(tmp_path: Path) -> None:
    store = Objects(tmp_path)
    digest = store.put(b"a")
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / digest).write_bytes(b"in the wrong place")
    (tmp_path / "unfinished" / hashlib.sha256(b"x").hexdigest()).write_bytes(b"x")
    (tmp_path / "note.txt").write_bytes(b"x")

    assert list(store.digests()) == [digest]
