"""Which small shapes do many answers and requests share?"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from madang.kernel import words
    from madang.portal.models import Organisation


_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


class Taken(BaseModel):
    """What a program sends: of exactly these names."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Words(BaseModel):
    """The same in both languages."""

    ko: str
    en: str

    @classmethod
    def of(cls, text: words.Words) -> Words:
        """From the house's own."""
        return cls(ko=text.ko, en=text.en)


class Title(Taken):
    """A title in both languages."""

    ko: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Body(BaseModel):
    """An organisation, as others may know of it."""

    slug: str
    name: Words
    kind: str

    @classmethod
    def of(cls, row: Organisation) -> Body:
        """From its row."""
        return cls(slug=row.slug, name=Words.of(row.name), kind=row.kind)


def _moment(value: Any) -> Any:
    """A moment with its offset from UTC, and nothing that a reader would have to guess."""
    try:
        if isinstance(value, str) and _RFC3339.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass  # a day or an hour that there is not
    raise PydanticCustomError("timezone_aware", "a time as in RFC 3339")


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    Field(description="시각(RFC 3339) · A time as in RFC 3339"),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=8000, strip_whitespace=True)]
Number = Annotated[int, Field(ge=1, le=2**53)]
