"""A Parquet file is weighed before it is unpacked; one that lies about its weight is refused."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from madang.kernel.store.errors import TableError
from madang.kernel.store.parquet import _text_bytes, weigh
from madang.kernel.store.tables import read_table
from madang.kernel.store.thrift import Malformed, Struct
from madang.kernel.trial import Column
from tests.kernel.store.forge import parquet, refooted, repaged

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = pl.DataFrame(
    {
        "n": [1.5, None, 3.0, 4.5] * 5,
        "글": ["가", None, "나다", "x"] * 5,
        "b": [True, None, False, True] * 5,
    }
)
COLUMNS = (
    Column(name="n", kind="number", nullable=True),
    Column(name="글", kind="text", nullable=True),
    Column(name="b", kind="boolean", nullable=True),
)


def read(content: bytes, **more: Any) -> pl.DataFrame:
    return read_table(content, columns=COLUMNS, name="p.parquet", **more)


@pytest.mark.parametrize(
    "compression", ["zstd", "snappy", "uncompressed", "gzip", "lz4", "brotli"]
)
@pytest.mark.parametrize("rows_a_group", [3, 1000])
@pytest.mark.parametrize("statistics", [True, False])
def test_every_usual_file_weighs_what_it_holds(
    compression: str, rows_a_group: int, statistics: bool
) -> None:
    content = parquet(
        TABLE, compression=compression, row_group_size=rows_a_group, statistics=statistics
    )
    weight = weigh(content)

    assert (weight.names, weight.rows) == (["n", "글", "b"], 20)
    assert 0 < weight.unpacked_bytes < 5000
    assert read(content).equals(TABLE)


def test_the_weight_is_that_of_the_unpacked_pages() -> None:
    """A column of plain doubles: eight bytes each, and a few for the page."""
    numbers = pl.DataFrame({"n": [random.Random(1).random() for _ in range(10_000)]})

    for compression in ("zstd", "uncompressed"):
        weight = weigh(parquet(numbers, compression=compression))
        assert 80_000 <= weight.unpacked_bytes < 81_000 + 80_000


def test_a_table_without_any_text_is_read() -> None:
    assert read_table(parquet(TABLE.select("n")), columns=COLUMNS[:1], name="p").height == 20


def test_no_rows_are_a_table_too() -> None:
    assert read(parquet(TABLE.clear())).height == 0


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before polars sees a byte."""

    def opened(*args: object, **more: object) -> None:
        raise AssertionError("the file was unpacked")

    monkeypatch.setattr(pl, "read_parquet", opened)


@pytest.mark.usefixtures("unread")
def test_a_bomb_is_refused_unopened() -> None:
    """One in a thousand: what takes 5 KB on disk unpacks to 8 MB."""
    texts = [f"{number:>8}" + "x" * 400_000 for number in range(20)]
    content = parquet(pl.DataFrame({"글": texts}))
    assert len(content) < 20_000

    with pytest.raises(TableError, match=r"unpacks to 7\.\d MiB; expected at most 1\.0 MiB"):
        read_table(content, columns=[COLUMNS[1]], name="p", most_bytes=1 << 20)


@pytest.mark.usefixtures("unread")
def test_a_million_equal_rows_in_a_few_bytes_are_counted_unopened() -> None:
    content = parquet(pl.DataFrame({"n": pl.repeat(1.0, 1_000_000, eager=True)}))
    assert len(content) < 50_000

    with pytest.raises(TableError, match="Found 1,000,000 rows in p; expected at most 999,999"):
        read_table(content, columns=[COLUMNS[0]], name="p", most_rows=999_999)


def test_one_long_text_in_many_rows_counts_in_each() -> None:
    content = parquet(pl.DataFrame({"글": ["x" * 10_000] * 1000}))

    with pytest.raises(TableError, match=r"unpacks to 9\.5 MiB"):
        read_table(content, columns=[COLUMNS[1]], name="p", most_bytes=1 << 20)


def test_more_text_than_32_bits_count_is_still_counted() -> None:
    """One stored text of a million bytes that 4,400 rows point to: 4.4 GB written out."""
    one = pl.Series("글", ["x" * 1_000_000])

    assert _text_bytes(one.gather([0] * 4_400).to_frame()) == 4_400_000_000


def plus(path: list[int], amount: int) -> Callable[[Struct], None]:
    """A change of one number deep in a footer; lists are entered at their first element."""

    def change(fields: Any) -> None:
        for step in path[:-1]:
            fields = fields[step]
        fields[path[-1]] += amount

    return change


def put(path: list[int], value: Any) -> Callable[[Struct], None]:
    def change(fields: Any) -> None:
        for step in path[:-1]:
            fields = fields[step]
        fields[path[-1]] = value

    return change


