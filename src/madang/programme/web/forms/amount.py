"""How does an officer type won? As agencies write amounts: 1,500,000,000, 15억 or 1,500백만원."""

from __future__ import annotations

from typing import Any

from django import forms

from madang.kernel.words import language, within
from madang.programme.engine.intake.amounts import amount_krw
from madang.programme.engine.intake.faults import CellFault


class AmountField(forms.CharField):
    """A whole number of won; what cannot be read keeps what was typed and says why."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        self.widget.attrs["inputmode"] = "text"

    def clean(self, value: Any) -> int | None:
        """The amount in won; None where nothing was typed."""
        text = super().clean(value)
        try:
            return amount_krw(text)
        except CellFault as fault:
            spoken = language()
            found, expected = (within(each, spoken) for each in (fault.found, fault.expected))
            raise forms.ValidationError(f"{found} → {expected}") from fault
