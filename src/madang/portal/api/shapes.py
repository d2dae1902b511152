"""Which small shapes do many answers and requests share?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

if TYPE_CHECKING:
    from madang.kernel import words
    from madang.portal.models import Organisation


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


def _as_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("a time as text")  # noqa: TRY004 - pydantic asks for ValueError
    return value


Moment = Annotated[
    datetime,
    BeforeValidator(_as_text),
    Field(description="RFC 3339"),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=8000, strip_whitespace=True)]
Number = Annotated[int, Field(ge=1, le=2**53)]
