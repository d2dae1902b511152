"""Where are the evidence files of the site, and do they still hold?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from madang.kernel import clock
from madang.portal import objects
from madang.portal.models import StoredObject, User
from madang.programme.engine.receipts import Receipt, Receipts, looked
from madang.programme.web import models

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AT_ONCE = 200
"""How many files one look reads at most; the others' turn comes with the next."""


class DatabaseIndex:
    """Names of evidence files in the site's rows.

    Args:
        by: Who hands further files in.
    """

    def __init__(self, by: User | None = None) -> None:
        self.by = by

    def receipts(self) -> Iterator[Receipt]:
        """Every receipt, the earliest first."""
        for row in models.Paper.objects.order_by("attached_at", "pk").iterator():
            yield Receipt(
                sha256=row.sha256,
                name=row.name,
                size_bytes=row.size_bytes,
                attached_at=clock.stamp(row.attached_at),
                by=f"user/{row.by_id}" if row.by_id else "",
            )

    def add(self, receipt: Receipt) -> None:
        """Remember one more."""
        with transaction.atomic():
            kept = StoredObject.objects.create(
                digest=receipt.sha256,
                name=receipt.name[:120],
                media_type="application/octet-stream",
                size=receipt.size_bytes,
                owner=None,
                by=self.by,
            )
            models.Paper.objects.create(
                sha256=receipt.sha256,
                name=receipt.name[:200],
                size_bytes=receipt.size_bytes,
                attached_at=datetime.fromisoformat(receipt.attached_at).astimezone(UTC),
                by=self.by,
                kept=kept,
            )


def receipts(by: User | None = None) -> Receipts:
    """The evidence files of the programme on this site.

    Args:
        by: Who hands further files in.
    """
    return Receipts(objects.objects(), DatabaseIndex(by))


def look(papers: Sequence[models.Paper]) -> list[models.Paper]:
    """Read files and remember how they stand; those that have changed since the last look.

    Args:
        papers: Which; each is read and compared with its digest.
    """
    changed = []
    for paper in papers:
        _, state = looked(objects.objects(), paper.sha256)
        if state != paper.state:
            changed.append(paper)
        paper.state, paper.looked_at = state, clock.now()
    models.Paper.objects.bulk_update(papers, ["state", "looked_at"])
    return changed


def look_at_oldest() -> list[models.Paper]:
    """Look at the files that were looked at longest ago; those that have changed since then."""
    return look(list(models.Paper.objects.order_by("looked_at")[:AT_ONCE]))
