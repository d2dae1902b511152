"""A file is told by its first bytes and never by its name."""

from __future__ import annotations

import pytest

from madang.kernel.store.errors import TableError
from madang.kernel.store.form import _MAGIC, form_of


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"PAR1....PAR1", "parquet"),
        (b"a,b\n1,2\n", "csv"),
        ("나이\n1\n".encode(), "csv"),
        ("나이\n1\n".encode("cp949"), "csv"),
        (b"\xef\xbb\xbfa\n", "csv"),
        (b"BZ,a\n", "csv"),
        (b"PK\n1\n", "csv"),
        (b"a<b\n", "csv"),
    ],
)
def test_tables_are_told_apart(content: bytes, form: str) -> None:
    assert form_of(content, name="x.zip") == form


@pytest.mark.parametrize(("magic", "what"), _MAGIC, ids=lambda part: repr(part)[:20])
def test_every_known_kind_is_named_in_both_languages(magic: bytes, what: object) -> None:
    with pytest.raises(TableError) as caught:
        form_of(magic + b" anything", name="자료.csv")

    assert str(what) in str(caught.value)
    assert "자료.csv" in caught.value.sentence("ko")
    assert caught.value.sentence("ko") != caught.value.sentence("en")
