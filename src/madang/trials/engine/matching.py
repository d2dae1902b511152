"""Which open demands fit a company, and which companies fit a demand, and why?

A weighted sum of six parts, each from 0 to 1 and each told in words; nothing is learned, nothing
is hidden, and the same facts always give the same order. The order helps people to find each
other. It shuts nobody out: a company without a record may submit like any other.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, Self, TypeAlias

from madang.kernel.words import Words, words
from madang.trials.engine.record import Record
from madang.trials.engine.sectors import SECTORS

if TYPE_CHECKING:
    from madang.trials.engine.demand import Demand

Part: TypeAlias = Literal["task", "subject", "results", "data", "tier", "sector"]
WEIGHTS: Mapping[Part, float] = {
    "task": 0.30,
    "subject": 0.25,
    "results": 0.20,
    "data": 0.10,
    "tier": 0.10,
    "sector": 0.05,
}
Result: TypeAlias = Literal["adopted", "passed", "beat_baseline", "below_baseline", "none"]
_WORTH: Mapping[Result, float] = {
    "adopted": 1.0,
    "passed": 0.8,
    "beat_baseline": 0.5,
    "below_baseline": 0.1,
    "none": 0.0,
}
_RESULTS: Mapping[Result, Words] = {
    "adopted": words("채택됨", "was adopted"),
    "passed": words("판정 규칙을 만족함", "satisfied the rule"),
    "beat_baseline": words("기준 해법보다 나음", "beat the baseline"),
    "below_baseline": words("기준 해법보다 낫지 않음", "did not beat the baseline"),
    "none": words("결과 없음", "has no result"),
}
NEWCOMERS = words(
    "추천 순서는 참고용이며, 실적이 없는 기업도 똑같이 제출할 수 있습니다.",
    "The order is a hint: a company without a record may submit like any other.",
)


@dataclass(frozen=True, kw_only=True)
class Wanted(Record):
    """A demand as matching sees it."""

    name: str
    task: str
    kinds: Mapping[str, int]
    """Kind of column → how many inputs are of it."""
    subjects: tuple[str, ...]
    """Its words, from `subject_words`."""
    tiers: tuple[str, ...]
    sector: str = ""

    @classmethod
    def of(cls, demand: Demand, *, sector: str = "") -> Self:
        """From a demand: its title and problem in both languages and its columns' titles."""
        told = [demand.title, demand.problem, *demand.titles.values()]
        return cls(
            name=demand.name,
            task=demand.task_name,
            kinds=dict(sorted(Counter(column.kind for column in demand.inputs).items())),
            subjects=subject_words(*(text for each in told for text in (each.ko, each.en))),
            tiers=tuple(demand.tiers),
            sector=sector,
        )


@dataclass(frozen=True, kw_only=True)
class Past(Record):
    """What a company did in an earlier demand, and what is publicly known to have come of it."""

    demand: Wanted
    tier: str
    result: Result = "none"


@dataclass(frozen=True, kw_only=True)
class Company(Record):
    """A company as matching sees it: its record, and what it says of itself."""

    name: str
    past: tuple[Past, ...] = ()
    subjects: tuple[str, ...] = ()
    """Words of its profile, from `subject_words`."""
    tasks: tuple[str, ...] = ()
    """Kinds of tasks it says it works on."""
    tiers: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()

    @cached_property
    def known(self) -> frozenset[str]:
        """The words of its profile and of every demand it took part in."""
        return frozenset(self.subjects).union(*(past.demand.subjects for past in self.past))


class Reason(NamedTuple):
    """One part of a match."""

    part: Part
    weight: float
    share: float
    """How well this part fits, 0 to 1; weight times share is its points."""
    words: Words


class Match(NamedTuple):
    """A demand and a company, how well they fit and why."""

    demand: str
    company: str
    score: float
    """0 to 1, the sum of weight times share."""
    reasons: tuple[Reason, ...]
    """Every part, those that count most first."""


@dataclass(frozen=True, kw_only=True)
class Rarity:
    """How much a word tells: one that few demands use tells more. ln(1 + N / n)."""

    demands: int = 0
    uses: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, demands: Iterable[Wanted]) -> Self:
        """Counted over these demands, best all of the catalogue."""
        found = list(demands)
        uses = Counter(word for demand in found for word in set(demand.subjects))
        return cls(demands=len(found), uses=uses)

    @cached_property
    def _worths(self) -> Mapping[str, float]:
        return {word: self._of(uses) for word, uses in self.uses.items()}

    def _of(self, uses: int) -> float:
        return math.log(1 + max(self.demands, 1) / max(uses, 1))

    def worth(self, word: str) -> float:
        """How much this word tells."""
        return self._worths.get(word) or self._of(1)


