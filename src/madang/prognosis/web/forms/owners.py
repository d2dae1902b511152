"""For which organisation is something done, where a person acts for several?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.words import words
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.portal.models import Organisation

ASKED = words("기관", "Organisation")


class OwnedForm(Worded, forms.Form):
    """A form of an organisation; where there is one only, it is chosen already."""

    organisation = forms.ChoiceField()

    def __init__(self, *args: Any, owners: Sequence[Organisation], **more: Any) -> None:
        super().__init__(*args, **more)
        self._owners = {each.slug: each for each in owners}
        field: Any = self.fields["organisation"]
        field.choices = [(slug, str(each)) for slug, each in self._owners.items()]
        if len(self._owners) == 1:
            field.initial = next(iter(self._owners))

    def owner(self) -> Organisation:
        """Whose it is."""
        return self._owners[self.cleaned_data["organisation"]]
