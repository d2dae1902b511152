"""How does plain JSON stand in a column, the same when it is read as when it was written?"""

from __future__ import annotations

import json
from typing import Any

from django.db import models


class PlainField(models.TextField):
    """Plain JSON as text: what a job gave back, whatever its solution said.

    PostgreSQL's own `jsonb` refuses texts with U+0000, reorders keys and makes a whole number of
    1e22: nothing that is only kept, and never asked for by its parts, needs that.
    """

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        """The value."""
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        """The value, as a fixture or a form has it."""
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str | None:
        """Its text."""
        return None if value is None else json.dumps(value, allow_nan=False)

    def value_to_string(self, obj: models.Model) -> str:
        """Its text, for serialisation."""
        return self.get_prep_value(self.value_from_object(obj)) or ""
