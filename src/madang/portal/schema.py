"""Does the database hold the tables of this edition?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence


def missing() -> Sequence[str]:
    """The steps that lead from the database as it stands to this edition's tables."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{step.app_label}.{step.name}" for step, _ in plan]


def require() -> None:
    """Go on only where every table stands.

    Raises:
        InputError: Some are missing; the sentence says how to lay them out.
    """
    if found := missing():
        raise InputError(
            words(
                f"준비되지 않은 데이터베이스(남은 단계 {len(found)}개, 처음은 {found[0]})",
                f"a database that is not laid out ({len(found)} steps are left, first {found[0]})",
            ),
            words("이 판의 표를 갖춘 데이터베이스", "one with the tables of this edition"),
            words(
                "먼저 `madang manage migrate`를 실행하십시오.",
                "Run `madang manage migrate` first.",
            ),
        )


def lay_out() -> None:
    """Give an empty database its tables; one that holds anything must have them.

    Raises:
        InputError: It holds tables of something else, or of another edition.
    """
    if not connection.introspection.table_names():
        call_command("migrate", verbosity=0)
    require()
