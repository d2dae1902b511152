"""What was done, told once on the next page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages

from madang.kernel.words import words

if TYPE_CHECKING:
    from django.http import HttpRequest


def tell(request: HttpRequest, ko: str, en: str) -> None:
    """Say on the reader's next page what was done, in the language of this one."""
    messages.success(request, str(words(ko, en)))
