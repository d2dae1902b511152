"""Which month is to be closed?"""

from __future__ import annotations

from django import forms

from madang.portal.forms.wording import Worded


class MonthForm(Worded, forms.Form):
    """The month that its reader was shown."""

    month = forms.DateField(widget=forms.HiddenInput)
