"""Two officers of the programme, and bookings that they make, for tests of its pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.programme.engine.ledger import Entry, Kind
from madang.programme.web.services import acts, papers
from tests.portal.people import organisation, somebody

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.portal.models import User
    from madang.programme.web.models import Act

AUTUMN = datetime(2025, 11, 3, 9, tzinfo=UTC)
"""A moment of the year at which pages and services are tried."""
RECEIPT = b"an invoice over 100 million won"


def two() -> tuple[User, User]:
    """The officer who puts forward, and the one who approves, of one ministry."""
    maker = somebody("programme", organisation("ministry"))
    return maker, somebody("programme", maker.memberships.get().organisation)


def entry(name: str, amount_krw: int, kind: Kind = Kind.GRANT, **more: Any) -> Entry:
    """One booking of the line of RPKI on 1 September 2025, its hands still open."""
    plain: dict[str, Any] = {
        "line": "rpki",
        "booked_on": date(2025, 9, 1),
        "recorded_at": AUTUMN,
        "by": "",
        "approved_by": "",
    }
    return Entry(id=name, kind=kind, amount_krw=amount_krw, **{**plain, **more})


def spent(maker: User, amount_krw: int = 100_000_000, prefix: str = "e") -> list[Entry]:
    """A grant, its disbursement and the spending, with an invoice as its proof."""
    paper = papers.receipts(maker).attach(RECEIPT, name="세금계산서.pdf", by=acts.hand(maker))
    return [
        entry(f"{prefix}-1", amount_krw),
        entry(f"{prefix}-2", amount_krw, Kind.DISBURSEMENT),
        entry(f"{prefix}-3", amount_krw, Kind.SPENDING, evidence=(paper.sha256,), voucher=prefix),
    ]


def booked(entries: Sequence[Entry], maker: User, checker: User) -> Act:
    """Put bookings forward and approve them, in the autumn of the year."""
    with clock.stopped_at(AUTUMN):
        act = acts.put_forward(entries, kind="booking", title="시험 기록", by=maker)
        return acts.approve(act, by=checker)


def lying(folder: str, digest: str) -> Path:
    """The file in which the site keeps an object."""
    (found,) = [each for each in Path(folder).rglob("*") if each.name.endswith(digest)]
    return found


def change(folder: str, digest: str) -> None:
    """Write something else over an object of the site, as no page of it can."""
    file = lying(folder, digest)
    file.chmod(0o600)
    file.write_bytes(b"something else")