def test_a_footer_written_again_as_it_was_is_accepted() -> None:
    """The forger itself changes nothing: each refusal below is earned by its lie."""
    content = parquet(TABLE)

    assert weigh(refooted(content, lambda footer: None)) == weigh(content)
    assert weigh(repaged(content, lambda page: None)) == weigh(content)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (plus([3], 1), "row groups do not sum"),
        (put([3], -1), "no size"),
        (put([4], []), "row groups do not sum"),
        (plus([4, 0, 3], 7), "row groups do not sum"),
        (lambda footer: [plus([3], 7)(footer), plus([4, 0, 3], 7)(footer)], "pages do not sum"),
        (plus([4, 0, 1, 0, 3, 5], 1), "pages do not sum"),
        (plus([4, 0, 1, 0, 3, 7], 3), "leaves its column|unknown kind|no size|end early|type"),
        (put([4, 0, 1, 0, 3, 7], 1 << 40), "outside the file"),
        (put([4, 0, 1, 0, 3, 9], 1 << 40), "outside the file"),
        (put([4, 0, 1, 0, 3, 9], b"x"), "no size"),
        (lambda footer: footer[4][0][1].pop(), "without all columns"),
        (lambda footer: footer[4][0][1].append(footer[4][0][1][0]), "without all columns"),
        (lambda footer: footer[4].append(footer[4][0]), "row groups do not sum"),
        (put([4, 0, 1, 0, 1], b"/etc/passwd"), "another file"),
        (put([2, 1, 3], 2), "nested"),
        (put([2, 1, 5], 1), "nested"),
        (put([2, 0, 5], 2), "nested"),
        (put([2], []), "nested"),
        (put([2], 3), "no list"),
        (put([2, 1, 4], b"\xff\xfe"), "UTF-8"),
    ],
)
@pytest.mark.usefixtures("unread")
def test_a_footer_that_lies_is_refused_unopened(
    change: Callable[[Struct], None], why: str
) -> None:
    content = refooted(parquet(TABLE), change)

    with pytest.raises(Malformed, match=why):
        weigh(content)
    with pytest.raises(TableError, match="damaged"):
        read(content)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (plus([3], 5), "leaves its column"),
        (put([3], -5), "no size"),
        (put([2], -1), "no size"),
        (put([1], 7), "unknown kind"),
        (put([1], 1), "unknown kind"),
        (plus([5, 1], 1 << 30), "pages do not sum"),
    ],
)
def test_a_page_that_lies_is_refused(change: Callable[[Struct], None], why: str) -> None:
    with pytest.raises(Malformed, match=why):
        weigh(repaged(parquet(TABLE), change))


def test_a_page_that_announces_gigabytes_is_weighed_by_what_it_announces() -> None:
    content = repaged(parquet(TABLE), put([2], 3 << 30))

    with pytest.raises(TableError, match=r"unpacks to 3\.0 GiB"):
        read(content)


@pytest.mark.parametrize(
    "content",
    [
        b"PAR1",
        b"PAR1PAR1",
        b"PAR1" + b"\x00" * 4 + b"PAR1",
        b"PAR1" + b"\xff" * 4 + b"PAR1",
        parquet(TABLE)[:-1],
        parquet(TABLE)[:50],
        parquet(TABLE) + b"\n",
    ],
)
def test_a_cut_file_is_refused(content: bytes) -> None:
    with pytest.raises(TableError, match="damaged"):
        read(content)


@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame({"n": [[1.0], [2.0, 3.0]]}),
        pl.DataFrame({"n": [{"a": 1.0}, {"a": 2.0}]}),
    ],
)
def test_nested_columns_are_refused(table: pl.DataFrame) -> None:
    with pytest.raises(TableError, match="flat columns"):
        read_table(parquet(table), columns=COLUMNS[:1], name="p")


def damaged_files(count: int, seed: int) -> list[bytes]:
    """Real files with a few bytes changed, half of them in the footer."""
    chance = random.Random(seed)
    files = []
    for _ in range(count):
        options = {
            "compression": chance.choice(["zstd", "snappy", "uncompressed", "gzip", "lz4"]),
            "row_group_size": chance.choice([3, 1000]),
            "statistics": chance.random() < 0.5,
        }
        content = bytearray(parquet(TABLE, **options))
        foot = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        for _ in range(chance.choice([1, 1, 2, 5])):
            start = foot if chance.random() < 0.5 else 4
            place = chance.randrange(start, len(content) - 8)
            match chance.randrange(3):
                case 0:
                    content[place] = chance.randrange(256)
                case 1:
                    content[place] ^= 1 << chance.randrange(8)
                case _:
                    content[place : place + 4] = b"\xff\xff\xff\x7f"
        files.append(bytes(content))
    return files


def assert_each_is_read_or_refused(files: list[bytes]) -> None:
    ends = {"read": 0, "refused": 0}
    for content in files:
        try:
            table = read(content)
        except TableError:
            ends["refused"] += 1
        else:
            ends["read"] += 1
            assert table.columns == ["n", "글", "b"]
    assert all(ends.values()), ends


def test_a_damaged_file_is_read_or_refused_and_never_ends_otherwise() -> None:
    assert_each_is_read_or_refused(damaged_files(150, seed=1))


@pytest.mark.slow
def test_thousands_of_damaged_files_are_read_or_refused() -> None:
    assert_each_is_read_or_refused(damaged_files(6000, seed=2))
