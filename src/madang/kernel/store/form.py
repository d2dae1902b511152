"""Is this file CSV, Parquet, or something that no table is read from? Told by its first bytes.

Compressed files, pickles and workbooks are named and refused unopened: a few of their bytes can
unpack to gigabytes or run code.

Source: the formats' own specifications; https://www.iana.org/assignments/media-types where
registered.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from madang.kernel.store.errors import TableError
from madang.kernel.words import Words, words

Form: TypeAlias = Literal["csv", "parquet"]

_MAGIC: tuple[tuple[bytes, Words], ...] = (
    (b"\x1f\x8b", words("gzip 압축 파일", "a gzip archive")),
    (b"PK\x03\x04", words("ZIP 압축 또는 엑셀(xlsx) 파일", "a ZIP archive or an Excel workbook")),
    (b"PK\x05\x06", words("빈 ZIP 압축 파일", "an empty ZIP archive")),
    (b"\xfd7zXZ\x00", words("xz 압축 파일", "an xz archive")),
    (b"BZh", words("bzip2 압축 파일", "a bzip2 archive")),
    (b"\x28\xb5\x2f\xfd", words("zstd 압축 파일", "a zstd archive")),
    (b"7z\xbc\xaf\x27\x1c", words("7z 압축 파일", "a 7z archive")),
    (b"Rar!", words("RAR 압축 파일", "a RAR archive")),
    (b"\xd0\xcf\x11\xe0", words("엑셀(xls) 또는 한글(hwp) 파일", "an old Excel or Hangul file")),
    (b"\x89HDF", words("HDF5 파일", "an HDF5 file")),
    (b"\x93NUMPY", words("NumPy 배열 파일", "a NumPy array file")),
    (b"ARROW1", words("Arrow(Feather) 파일", "an Arrow (Feather) file")),
    (b"FEA1", words("Feather 파일", "a Feather file")),
    (b"ORC", words("ORC 파일", "an ORC file")),
    (b"Obj\x01", words("Avro 파일", "an Avro file")),
    (b"PARE", words("암호화된 Parquet 파일", "an encrypted Parquet file")),
    (b"SQLite format 3\x00", words("SQLite 데이터베이스", "an SQLite database")),
    (b"%PDF", words("PDF 문서", "a PDF document")),
    (b"\x7fELF", words("실행 파일", "a program")),
    (
        b"\xff\xfe",
        words("UTF-16 텍스트(엑셀의 '유니코드 텍스트')", "UTF-16 text (Excel's 'Unicode')"),
    ),
    (b"\xfe\xff", words("UTF-16 텍스트", "UTF-16 text")),
)
_PICKLE = words(
    "pickle 파일(열면 코드가 실행될 수 있음)", "a pickle, which may run code when opened"
)
_MARKUP = words("HTML 또는 XML 문서", "an HTML or XML document")


def form_of(content: bytes, *, name: str) -> Form:
    """Which of the two kinds of table this is.

    Args:
        content: The whole file.
        name: What its owner calls it.

    Raises:
        TableError: It is empty, or something else; the sentence says what.
    """
    if not content.strip():
        raise _refused(words("빈 파일", "an empty file"), name)
    if content.startswith(b"PAR1"):
        return "parquet"
    if content[:1] == b"\x80" and content[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise _refused(_PICKLE, name)
    for magic, what in _MAGIC:
        if content.startswith(magic):
            raise _refused(what, name)
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise _refused(_MARKUP, name)
    return "csv"


def _refused(what: Words, name: str) -> TableError:
    return TableError(
        words(f"{name}: {what.ko}", f"{what.en} ({name})"),
        words("CSV(UTF-8) 또는 Parquet 표", "a table as CSV (UTF-8) or Parquet"),
        words("표로 저장하여 다시 제출하십시오.", "Save it as such a table and hand it in again."),
    )
