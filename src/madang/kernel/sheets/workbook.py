"""What stands in which cell of an Excel workbook? Values alone, within limits (ECMA-376).

Read by the standard library's own zip and XML readers: what unpacks to more than a table may be,
declares entities or nests deeper than any sheet does is refused while it is being read, before it
can fill the memory. Formulas are not computed; the value that the spreadsheet last showed counts.
Cells of a merged area all say what the first one says.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

from madang.kernel.sheets import shown
from madang.kernel.sheets.faults import FileRefused
from madang.kernel.sheets.sheet import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    Sheet,
    too_large,
)
from madang.kernel.units import size
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from madang.kernel.words import Words

MOST_UNPACKED = 512 << 20
_MOST_PARTS, _MOST_SHEETS, _MOST_MERGED = 5_000, 64, 2_000_000
_MOST_RATIO, _SMALL = 400, 8 << 20
"""A sheet of equal rows packs some 150 times; only what is large as well is suspicious."""
_DEEPEST = 64
_LONGEST = 32_767
"""Characters that a cell may hold, by Excel's own limits."""
_PIECE = 1 << 18
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def read(content: bytes, *, name: str) -> list[Sheet]:
    """The sheets of a workbook that hold anything, in their order; hidden ones are left out.

    Raises:
        FileRefused: No workbook, damaged, or beyond the limits.
    """
    with _whole(name):
        archive = zipfile.ZipFile(io.BytesIO(content))
    try:
        return _Book(archive, name).sheets()
    except expat.ExpatError as fault:
        raise _refused(name, words("XML이 깨진 xlsx 파일", "a workbook of broken XML")) from fault


