"""With which letters is Korean printed? NanumGothic, as a package of the product carries it.

The font's package is only a carrier: its files are found, its code is never imported.
Source of the font: NAVER, SIL Open Font License 1.1.
"""

from __future__ import annotations

import functools
import importlib.metadata
import struct
from pathlib import Path
from typing import NamedTuple

from madang.kernel.errors import Unavailable
from madang.kernel.words import words

FAMILY = "NanumGothic"
STACK = (
    f"{FAMILY}, 'Nanum Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', "
    "'Malgun Gothic', sans-serif"
)
"""What a reader's machine may have instead, best first: pages embed no font."""
_CARRIER = "koreanize-matplotlib"


class Files(NamedTuple):
    """Where the font lies."""

    folder: Path
    regular: Path


@functools.cache
def files() -> Files:
    """The font's files.

    Raises:
        Unavailable: The package that carries them is not installed, or has none.
    """
    remedy = words(
        f"설치 명령: pip install {_CARRIER}", f"Install it with: pip install {_CARRIER}"
    )
    what = words("한글 글꼴 나눔고딕", "The Korean font NanumGothic")
    try:
        listed = importlib.metadata.files(_CARRIER) or []
    except importlib.metadata.PackageNotFoundError as fault:
        reason = words(f"{_CARRIER} 꾸러미가 없음", f"the package {_CARRIER} is not installed")
        raise Unavailable(what, reason=reason, remedy=remedy) from fault
    for entry in listed:
        path = Path(str(entry.locate()))
        if entry.name == f"{FAMILY}.ttf" and path.is_file():
            return Files(path.parent, path)
    reason = words(f"{_CARRIER} 꾸러미에 글꼴 파일이 없음", f"{_CARRIER} holds no font file")
    raise Unavailable(what, reason=reason, remedy=remedy)


def printable(text: str) -> str:
    """The text with each character that the font lacks replaced by its code, such as `[U+1F600]`.

    An archivable PDF refuses a character without a shape; its code tells more than an empty box.
    """
    shapes = _characters()
    return "".join(
        letter if ord(letter) in shapes or letter == "\n" else f"[U+{ord(letter):04X}]"
        for letter in text
    )


@functools.cache
def _characters() -> frozenset[int]:
    """Code points that the font has a shape for.

    Source: OpenType 1.9, table `cmap`, subtable format 4.
    """
    content = files().regular.read_bytes()
    start = _subtable(content)
    (twice,) = struct.unpack_from(">H", content, start + 6)
    count = twice // 2
    ends = struct.unpack_from(f">{count}H", content, start + 14)
    starts = struct.unpack_from(f">{count}H", content, start + 16 + twice)
    deltas = struct.unpack_from(f">{count}H", content, start + 16 + 2 * twice)
    offsets_at = start + 16 + 3 * twice
    offsets = struct.unpack_from(f">{count}H", content, offsets_at)
    found = set()
    for position, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offsets[position]:
                place = offsets_at + 2 * position + offsets[position] + 2 * (code - first)
                (glyph,) = struct.unpack_from(">H", content, place)
            if offsets[position] == 0 or glyph:
                glyph = (glyph + deltas[position]) & 0xFFFF
            if glyph:
                found.add(code)
    return frozenset(found)


def _subtable(content: bytes) -> int:
    """Where the Unicode subtable of the basic plane begins."""
    (tables,) = struct.unpack_from(">H", content, 4)
    records = (struct.unpack_from(">4sIII", content, 12 + 16 * each) for each in range(tables))
    cmap = next(offset for name, _, offset, _ in records if name == b"cmap")
    (count,) = struct.unpack_from(">H", content, cmap + 2)
    for each in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", content, cmap + 4 + 8 * each)
        if (platform, encoding) == (3, 1):
            return int(cmap + offset)
    raise ValueError("the font has no Unicode table of the basic plane")
