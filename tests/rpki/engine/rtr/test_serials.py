from __future__ import annotations

import pytest

from madang.rpki.engine.rtr.serials import following, is_newer

LAST = (1 << 32) - 1


def test_zero_follows_the_largest_serial():
    assert following(LAST) == 0
    assert following(7) == 8


@pytest.mark.parametrize(
    ("serial", "than", "newer"),
    [
        (1, 0, True),
        (0, 1, False),
        (5, 5, False),
        (0, LAST, True),
        (LAST, 0, False),
        (44, 0, True),
        # RFC 1982, section 3.2: half the circle apart has no order.
        (1 << 31, 0, False),
        (0, 1 << 31, False),
        ((1 << 31) - 1, 0, True),
        ((1 << 31) + 1, 0, False),
    ],
)
def test_order_is_that_of_rfc_1982(serial, than, newer):
    assert is_newer(serial, than) is newer