@contextmanager
def _whole(name: str) -> Iterator[None]:
    """The archive alone is touched inside; a damaged one makes its reader raise any of these."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError) as fault:
        raise _refused(name, words("손상된 xlsx 파일", "a damaged workbook")) from fault
    except (ValueError, OverflowError, OSError, RuntimeError) as fault:
        raise _refused(name, words("손상된 xlsx 파일", "a damaged workbook")) from fault


def _refused(name: str, what: Words) -> FileRefused:
    return FileRefused(
        words(f"{name}: {what.ko}", f"{what.en} ({name})"),
        words("엑셀에서 저장한 xlsx 표", "a table saved by Excel as xlsx"),
        words(
            "엑셀에서 열어 다시 저장하거나 CSV로 저장하십시오.",
            "Open it in Excel and save it again, or save it as CSV.",
        ),
    )


class _Book:
    """A workbook that is being read."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name
        self.left = MOST_UNPACKED
        self.parts = {each.filename.lstrip("/"): each for each in archive.infolist()}
        if len(self.parts) > _MOST_PARTS:
            raise _refused(name, words("파일이 너무 많은 압축", "an archive of too many files"))
        self.from_1904 = False
        self.strings: list[str] = []
        self.styles: list[shown.Style] = []

    def sheets(self) -> list[Sheet]:
        listed = self._listed()
        self._read_strings()
        self._read_styles()
        found = []
        for title, part in listed[:_MOST_SHEETS]:
            if part in self.parts:
                sheet = _Cells(self, title).read(part)
                if sheet.rows:
                    found.append(sheet)
        if not found:
            raise _refused(self.name, words("값이 없는 통합문서", "a workbook without values"))
        return found

    def _listed(self) -> list[tuple[str, str]]:
        """Titles of the sheets that are shown, with the parts that hold them."""
        titles: list[tuple[str, str]] = []
        parts: dict[str, str] = {}

        def in_book(tag: str, values: dict[str, str]) -> None:
            if tag == "sheet" and values.get("state", "visible") == "visible":
                # The prefix of its namespace is whatever the writing program chose.
                link = next((values[key] for key in values if key.endswith(":id")), "")
                titles.append((values.get("name", ""), link))
            elif tag == "workbookPr":
                self.from_1904 = values.get("date1904", "0") in ("1", "true")

        def in_links(tag: str, values: dict[str, str]) -> None:
            if tag == "Relationship" and values.get("TargetMode") != "External":
                target = values.get("Target", "")
                parts[values.get("Id", "")] = (
                    target[1:] if target.startswith("/") else f"xl/{target}"
                )

        self.parse("xl/workbook.xml", in_book)
        self.parse("xl/_rels/workbook.xml.rels", in_links)
        return [(title, parts[each]) for title, each in titles if each in parts]

    def _read_strings(self) -> None:
        if "xl/sharedStrings.xml" not in self.parts:
            return
        pieces: list[str] = []
        quiet = 0

        def start(tag: str, values: dict[str, str]) -> None:
            nonlocal quiet
            quiet += tag == "rPh"
            if tag == "si":
                pieces.clear()

        def end(tag: str, text: str) -> None:
            nonlocal quiet
            quiet -= tag == "rPh"
            if tag == "t" and not quiet:
                pieces.append(text)
            elif tag == "si":
                self.strings.append(_unescaped("".join(pieces)))

        self.parse("xl/sharedStrings.xml", start, end)

    def _read_styles(self) -> None:
        if "xl/styles.xml" not in self.parts:
            return
        formats: dict[int, str] = {}
        of_cells = False

        def start(tag: str, values: dict[str, str]) -> None:
            nonlocal of_cells
            if tag == "numFmt":
                formats[_count(values.get("numFmtId"))] = values.get("formatCode", "")
            elif tag == "cellXfs":
                of_cells = True
            elif tag == "xf" and of_cells:
                number = _count(values.get("numFmtId"))
                self.styles.append(shown.style(number, formats.get(number, "")))

        def end(tag: str, text: str) -> None:
            nonlocal of_cells
            of_cells = of_cells and tag != "cellXfs"

        self.parse("xl/styles.xml", start, end)

    def parse(
        self,
        part: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str, str], None] | None = None,
    ) -> None:
        """Read one part, telling each element's start, and its text at its end.

        Raises:
            FileRefused: It is missing, or beyond a limit.
        """
        info = self.parts.get(part)
        if info is None:
            raise _refused(self.name, words(f"{part}이 없는 압축", f"an archive without {part}"))
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(self.name, words("다른 방식의 압축", "an archive of another packing"))
        parser = _parser(self.name, start, end)
        with _whole(self.name):
            file = self.archive.open(info)
        with file:
            self._feed(parser, file, info)

    def _feed(self, parser: expat.XMLParserType, file: IO[bytes], info: zipfile.ZipInfo) -> None:
        """What comes out is counted: what the archive says of itself may be false."""
        unpacked = 0
        while True:
            with _whole(self.name):
                piece = file.read(_PIECE)
            if not piece:
                break
            unpacked += len(piece)
            self.left -= len(piece)
            packed = max(1, info.compress_size)
            if self.left < 0 or (unpacked > _SMALL and unpacked / packed > _MOST_RATIO):
                raise FileRefused(
                    words(
                        f"{self.name}: {size(unpacked)} 이상으로 풀리는 압축",
                        f"an archive that unpacks to {size(unpacked)} and more ({self.name})",
                    ),
                    words(
                        f"{size(MOST_UNPACKED)} 이하로 풀리는 xlsx 표",
                        f"a workbook that unpacks to at most {size(MOST_UNPACKED)}",
                    ),
                    words("표를 나누거나 CSV로 저장하십시오.", "Split it, or save it as CSV."),
                )
            parser.Parse(piece, False)
        parser.Parse(b"", True)


