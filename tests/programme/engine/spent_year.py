"""A year with awards, payments, a correction, a transfer and evidence, as others meet it."""

from __future__ import annotations

from datetime import date

from madang.programme.engine import booking
from madang.programme.engine.awards import Award, Nature, Recipient
from madang.programme.engine.ledger import Kind, Ledger
from tests.programme.engine.bookings import PAPER, empty, entry

FIRM = Recipient(id="kr-firm", name="가나다", nature=Nature.FIRM, region="KR-11")
PERSON = Recipient(id="kr-person", name="홍길동", nature=Nature.OTHER)
AWARD = Award(
    id="a1",
    line="rpki",
    recipient=FIRM.id,
    amount_krw=1_000_000_000,
    signed_on=date(2025, 8, 20),
    title="경로 검증기 구축",
    announced_on=date(2025, 7, 20),
    spendable_by=date(2025, 12, 20),
)


def ledger() -> Ledger:
    """RPKI: 20억 granted, 1억 paid under the award, 0.3억 to a person, 0.7억 proved."""
    start = booking.with_awards(empty(), [AWARD], [FIRM, PERSON])
    pay = Kind.DISBURSEMENT
    return booking.append(
        start,
        [
            entry("g", Kind.GRANT, 2_000_000_000, date(2025, 8, 1)),
            entry("p1", pay, 60_000_000, date(2025, 9, 1), award="a1", recipient=FIRM.id,
                  voucher="V-1"),
            entry("p2", pay, 50_000_000, date(2025, 9, 20), award="a1", recipient=FIRM.id,
                  voucher="V-2"),
            entry("p3", pay, -10_000_000, date(2025, 10, 2), award="a1", recipient=FIRM.id,
                  corrects="p2"),
            entry("p4", pay, 30_000_000, date(2025, 10, 5), recipient=PERSON.id, voucher="=V-4",
                  note="비밀 메모"),
            entry("s1", Kind.SPENDING, 70_000_000, date(2025, 10, 6), recipient=FIRM.id,
                  award="a1", voucher="V-1", evidence=(PAPER,)),
            entry("t1", Kind.TRANSFER, 500_000_000, date(2025, 10, 10), to_line="npu"),
        ],
    )  # fmt: skip
