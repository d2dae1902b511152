"""The ceilings of a run are positive numbers."""

from __future__ import annotations

import pytest

from madang.kernel.sandbox.limits import Limits


@pytest.mark.parametrize("name", list(vars(Limits())))
def test_no_ceiling_may_be_absent(name):
    with pytest.raises(ValueError, match=name):
        Limits(**{name: 0})
