"""Who publishes, under which address does each line stand for ever, and may this be published?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.programme.engine.awards import Nature
from madang.programme.engine.ledger import KOREA

if TYPE_CHECKING:
    from madang.programme.engine.awards import Recipient
    from madang.programme.engine.ledger import Entry, Ledger

_OCDS = re.compile(r"ocds-[a-z0-9]{6}")
_OC4IDS = re.compile(r"oc4ids-[a-z0-9]{6}")
EXAMPLE, EXAMPLE_KO = "example", "예시"
"""With what invented names begin: of bookings, hands, recipients and vouchers."""
_NAMED = frozenset({Nature.FIRM, Nature.INSTITUTE, Nature.UNIVERSITY, Nature.AGENCY})


class NotPublishable(InputError):
    """This may not, or cannot, go into the open data."""


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """Who publishes, and where.

    Raises:
        NotPublishable: A prefix or the address is of another form.
    """

    name: Words
    address: str
    """Where the site stands, `https://…`, without a slash at its end."""
    ocds_prefix: str
    """What the Open Contracting Partnership gave: `ocds-` and six letters or digits."""
    oc4ids_prefix: str
    """As above: `oc4ids-` and six letters or digits."""
    licence: str = "https://creativecommons.org/licenses/by/4.0/"

    def __post_init__(self) -> None:
        for value, form in ((self.ocds_prefix, _OCDS), (self.oc4ids_prefix, _OC4IDS)):
            if not form.fullmatch(value):
                raise NotPublishable(
                    words(f"접두사 {value!r}", f"the prefix {value!r}"),
                    words(
                        f"{form.pattern[:7].rstrip('[')} 뒤에 영문 소문자나 숫자 여섯 자",
                        f"{form.pattern.partition('[')[0]} and six lower-case letters or digits",
                    ),
                    words(
                        "접두사는 Open Contracting Partnership에 등록하면 받습니다.",
                        "The Open Contracting Partnership gives a prefix to who registers.",
                    ),
                )
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.netloc or self.address.endswith("/"):
            raise NotPublishable(
                words(f"사이트 주소 {self.address!r}", f"the site's address {self.address!r}"),
                words("끝에 /가 없는 https://… 주소", "https://… without a slash at its end"),
            )

    def line(self, line_id: str) -> str:
        """The address of a line; it never changes."""
        return f"{self.address}/programme/lines/{quote(line_id, safe='')}"

    def entry(self, entry_id: str) -> str:
        """The address of a booking."""
        return f"{self.address}/programme/entries/{quote(entry_id, safe='')}"

    def file(self, name: str) -> str:
        """The address of a file of the open data."""
        return f"{self.address}/programme/open-data/{quote(name)}"


def check_real(ledger: Ledger) -> None:
    """Refuse a ledger that holds anything of an example year.

    Raises:
        NotPublishable: It does; the sentence names the first such booking.
    """
    for entry in ledger.entries:
        if is_invented(entry):
            raise _invented(entry.id)
    for award in ledger.awards:
        if award.recipient.startswith(EXAMPLE):
            raise _invented(award.id)


def is_invented(entry: Entry) -> bool:
    """Whether a booking is of an example year, or of the example that is there to try imports."""
    names = (entry.id, entry.by, entry.approved_by, entry.recipient, entry.voucher)
    return any(name.startswith((EXAMPLE, EXAMPLE_KO)) for name in names)


def _invented(name: str) -> NotPublishable:
    return NotPublishable(
        words(f"예시 자료 {name!r}", f"the example {name!r}"),
        words("실제 기록만 든 장부", "a ledger of real bookings alone"),
        words("예시 자료는 공개하지 않습니다.", "Examples never enter the open data."),
    )


def named(ledger: Ledger) -> dict[str, Recipient]:
    """The recipients that are published by name: registered bodies, never persons."""
    return {each.id: each for each in ledger.recipients if each.nature in _NAMED}


def moment(day: date, *, at_end: bool = False) -> str:
    """A day of Korea as the standards want a date: with a time and its offset."""
    of_day = time(23, 59, 59) if at_end else time(0, 0)
    return datetime.combine(day, of_day, KOREA).isoformat()


def money(amount_krw: int) -> dict[str, Any]:
    """An amount as both standards write it."""
    return {"amount": amount_krw, "currency": "KRW"}


def told(name: str, text: Words) -> dict[str, str]:
    """A text in Korean, the default language, and in English."""
    return {name: text.ko, f"{name}_en": text.en}
