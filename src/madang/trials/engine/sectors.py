"""In which field of public life does a demand lie?

Source: the fields (분야) of the Republic of Korea's programme budget, the reserve fund left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTORS: Mapping[str, Words] = {
    "administration": words("일반·지방행정", "General and local administration"),
    "safety": words("공공질서·안전", "Public order and safety"),
    "diplomacy": words("통일·외교", "Unification and foreign affairs"),
    "defence": words("국방", "Defence"),
    "education": words("교육", "Education"),
    "culture": words("문화·관광", "Culture and tourism"),
    "environment": words("환경", "Environment"),
    "welfare": words("사회복지", "Social welfare"),
    "health": words("보건", "Health"),
    "agriculture": words("농림수산", "Agriculture, forestry and fisheries"),
    "industry": words("산업·중소기업·에너지", "Industry, small business and energy"),
    "transport": words("교통·물류", "Transport and logistics"),
    "communication": words("통신", "Communication"),
    "land": words("국토·지역개발", "Land and regional development"),
    "science": words("과학기술", "Science and technology"),
}
"""Code, as rows keep it → its name."""
