"""When do two Korean texts say the same? Two normal forms, and how many characters they share.

`value_form` serves values read out of documents. In this order: composed syllables (Unicode
NFC), so that letters typed one by one count as syllables; full-width letters and digits as
narrow ones; one form for each kind of quote, dash, dot and wave; lower case; no spaces, since
spacing is free in much of Korean writing; no commas between the digits of a number; no
punctuation around the value. Particles (은, 는, 이, 가 …) stay: whether they belong to a value is
what a solution must know.

`answer_form` serves short answers and is that of KorQuAD 1.0 (Lim, Kim & Lee 2019,
arXiv:1909.07005) after NFC: quotes and brackets become spaces, ASCII punctuation falls, lower
case, single spaces.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xFFE6: "₩"}
_ONE_FORM = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛`´′", "'"),
        **dict.fromkeys("“”„‟″〝〞", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("ㆍ・･•‧∙⋅", "·"),
        **dict.fromkeys("〜∼˜", "~"),
        **dict.fromkeys("。｡", "."),
        "、": ",",
        "…": "...",
    }
)
_AROUND = string.punctuation.translate(str.maketrans("", "", "%$#@&+-~")) + "「」『』《》〈〉【】·"
"""Punctuation that falls at the ends of a value; signs that belong to amounts stay."""
_BETWEEN_DIGITS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ANSWER_SPACES = str.maketrans(dict.fromkeys("'\"《》<>〈〉()‘’", " "))
_ANSWER_DROPS = str.maketrans("", "", string.punctuation)


def value_form(text: str) -> str:
    """The normal form of a value read out of a document."""
    text = unicodedata.normalize("NFC", text).translate(_NARROW).translate(_ONE_FORM)
    text = _BETWEEN_DIGITS.sub("", "".join(text.lower().split()))
    # A point in front may begin a number: .5
    return text.lstrip(_AROUND.replace(".", "")).rstrip(_AROUND)


def answer_form(text: str) -> str:
    """The normal form of a short answer, with single spaces."""
    text = unicodedata.normalize("NFC", text).lower().translate(_ANSWER_SPACES)
    return " ".join(text.translate(_ANSWER_DROPS).split())


def shared_characters(answer: str, truth: str) -> float:
    """F1 of the characters of two normal forms, each as often as it occurs; spaces do not count.

    Returns:
        0 to 1; 1 where both are empty.
    """
    mine, theirs = Counter("".join(answer.split())), Counter("".join(truth.split()))
    if not mine and not theirs:
        return 1.0
    return 2 * (mine & theirs).total() / (mine.total() + theirs.total())
