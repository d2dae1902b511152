"""How does every row leave one database and enter another, in a form that both understand?

A table is a file of JSON lines: the names of its columns, then one list a row. Moments are ISO
8601 with their microseconds, bytes are base64, all else is as JSON has it.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models
from django.db.models.sql import InsertQuery

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.fields import PlainField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from gzip import GzipFile

PASSING = frozenset(
    {"sessions.Session", "usersessions.UserSession", "portal.SeenWorker", "portal.SignInLink"}
)
"""What is so for a moment, and of this site alone: who is signed in, who is at work."""
GIVEN = frozenset({"contenttypes.ContentType", "auth.Permission", "portal.Role"})
"""What a new database has before anybody used it."""
_AT_ONCE = 2000
_JSON = (models.JSONField, PlainField)


def tables() -> list[type[models.Model]]:
    """Every table whose rows last, by name."""
    every = apps.get_models(include_auto_created=True)
    lasting = [
        each
        for each in every
        if each._meta.managed and not each._meta.proxy and each._meta.label not in PASSING
    ]
    return sorted(lasting, key=lambda each: each._meta.label)


def write(table: type[models.Model], file: IO[bytes] | GzipFile) -> int:
    """Write every row of a table.

    Returns:
        How many.
    """
    fields = _columns(table)
    names = [field.attname for field in fields]
    file.write(_line(names))
    count = 0
    found = table._base_manager.order_by("pk").values_list(*names)
    for row in found.iterator(chunk_size=_AT_ONCE):
        file.write(_line([_plain(f, value) for f, value in zip(fields, row, strict=True)]))
        count += 1
    return count


def read(table: type[models.Model], file: Iterable[bytes]) -> Iterator[models.Model]:
    """The rows that `write` wrote, not saved yet.

    Raises:
        InputError: The columns are not those of the table here, or a row cannot be read.
    """
    lines = iter(file)
    fields = _columns(table)
    if json.loads(next(lines, b"null")) != [field.attname for field in fields]:
        raise _other(table)
    for line in lines:
        values = json.loads(line)
        if len(values) != len(fields):
            raise _other(table)
        yield table(
            **{f.attname: _value(f, value) for f, value in zip(fields, values, strict=True)}
        )


def put(table: type[models.Model], rows: Iterable[models.Model]) -> int:
    """Insert rows just as they are: nothing is computed, nothing is told to anybody.

    Returns:
        How many.
    """
    fields = _columns(table)
    count, some = 0, []
    most = max(1, connection.ops.bulk_batch_size(fields, [None] * _AT_ONCE))
    for row in rows:
        some.append(row)
        if len(some) == most:
            count += _insert(table, fields, some)
            some = []
    return count + _insert(table, fields, some)


def _insert(
    table: type[models.Model], fields: Sequence[models.Field], rows: list[models.Model]
) -> int:
    if rows:
        query = InsertQuery(table)
        query.insert_values(list(fields), rows, raw=True)
        query.get_compiler(connection=connection).execute_sql()
    return len(rows)


def go_on_counting() -> None:
    """Let the numbers that the database gives begin after those that were put."""
    for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _columns(table: type[models.Model]) -> list[models.Field]:
    return list(table._meta.local_concrete_fields)


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(field: models.Field, value: Any) -> Any:
    if isinstance(field, models.JSONField):
        return _ordered(value)  # PostgreSQL has an order of its own
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_ordered(each) for each in value]
    return value


def _value(field: models.Field, value: Any) -> Any:
    if value is None or isinstance(field, _JSON):
        return value
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value)
    return field.to_python(value)


def _other(table: type[models.Model]) -> InputError:
    label = table._meta.label
    return InputError(
        words(f"다른 형식의 표 {label}", f"the table {label} of another form"),
        words("같은 판이 만든 백업", "a backup made by the same edition"),
    )
