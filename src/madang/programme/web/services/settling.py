"""How does the site settle: from the ledger, the interest noted, and papers as they are?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Min

from madang.kernel.sheets.headings import bare
from madang.portal.log import remember
from madang.portal.objects import objects
from madang.programme.engine import settlement
from madang.programme.engine.receipts import Receipts, Standing
from madang.programme.web import models
from madang.programme.web.services import acts, book, intake, papers

if TYPE_CHECKING:
    from datetime import date, datetime

    from madang.portal.models import User
    from madang.programme.engine.receipts import State
    from madang.programme.engine.settlement import Settlement
    from madang.programme.web.services.intake import Handed

READ_AT_ONCE = 200
"""Up to so many papers a page reads while one waits; beyond, it tells how they last stood."""


class _AsLooked(Receipts):
    """Papers as they stood when they were last read."""

    def __init__(self) -> None:
        super().__init__(objects(), papers.DatabaseIndex())
        rows = models.Paper.objects.values_list("sha256", "name", "state")
        self._states = {sha256: (name, state) for sha256, name, state in rows}

    def standing(self, sha256: str) -> Standing:
        """How a file last stood; one that nobody handed in is missing."""
        name, said = self._states.get(sha256, ("", "missing"))
        state: State = (
            "whole" if said == "whole" else "changed" if said == "changed" else "missing"
        )
        return Standing(sha256, name, state)


class Settled(NamedTuple):
    """A settlement, and how its papers were looked at."""

    settlement: Settlement
    looked_at: datetime | None
    """The earliest moment at which one of the papers was read; None where there are none."""


def interest() -> tuple[settlement.Interest, ...]:
    """What was noted of interest that granted money has earned."""
    return tuple(
        settlement.Interest(
            line=each.line,
            recipient=each.recipient,
            amount_krw=each.amount_krw,
            evidence=each.evidence,
        )
        for each in models.Interest.objects.order_by("pk")
    )


def shown(on: date) -> Settled:
    """The settlement for a page: papers are read now where they are few."""
    every = models.Paper.objects.all()
    if every.count() <= READ_AT_ONCE:
        papers.look(list(every))
    found = settlement.settle(book.ledger(), on=on, interest=interest(), receipts=_AsLooked())
    return Settled(found, every.aggregate(earliest=Min("looked_at"))["earliest"])


def on_paper(on: date, *, line: str = "") -> Settlement:
    """The settlement for a file that leaves the site: every paper is read now.

    Args:
        on: The last day whose bookings count.
        line: Only this line; every line where empty.
    """
    return settlement.settle(
        book.ledger(), on=on, interest=interest(), receipts=papers.receipts(), line=line
    )


@transaction.atomic
def note_interest(
    line: str, *, recipient: str, amount_krw: int, paper: Handed, by: User
) -> models.Interest:
    """Note what granted money has earned at its recipient, with the bank's paper.

    Args:
        line: Whose grant it was.
        recipient: Its name or number; empty where the line's own body holds the money.
        amount_krw: What it earned.
        paper: The bank's statement.
        by: Who notes it.

    Raises:
        ReceiptBroken: The paper is empty or too large.
    """
    known = {bare(each.name): each.id for each in book.ledger().recipients}
    name = intake.composed(str(paper.name))
    receipt = papers.receipts(by).attach(paper.read(), name=name, by=acts.hand(by))
    row = models.Interest.objects.create(
        line=line,
        recipient=known.get(bare(recipient), recipient) if recipient else "",
        amount_krw=amount_krw,
        evidence=receipt.sha256,
    )
    _tell("interest-noted", row, by)
    return row


@transaction.atomic
def drop_interest(row: models.Interest, *, by: User) -> None:
    """Take back a note of interest that was wrong; the log keeps both."""
    _tell("interest-dropped", row, by)
    row.delete()


def _tell(noun: str, row: models.Interest, by: User) -> None:
    # A recipient may be a person: their name is kept where it can be erased.
    remember(
        noun,
        f"programme/interest-{row.pk}",
        by=by,
        after={"recipient": row.recipient},
        line=row.line,
        amount_krw=row.amount_krw,
        evidence=row.evidence,
    )
