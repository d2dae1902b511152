"""How do people type won? As agencies write amounts: 1,500,000,000, 15억 or 1,500백만원."""

from __future__ import annotations

from typing import Any

from django import forms

from madang.kernel.errors import InputError
from madang.kernel.sheets.amounts import amount_krw
from madang.kernel.sheets.faults import CellFault
from madang.kernel.words import words


class AmountField(forms.CharField):
    """A whole number of won; what cannot be read keeps what was typed and says why.

    Args:
        zero: Whether nothing at all, 0 won, is an amount here.
        options: Those of a field of text.
    """

    def __init__(self, *, zero: bool = True, **options: Any) -> None:
        super().__init__(max_length=60, **options)
        self.zero = zero

    def clean(self, value: Any) -> int | None:
        """Won; None where nothing was written and nothing need be."""
        said = super().clean(value)
        if not said:
            return None
        try:
            found = amount_krw(said)
        except CellFault as fault:
            told = str(InputError(fault.found, fault.expected, fault.remedy))
            raise forms.ValidationError(told) from fault
        if not found and not self.zero:
            raise forms.ValidationError(str(words("0이 아닌 금액을 쓰십시오.", "Not 0.")))
        return found
