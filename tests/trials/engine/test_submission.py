"""What a firm hands in is taken whole or refused in one sentence, before any run."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import pickle
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.words import words
from madang.trials.engine.demand_text import read_demand
from madang.trials.engine.errors import SubmissionError
from madang.trials.engine.submission import (
    MOST_FILES,
    Submission,
    check_form,
    check_name,
    check_size,
    read_files,
)
from tests.trials.acts import LINE_DEMAND

LARGEST = 1 << 20


def refused(act) -> str:
    with pytest.raises(SubmissionError) as caught:
        act()
    ko, en = caught.value.sentence("ko"), caught.value.sentence("en")
    (ko + en).encode()  # whatever is said can be printed
    assert "\n" not in ko + en
    return en


def no_reading(*paths: Path, largest: int = LARGEST) -> str:
    return refused(lambda: read_files(list(paths), largest_bytes=largest))


def zipped(path: Path, members, **extra) -> Path:
    with zipfile.ZipFile(path, "w", **extra) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name twice
        for name, content in members:
            archive.writestr(name, content)
    return path


@pytest.fixture
def line(toys):
    return read_demand(LINE_DEMAND.encode())


def test_files_a_folder_and_a_zip_are_read_alike(tmp_path):
    folder = tmp_path / "code"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "solution.py").write_bytes(b"x = 1\n")
    (folder / "table.csv").write_bytes(b"a\n1\n")
    archive = zipped(
        tmp_path / "code.ZIP",
        [("solution.py", b"x = 1\n"), ("table.csv", b"a\n1\n")],
        compression=zipfile.ZIP_DEFLATED,
    )

    expected = {"solution.py": b"x = 1\n", "table.csv": b"a\n1\n"}
    assert read_files([folder], largest_bytes=LARGEST) == expected
    assert read_files([archive], largest_bytes=LARGEST) == expected
    files = [folder / "solution.py", folder / "table.csv"]
    assert read_files(files, largest_bytes=LARGEST) == expected


def test_links_folders_and_devices_are_refused(tmp_path):
    (tmp_path / "secret").write_bytes(b"s")
    (tmp_path / "link.py").symlink_to(tmp_path / "secret")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner").mkdir()
    os.mkfifo(tmp_path / "pipe")

    assert "link.py, which is no regular file" in no_reading(tmp_path / "link.py")
    assert "inner, which is no regular file" in no_reading(tmp_path / "folder")
    assert "pipe, which is no regular file" in no_reading(tmp_path / "pipe")
    assert "null, which is no regular file" in no_reading(Path("/dev/null"))


@pytest.mark.parametrize(
    "name",
    [
        b"solution.py\n",
        b".hidden",
        b"-rf",
        b"a b.py",
        "해법.py".encode(),
        b"\xff\xfe.py",
        b"a\x1b[31m.py",
        b"x" * 101,
    ],
)
def test_odd_file_names_are_refused_and_shown_harmlessly(tmp_path, name):
    path = os.path.join(os.fsencode(tmp_path), name)
    with open(path, "wb") as file:
        file.write(b"x = 1")

    assert "the file name" in no_reading(Path(os.fsdecode(path)))


def test_a_link_with_a_name_that_is_no_utf_8_is_refused_in_a_printable_sentence(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"\xff.zip")
    os.symlink("/etc/passwd", path)

    assert "no regular file" in no_reading(Path(os.fsdecode(path)))


def test_a_name_that_comes_twice_is_refused(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "solution.py").write_text(folder)
    archive = zipped(tmp_path / "c.zip", [("solution.py", b"1"), ("solution.py", b"2")])

    twice = "the file name solution.py twice"
    assert twice in no_reading(tmp_path / "one/solution.py", tmp_path / "two/solution.py")
    assert twice in no_reading(archive)


def test_files_that_are_too_large_or_too_many_are_refused(tmp_path):
    large = tmp_path / "model.onnx"
    large.write_bytes(b"x" * 101)
    for number in range(MOST_FILES + 1):
        (tmp_path / f"f{number}").write_bytes(b"")
    several = [tmp_path / f"f{number}" for number in range(MOST_FILES)]

    assert "101 B in model.onnx; expected at most 100 B" in no_reading(large, largest=100)
    assert len(read_files(several, largest_bytes=1)) == MOST_FILES
    assert "201 files" in no_reading(*several, tmp_path / "f200")
    archive = zipped(tmp_path / "m.zip", [(f"f{n}", b"") for n in range(MOST_FILES + 1)])
    assert "201 files" in no_reading(archive)
    assert "201 files" in refused(lambda: check_size({f"f{n}": b"" for n in range(201)}, 1))
    assert "at most 3 B" in refused(lambda: check_size({"a": b"12", "b": b"34"}, 3))
    check_size({"a": b"12", "b": b"34"}, 4)


@pytest.mark.parametrize(
    "name",
    ["../solution.py", "/etc/passwd", "a/solution.py", "..\\solution.py", "C:\\x.py", "한.py"],
)
def test_paths_in_a_zip_are_refused(tmp_path, name):
    archive = zipped(tmp_path / "c.zip", [(name, b"x = 1")])

    assert no_reading(archive)


def test_a_link_in_a_zip_is_only_a_file_with_a_path_in_it(tmp_path):
    member = zipfile.ZipInfo("solution.py")
    member.external_attr = 0o120777 << 16
    archive = zipped(tmp_path / "c.zip", [(member, b"/etc/passwd")])

    assert read_files([archive], largest_bytes=LARGEST) == {"solution.py": b"/etc/passwd"}


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path):
    archive = zipped(
        tmp_path / "bomb.zip",
        [("zeros.bin", b"\0" * (20 << 20))],
        compression=zipfile.ZIP_DEFLATED,
    )

    assert archive.stat().st_size < LARGEST
    assert "20.0 MiB in bomb.zip" in no_reading(archive)


def lying(content: bytes, stated: int) -> bytes:
    """The archive with another unpacked size in both headers."""
    real = struct.pack("<I", 20 << 20)
    assert content.count(real) == 2
    return content.replace(real, struct.pack("<I", stated))


@pytest.mark.parametrize("stated", [0, 1, 1000])
def test_a_zip_that_lies_about_its_size_is_refused(tmp_path, stated):
    archive = zipped(
        tmp_path / "lie.zip", [("z", b"\0" * (20 << 20))], compression=zipfile.ZIP_DEFLATED
    )
    archive.write_bytes(lying(archive.read_bytes(), stated))

    assert "an unreadable archive lie.zip" in no_reading(archive)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_end_are_refused(tmp_path, method):
    archive = zipped(tmp_path / "c.zip", [("a.py", b"x" * 99)], compression=method)

    assert "an unreadable archive c.zip" in no_reading(archive)


def test_an_encrypted_zip_is_refused(tmp_path):
    archive = zipped(tmp_path / "c.zip", [("a.py", b"x = 1")])
    content = bytearray(archive.read_bytes())
    content[6] |= 1  # general purpose flag of the local header, bit 0 (APPNOTE 4.4.4)
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)

    assert "without a password" in no_reading(archive)


def test_a_member_without_a_name_is_refused(tmp_path):
    archive = zipped(tmp_path / "c.zip", [("a", b"x = 1")])
    content = bytearray(archive.read_bytes())
    directory = content.index(b"PK\x01\x02")
    content[directory + 28 : directory + 32] = b"\0\0\1\0"  # its name becomes an extra field
    archive.write_bytes(content)

    assert "an unreadable archive" in no_reading(archive)


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_zip_is_refused_or_empty(tmp_path, content):
    (tmp_path / "c.zip").write_bytes(content)

    if len(content) == 22:  # an archive without members
        assert read_files([tmp_path / "c.zip"], largest_bytes=LARGEST) == {}
    else:
        assert "an unreadable archive" in no_reading(tmp_path / "c.zip")


_ARCHIVE = io.BytesIO()
with zipfile.ZipFile(_ARCHIVE, "w", zipfile.ZIP_DEFLATED) as _archive:
    _archive.writestr("solution.py", b"def predict(m, i, t):\n    return 0\n" * 20)
    _archive.writestr("table.csv", b"a,b\n1,2\n" * 20)
ARCHIVE = _ARCHIVE.getvalue()


@given(st.lists(st.tuples(st.integers(0, len(ARCHIVE) - 1), st.integers(0, 255)), max_size=4))
def test_a_damaged_zip_is_read_or_refused_never_a_crash(tmp_path_factory, changes):
    content = bytearray(ARCHIVE)
    for place, value in changes:
        content[place] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(content)

    try:
        read_files([path], largest_bytes=LARGEST)
    except SubmissionError as refusal:
        refusal.sentence("ko").encode()


def test_each_tier_asks_for_its_file(line):
    check_form(line, "python", {"solution.py": b"x = 1\n"})
    check_form(line, "onnx", {"model.onnx": b"anything"})
    check_form(line, "predictions", {"predictions.csv": b"case,y\n"})
    check_form(line, "predictions", {"predictions.parquet": b"PAR1"})

    for tier, wanted in (
        ("python", "a file solution.py"),
        ("onnx", "a file model.onnx"),
        ("predictions", "a file predictions.csv / predictions.parquet"),
    ):
        said = refused(lambda tier=tier: check_form(line, tier, {"other.txt": b""}))
        assert wanted in said
        assert "the files other.txt" in said
        assert "none" in refused(lambda tier=tier: check_form(line, tier, {}))


def test_a_tier_that_the_demand_does_not_take_is_refused(line):
    closed = dataclasses.replace(line, tiers=("onnx",))

    assert "the tier python; expected a tier that this demand takes: onnx" in refused(
        lambda: check_form(closed, "python", {"solution.py": b""})
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.pkl", b""),
        ("model.PICKLE", b""),
        ("m.joblib", b""),
        ("m.pt", b""),
        ("m.Pth", b""),
        ("m.npy", b""),
        ("m.npz", b""),
        ("weights.bin", pickle.dumps([1], protocol=2)),
        ("weights.bin", pickle.dumps([1], protocol=4)),
        ("weights.bin", pickle.dumps({"a": 1}, protocol=5)),
    ],
)
def test_pickles_are_refused_by_name_and_by_content(line, name, content):
    said = refused(lambda: check_form(line, "python", {"solution.py": b"", name: content}))

    assert f"the pickle {name}" in said
    assert "Reading a pickle runs code." in said


def test_a_file_name_that_leads_elsewhere_is_refused_by_the_form_too(line):
    files = {"solution.py": b"", "../x.py": b""}

    assert "the file name '../x.py'" in refused(lambda: check_form(line, "python", files))


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (b"x = 1\ny = (\n", 2),
        (b"x = 1\n\nif x:\npass\n", 4),
        (b"def predict(model, inputs, task:\n    return 0\n", 1),
        (b"x = 1\n# caf\xe9\n", 2),
        (b"x = 1\0\n", 1),
        (b"(" * 1000, 1),
        (b"x = " + b"-" * 300_000 + b"1", 1),
        (b"x = " + b"1+" * 200_000 + b"1", 1),
        (b"return 1\n", 1),
    ],
)
def test_a_syntax_error_is_named_with_its_line(line, source, place):
    files = {"solution.py": b"import more\n", "more.py": source}

    said = refused(lambda: check_form(line, "python", files))

    assert f"a syntax error in line {place} of more.py" in said


@pytest.mark.parametrize(
    "source",
    [b"\xef\xbb\xbfx = 1\n", "이름 = '값'\r\n".encode(), b"x = '\\d'\n", b"x = 1 is 1\n", b""],
)
def test_source_that_python_takes_is_taken(line, source):
    check_form(line, "python", {"solution.py": source})


def test_what_python_only_warns_of_is_not_printed(line, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        check_form(line, "python", {"solution.py": b"x = '\\d'\n"})

    assert capfd.readouterr() == ("", "")


def test_source_is_compiled_and_never_run(line, tmp_path):
    mark = tmp_path / "ran"

    check_form(line, "python", {"solution.py": f"open({str(mark)!r}, 'w')\n".encode()})

    assert not mark.exists()


@pytest.mark.parametrize("name", ["cox", "A", "boosting_2", "x" * 60])
def test_a_name_of_letters_digits_and_underscores_is_taken(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "1st", "_x", "a-b", "a b", "baseline:median", "콕스", "x" * 61, "cox\n", "\udcff"]
)
def test_any_other_name_is_refused(name):
    assert "the solution name" in refused(lambda: check_name(name))


def test_a_submission_survives_its_record():
    submission = Submission(
        id="submission-1",
        demand="line",
        firm="가나 주식회사",
        name="cox",
        title=words("콕스", "Cox"),
        tier="python",
        files={"solution.py": "ab" * 32},
        received="2025-07-04T00:00:00Z",
    )

    plain = json.loads(json.dumps(submission.plain()))

    assert Submission.from_plain(plain) == submission
    assert plain["digest"] == submission.digest


def test_the_digest_of_a_submission_is_of_tier_and_files_alone():
    one = Submission(
        id="a", demand="d", firm="f", name="n", title=words("", ""), tier="python",
        files={"solution.py": "ab" * 32}, received="now",
    )  # fmt: skip
    same = dataclasses.replace(one, id="b", firm="g", name="m", received="later")

    assert same.digest == one.digest
    assert dataclasses.replace(one, tier="onnx").digest != one.digest
    assert dataclasses.replace(one, files={"solution.py": "cd" * 32}).digest != one.digest
