"""How the first process of a jail reads the end of a script."""

from __future__ import annotations

import errno
import os
import urllib.error

import pytest

from madang.kernel.sandbox import zygote


def chained(inner: BaseException, outer: BaseException) -> BaseException:
    try:
        try:
            raise inner
        except BaseException:
            raise outer  # noqa: B904 - the context is what is tested
    except BaseException as fault:
        return fault


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (ValueError(), zygote.EXCEPTION_EXIT),
        (MemoryError(), zygote.MEMORY_EXIT),
        (PermissionError(errno.EPERM, ""), zygote.FORBIDDEN_EXIT),
        (PermissionError(errno.EACCES, ""), zygote.FORBIDDEN_EXIT),
        (OSError(errno.EROFS, ""), zygote.FORBIDDEN_EXIT),
        (OSError(errno.ENOMEM, ""), zygote.MEMORY_EXIT),
        (OSError(errno.EFBIG, ""), zygote.FILE_EXIT),
        (OSError(errno.ENOSPC, ""), zygote.FULL_EXIT),
        (FileNotFoundError(errno.ENOENT, ""), zygote.EXCEPTION_EXIT),
        (urllib.error.URLError(PermissionError(errno.EPERM, "")), zygote.FORBIDDEN_EXIT),
        (chained(PermissionError(errno.EPERM, ""), ImportError()), zygote.FORBIDDEN_EXIT),
        (chained(ValueError(), KeyError()), zygote.EXCEPTION_EXIT),
        (
            chained(OSError(errno.ENOSPC, ""), UnicodeDecodeError("utf-8", b"", 0, 1, "reason")),
            zygote.FULL_EXIT,
        ),
    ],
    ids=repr,
)
def test_the_exit_code_says_what_was_refused(fault, code):
    assert zygote.meaning(fault) == code


def test_a_chain_that_bites_its_tail_ends():
    fault = ValueError()
    other = KeyError()
    fault.__cause__, other.__cause__ = other, fault

    assert zygote.meaning(fault) == zygote.EXCEPTION_EXIT


@pytest.mark.parametrize(("code", "expected"), [(None, 0), (0, 0), (3, 3), (256, 0), (-1, 255)])
def test_leaving_means_what_it_means_to_python(code, expected):
    assert zygote.exit_code(SystemExit(code)) == expected


def test_leaving_with_words_says_them(capsys):
    assert zygote.exit_code(SystemExit("sorry")) == 1
    assert capsys.readouterr().err == "sorry\n"


def test_only_a_regular_file_is_opened(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "fifo")

    opened = zygote.open_regular(str(tmp_path / "file"))
    assert opened >= 0
    os.close(opened)
    for name in ("link", "fifo", ".", "missing"):
        assert zygote.open_regular(str(tmp_path / name)) == -1


def test_a_pipe_that_ends_early_is_noticed():
    reading, writing = os.pipe()
    os.write(writing, b"ab")
    os.close(writing)

    with pytest.raises(EOFError):
        zygote.read_exactly(reading, 3)
    os.close(reading)
