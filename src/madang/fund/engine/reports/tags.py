"""What do the tags of an investment say? Field, region and stage in words.

Source: codes of provinces and metropolitan cities in the resident register's numbering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = {"ai": words("AI", "AI"), "semiconductor": words("반도체", "AI chips")}
STAGES = {"yes": words("초기", "early stage"), "no": words("초기 외", "later stage")}
REGIONS = {
    "11": words("서울", "Seoul"),
    "26": words("부산", "Busan"),
    "27": words("대구", "Daegu"),
    "28": words("인천", "Incheon"),
    "29": words("광주", "Gwangju"),
    "30": words("대전", "Daejeon"),
    "31": words("울산", "Ulsan"),
    "36": words("세종", "Sejong"),
    "41": words("경기", "Gyeonggi"),
    "43": words("충북", "Chungbuk"),
    "44": words("충남", "Chungnam"),
    "46": words("전남", "Jeonnam"),
    "47": words("경북", "Gyeongbuk"),
    "48": words("경남", "Gyeongnam"),
    "50": words("제주", "Jeju"),
    "51": words("강원", "Gangwon"),
    "52": words("전북", "Jeonbuk"),
}
_ORDER = (("field", FIELDS), ("region", REGIONS), ("early-stage", STAGES))


def said(tags: Mapping[str, str]) -> Words:
    """The tags in words; one that is not known stands as it is."""
    found = [
        known.get(tags[name]) or words(tags[name], tags[name])
        for name, known in _ORDER
        if tags.get(name)
    ]
    return words(" · ".join(each.ko for each in found), " · ".join(each.en for each in found))