def _parser(
    name: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str, str], None] | None,
) -> expat.XMLParserType:
    """An XML reader without entities and without depth."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    text: list[str] = []
    depth = length = 0

    def begins(tag: str, values: dict[str, str]) -> None:
        nonlocal depth, length
        depth += 1
        if depth > _DEEPEST:
            raise _refused(name, words("지나치게 깊은 XML", "XML that nests too deep"))
        text.clear()
        length = 0
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        start(tag, values)

    def says(piece: str) -> None:
        nonlocal length
        length += len(piece)
        if length > _LONGEST:
            raise _refused(name, words("너무 긴 값", "a value that is too long"))
        text.append(piece)

    def ends(tag: str) -> None:
        nonlocal depth, length
        depth -= 1
        if end:
            end(tag.rpartition(":")[2] if ":" in tag else tag, "".join(text))
        text.clear()
        length = 0

    def declares(*_: object) -> None:
        raise _refused(name, words("DOCTYPE이 든 XML", "XML with a document type"))

    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = says, declares
    return parser


class _Cells:
    """One sheet that is being read."""

    def __init__(self, book: _Book, title: str) -> None:
        self.book, self.title = book, title
        self.rows: dict[int, dict[int, str]] = {}
        self.formulas: set[int] = set()
        self.row, self.column, self.kind, self.style = 0, -1, "", 0
        self.now: dict[int, str] = {}
        self.value, self.has_formula = "", False
        self.merged: list[tuple[int, int, int, int]] = []
        self.quiet = self.cells = 0

    def read(self, part: str) -> Sheet:
        """The rows that hold anything, as text."""
        self.book.parse(part, self._start, self._end)
        self._spread()
        width = max((max(row) + 1 for row in self.rows.values() if row), default=0)
        numbers = [
            number
            for number in sorted(self.rows)
            if any(map(str.strip, self.rows[number].values()))
        ]
        if width * len(numbers) > 2 * MOST_CELLS:
            raise too_large(self.book.name, numbers[-1])
        span = range(width)
        rows = [tuple(self.rows[number].get(at, "") for at in span) for number in numbers]
        return Sheet(
            name=self.title,
            rows=rows,
            numbers=numbers,
            from_1904=self.book.from_1904,
            formulas=frozenset(self.formulas),
        )

    def _start(self, tag: str, values: dict[str, str]) -> None:
        if tag == "c":
            self.kind, self.style = values.get("t", "n"), _count(values.get("s"))
            self.value, self.has_formula = "", False
            place = values.get("r", "")
            self.column = _column(place) if place else self.column + 1
            if self.column >= MOST_COLUMNS:
                self.column = MOST_COLUMNS
        elif tag == "row":
            self.row = _count(values.get("r")) or self.row + 1
            self.column = -1
            if self.row > MOST_ROWS + 1_000:
                raise too_large(self.book.name, self.row)
            self.now = self.rows.setdefault(self.row, {})
        elif tag == "f":
            self.has_formula = True
        elif tag == "mergeCell":
            self._merge(values.get("ref", ""))
        elif tag == "rPh":
            self.quiet += 1

    def _end(self, tag: str, text: str) -> None:
        if tag == "v":
            self.value = text
        elif tag == "t" and not self.quiet:
            self.value += text
        elif tag == "rPh":
            self.quiet -= 1
        elif tag == "f" and not self.value:
            self.value = f"={text}"
        elif tag == "c" and (self.value or self.has_formula) and self.column < MOST_COLUMNS:
            if self.has_formula:
                self.formulas.add(self.row)
            self.cells += 1
            if self.cells > MOST_CELLS:
                raise too_large(self.book.name, self.row)
            self.now[self.column] = self._shown()

    def _shown(self) -> str:
        """What the cell says, as text."""
        if self.kind == "s":
            number = _count(self.value)
            return self.book.strings[number] if number < len(self.book.strings) else ""
        if self.kind != "n" or self.value.startswith("="):
            return _unescaped(self.value) if self.kind in ("inlineStr", "str") else self.value
        styles = self.book.styles
        style = styles[self.style] if self.style < len(styles) else shown.PLAIN
        return style.text(self.value, from_1904=self.book.from_1904)

    def _merge(self, area: str) -> None:
        ends = [_CELL.fullmatch(each) for each in area.replace("$", "").split(":")]
        if len(ends) == 2 and ends[0] and ends[1]:
            self.merged.append(
                (_column(ends[0][0]), int(ends[0][2]), _column(ends[1][0]), int(ends[1][2]))
            )

    def _spread(self) -> None:
        """Put the first cell's words into the others of its merged area."""
        left, numbers = _MOST_MERGED, sorted(self.rows)
        for first, top, last, bottom in self.merged:
            said = self.rows.get(top, {}).get(first, "")
            if not said:
                continue
            columns = range(first, min(last, MOST_COLUMNS - 1) + 1)
            inside = numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]
            left -= len(columns) * len(inside)
            if left < 0:
                raise too_large(self.book.name, top)
            for number in inside:
                for column in columns:
                    self.rows[number].setdefault(column, said)


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _column(place: str) -> int:
    """Number from 0 of the column in a place such as `AB12`."""
    number = 0
    for letter in place:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number - 1


def _unescaped(text: str) -> str:
    """Spreadsheets write control signs as `_x000D_`; here they are blanks."""
    return re.sub(r"_x00[01][0-9A-Fa-f]_", " ", text) if "_x00" in text else text