def match(demand: Wanted, company: Company, *, rarity: Rarity | None = None) -> Match:
    """How well a demand and a company fit.

    Args:
        demand: The demand.
        company: The company.
        rarity: How much each word tells; all alike if None.
    """
    return _Pair(demand, company, rarity or Rarity()).told()


def demands_for(
    company: Company,
    demands: Iterable[Wanted],
    *,
    rarity: Rarity | None = None,
    most: int | None = None,
) -> tuple[Match, ...]:
    """Demands in the order in which they fit a company; those it took part in are left out.

    Args:
        company: The company.
        demands: The demands.
        rarity: How much each word tells; all alike if None.
        most: So many are told, the first; all if None.
    """
    done = {past.demand.name for past in company.past}
    rarity = rarity or Rarity()
    pairs = [_Pair(each, company, rarity) for each in demands if each.name not in done]
    pairs.sort(key=lambda each: (-each.score, each.demand.name))
    return tuple(each.told() for each in pairs[:most])


def companies_for(
    demand: Wanted,
    companies: Iterable[Company],
    *,
    rarity: Rarity | None = None,
    most: int | None = None,
) -> tuple[Match, ...]:
    """Companies in the order in which they fit a demand; see `demands_for`."""
    rarity = rarity or Rarity()
    pairs = [_Pair(demand, each, rarity) for each in companies]
    pairs.sort(key=lambda each: (-each.score, each.company.name))
    return tuple(each.told() for each in pairs[:most])


_Fit: TypeAlias = tuple[float, Callable[[], Words]]
"""How well a part fits, and its reason, which is written for those alone who are shown it."""


class _Pair:
    """A demand and a company, measured and not yet told."""

    def __init__(self, demand: Wanted, company: Company, rarity: Rarity) -> None:
        self.demand, self.company = demand, company
        self._fits: dict[Part, _Fit] = {
            "task": _task(demand, company),
            "subject": _subject(demand, company, rarity),
            "results": _results(demand, company),
            "data": _data(demand, company),
            "tier": _tier(demand, company),
            "sector": _sector(demand, company),
        }
        points = (WEIGHTS[part] * share for part, (share, _) in self._fits.items())
        self.score = round(math.fsum(points), 9)

    def told(self) -> Match:
        """With its reasons, those that count most first."""
        reasons = [
            Reason(part, WEIGHTS[part], share, said())
            for part, (share, said) in self._fits.items()
        ]
        # The sort is stable: parts of equal points keep the order of the weights.
        reasons.sort(key=lambda each: -round(each.weight * each.share, 9))
        return Match(self.demand.name, self.company.name, self.score, tuple(reasons))


def _task(demand: Wanted, company: Company) -> _Fit:
    done = sum(past.demand.task == demand.task for past in company.past)
    if done:
        return 1.0, lambda: words(
            f"같은 유형의 과제를 {done}번 수행", f"took part in {done} of the same task"
        )
    if demand.task in company.tasks:
        return 0.5, lambda: words(
            "같은 유형의 과제를 한다고 밝힘", "says that it works on this kind of task"
        )
    family = demand.task.partition(".")[0]
    if any(past.demand.task.partition(".")[0] == family for past in company.past):
        return 0.3, lambda: words("가까운 유형의 과제를 수행", "took part in a related task")
    return 0.0, lambda: words("같은 유형의 과제 실적 없음", "no record in this kind of task")


def _subject(demand: Wanted, company: Company, rarity: Rarity) -> _Fit:
    asked, known = set(demand.subjects), company.known
    shared = asked & known
    if not shared:
        return 0.0, lambda: words("겹치는 주제어 없음", "no subject in common")
    smaller = asked if len(asked) <= len(known) else known
    share = math.fsum(map(rarity.worth, shared)) / math.fsum(map(rarity.worth, smaller))

    def told() -> Words:
        # By worth and then by spelling, so that the words shown are always the same ones.
        first = sorted(shared, key=lambda word: (-rarity.worth(word), word))[:5]
        shown, number = ", ".join(first), len(shared)
        return words(
            f"함께 나오는 주제어 {number}개: {shown}", f"{number} words in common: {shown}"
        )

    return share, told


