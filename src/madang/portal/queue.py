"""How do the runs of `kernel.jobs.lease` stand in the site's database?

The rules are the kernel's; here are only the rows. SQLite takes its one write lock at the start of
the transaction; PostgreSQL locks the rows that are handed out, and workers skip those that another
one holds.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, IntegrityError, connection, models, transaction

from madang.kernel.errors import Unavailable
from madang.kernel.jobs import record
from madang.kernel.jobs.lease import Leases
from madang.kernel.words import words
from madang.portal.models import JobRun, JobTransition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_FIELDS = [each.name for each in fields(record.JobRun)]
_NOTED = [each.name for each in fields(record.Transition)]


class DatabaseRows:
    """`kernel.jobs.record.Rows` of one transaction."""

    def __init__(self, *, writing: bool) -> None:
        self._writing = writing

    def run(self, id: str) -> record.JobRun | None:
        """See `Rows.run`."""
        return _first(self._rows().filter(id=id))

    def runs(self, *, state: record.State | None, job: str | None) -> Sequence[record.JobRun]:
        """See `Rows.runs`."""
        found = JobRun.objects.order_by("arrival")
        if state:
            found = found.filter(state=state)
        if job:
            found = found.filter(job=job)
        return [_run(row) for row in found.values(*_FIELDS)]

    def tally(
        self, job: str, matching: Mapping[str, str]
    ) -> Mapping[tuple[record.State, str], int]:
        """See `Rows.tally`."""
        named = {f"parameters__{name}": value for name, value in matching.items()}
        found = (
            JobRun.objects.filter(job=job, **named)
            .order_by()
            .values_list("state", "cause")
            .annotate(count=models.Count("pk"))
        )
        return {(state, cause): count for state, cause, count in found}

    def next_due(self, now_s: float, jobs: Collection[str] | None) -> record.JobRun | None:
        """See `Rows.next_due`."""
        found = self._rows(skip=True).filter(state="queued", not_before_s__lte=now_s)
        return _first(_among(found, jobs).order_by("-priority", "arrival"))

    def overdue(self, now_s: float) -> Sequence[record.JobRun]:
        """See `Rows.overdue`."""
        found = self._rows(skip=True).filter(state="running", until_s__lte=now_s)
        return [_run(row) for row in found.order_by("until_s").values(*_FIELDS)]

    def is_work_left(self, jobs: Collection[str] | None) -> bool:
        """See `Rows.is_work_left`."""
        found = JobRun.objects.filter(state__in=["queued", "running"])
        return _among(found, jobs).exists()

    def add(self, run: record.JobRun) -> None:
        """See `Rows.add`."""
        JobRun.objects.create(**asdict(run))

    def change(self, run: record.JobRun) -> None:
        """See `Rows.change`."""
        values = asdict(run)
        JobRun.objects.filter(id=values.pop("id")).update(**values)

    def note(self, transition: record.Transition) -> None:
        """See `Rows.note`."""
        values = asdict(transition)
        JobTransition.objects.create(run_id=values.pop("id"), **values)

    def history(self, id: str) -> Sequence[record.Transition]:
        """See `Rows.history`."""
        names = ["run_id" if name == "id" else name for name in _NOTED]
        found = JobTransition.objects.filter(run_id=id).order_by("pk").values_list(*names)
        return [record.Transition(**dict(zip(_NOTED, row, strict=True))) for row in found]

    def _rows(self, *, skip: bool = False) -> models.QuerySet[JobRun]:
        if not self._writing or not connection.features.has_select_for_update:
            return JobRun.objects.all()
        return JobRun.objects.select_for_update(skip_locked=skip, of=("self",))


class DatabaseLeaseStore:
    """A `kernel.jobs.record.LeaseStore` in the site's database."""

    @contextmanager
    def writing(self) -> Iterator[DatabaseRows]:
        """See `LeaseStore.writing`."""
        with _telling(), transaction.atomic():
            yield DatabaseRows(writing=True)

    @contextmanager
    def reading(self) -> Iterator[DatabaseRows]:
        """See `LeaseStore.reading`."""
        with _telling():
            yield DatabaseRows(writing=False)


def leases() -> Leases:
    """The site's queue."""
    return Leases(DatabaseLeaseStore())


def _first(found: models.QuerySet[JobRun]) -> record.JobRun | None:
    row = found.values(*_FIELDS)[:1]
    for each in row:
        return _run(each)
    return None


def _run(row: Mapping[str, Any]) -> record.JobRun:
    return record.JobRun(**row)


def _among(
    found: models.QuerySet[JobRun], jobs: Collection[str] | None
) -> models.QuerySet[JobRun]:
    return found if jobs is None else found.filter(job__in=sorted(jobs))


@contextmanager
def _telling() -> Iterator[None]:
    """What the database did, told to the operator; our own faults pass."""
    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as fault:
        # A broken connection is opened again by the next question.
        if not connection.in_atomic_block:
            connection.close()
        raise Unavailable(
            words("작업 대기열", "the job queue"),
            reason=str(fault).splitlines()[0] if str(fault) else type(fault).__name__,
            remedy=words(
                "데이터베이스가 실행 중인지 확인하십시오.", "Check that the database is running."
            ),
        ) from fault