def _results(demand: Wanted, company: Company) -> _Fit:
    best: Past | None = None
    most = 0.0
    for past in company.past:
        worth = _WORTH[past.result] * (1.0 if past.demand.task == demand.task else 0.5)
        if worth > most:
            most, best = worth, past
    if best is None:
        return 0.0, lambda: words("공개된 결과 없음", "no public result")
    result, name = _RESULTS[best.result], best.demand.name
    is_same = best.demand.task == demand.task
    where = ("같은 유형", "the same task") if is_same else ("다른 유형", "another task")
    return most, lambda: words(
        f"{where[0]}의 과제 {name}에서 {result.ko}", f"{result.en} in {name}, {where[1]}"
    )


def _data(demand: Wanted, company: Company) -> _Fit:
    likeness = max((_alike(demand.kinds, past.demand.kinds) for past in company.past), default=0.0)
    if likeness == 0:
        return 0.0, lambda: words("비슷한 자료를 다룬 실적 없음", "no record with such columns")
    return likeness, lambda: words(
        f"다뤄 본 자료의 열 구성과 {100 * likeness:.0f} % 비슷함",
        f"columns {100 * likeness:.0f} % like those of an earlier task",
    )


def _alike(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Cosine of two counts of column kinds."""
    product = sum(count * other.get(kind, 0) for kind, count in one.items())
    lengths = math.hypot(*one.values()) * math.hypot(*other.values())
    return min(1.0, product / lengths) if product else 0.0


def _tier(demand: Wanted, company: Company) -> _Fit:
    used = {past.tier for past in company.past} | set(company.tiers)
    shared = [tier for tier in demand.tiers if tier in used]
    if shared:
        return 1.0, lambda: words(
            f"제출 단계 {', '.join(shared)}을(를) 쓴 적이 있거나 쓸 수 있음",
            f"has used or can use the tier {', '.join(shared)}",
        )
    return 0.0, lambda: words("받는 제출 단계를 쓴 적 없음", "has not used a tier that is taken")


def _sector(demand: Wanted, company: Company) -> _Fit:
    known = set(company.sectors) | {past.demand.sector for past in company.past}
    if demand.sector and demand.sector in known:
        title = SECTORS.get(demand.sector, words(demand.sector, demand.sector))
        return 1.0, lambda: words(f"같은 분야: {title.ko}", f"the same sector: {title.en}")
    return 0.0, lambda: words("다른 분야", "another sector")


_TOKEN = re.compile(r"[가-힣]{2,}|[a-z][a-z0-9]{2,}")
_ENDINGS = re.compile(
    r"(?<=[가-힣]{2})(?:합니다|했습니다|됩니다|하는|하고|하여|해서|하면|하게|하기|한다|되는|되어|되면|할|한|될|된)$"
)
"""What makes a verb of a noun: 예측하는, 예측할."""
_PARTICLES = re.compile(
    r"(?<=[가-힣]{2})(?:까지의|에서의|에서|에게|으로|까지|부터|처럼|보다|마다|은|는|을|를|의|에|와|과)$"
    r"|(?<=[가-힣]{3})(?:이|가|도|만|로)$"
)
"""What stands behind a Korean noun. 이, 가, 도, 만 and 로 end nouns too (전문가, 난이도): they
fall only behind three syllables."""
_DOUBTFUL = re.compile(r"^[가-힣]{2}(?:이|가|도|만|로)$")
"""A particle too, if the text has the word without it beside: 환자가 where 환자 occurs."""
_SENTENCES = re.compile(r"(?:니다|있는|없는|같은|따라|위해|위한)$")
_EMPTY = frozenset(
    "and the for from with that this are was were will which into their there each who has have "
    "its not can may must what when where how all any than then also other such between under "
    "그리고 또는 대한 통해 경우 때문 그때 이때 여러 다른 각각 모두 정도 이상 이하".split()
)


def subject_words(*texts: str) -> tuple[str, ...]:
    """The words that say what a text is about, sorted, each once: nouns as far as form tells them.

    Korean words lose what stands behind the noun; words that say nothing fall.
    """
    found = set()
    for text in texts:
        for token in _TOKEN.findall(unicodedata.normalize("NFC", text).lower()):
            word = _PARTICLES.sub("", _ENDINGS.sub("", token))
            if word not in _EMPTY and not _SENTENCES.search(word):
                found.add(word)
    doubtful = {word for word in found if _DOUBTFUL.search(word) and word[:-1] in found}
    return tuple(sorted(found - doubtful))
