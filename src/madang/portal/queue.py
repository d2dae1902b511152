"""How do the runs of `kernel.jobs.lease` stand in the site's database?

The rules are the kernel's; here are only the rows. SQLite takes its one write lock at the start of
the transaction; PostgreSQL locks the rows that are handed out, and workers skip those that another
one holds.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    connection,
    models,
    transaction,
)

from madang.kernel import systems
from madang.kernel.errors import InputError, Unavailable
from madang.kernel.jobs import record, sqlite
from madang.kernel.jobs.lease import Leases
from madang.kernel.words import words
from madang.portal.models import JobEnding, JobRun, JobTransition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from madang.portal.models import Organisation

_FIELDS = [each.name for each in fields(record.JobRun)]
_NOTED = [each.name for each in fields(record.Transition)]


class DatabaseRows:
    """`kernel.jobs.record.Rows` of one transaction."""

    def __init__(self, *, writing: bool) -> None:
        self._writing = writing

    def run(self, id: str) -> record.JobRun | None:
        """See `Rows.run`."""
        return _first(self._rows().filter(id=id))

    def runs(
        self, *, state: record.State | None, job: str | None, matching: Mapping[str, str]
    ) -> Sequence[record.JobRun]:
        """See `Rows.runs`."""
        found = having(JobRun.objects.order_by("arrival"), matching)
        if state:
            found = found.filter(state=state)
        if job:
            found = found.filter(job=job)
        return [_run(row) for row in found.values(*_FIELDS)]

    def tally(
        self, job: str, matching: Mapping[str, str]
    ) -> Mapping[tuple[record.State, str], int]:
        """See `Rows.tally`."""
        found = (
            having(JobRun.objects.filter(job=job), matching)
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

    def add(self, run: record.JobRun) -> bool:
        """See `Rows.add`."""
        _check_texts(run.parameters)
        try:
            with transaction.atomic():
                JobRun.objects.create(**asdict(run))
        except IntegrityError:
            if not JobRun.objects.filter(id=run.id).exists():
                raise
            return False
        return True

    def change(self, run: record.JobRun) -> None:
        """See `Rows.change`. What has ended waits for its system from this moment on."""
        values = asdict(run)
        JobRun.objects.filter(id=values.pop("id")).update(**values)
        if run.is_terminal:
            JobEnding.objects.create(run_id=run.id)

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
        with telling(), transaction.atomic():
            yield DatabaseRows(writing=True)

    @contextmanager
    def reading(self) -> Iterator[DatabaseRows]:
        """See `LeaseStore.reading`."""
        with telling():
            yield DatabaseRows(writing=False)


def leases() -> Leases:
    """The site's queue."""
    return Leases(DatabaseLeaseStore())


def enqueue(
    id: str,
    job: str,
    parameters: dict[str, Any],
    *,
    owner: Organisation | None = None,
    attempts: int = 3,
    priority: int = 0,
    limit_s: float = 86_400.0,
) -> record.JobRun:
    """Put a job in the queue within the caller's transaction, for whoever owns it.

    Args:
        id: The caller's identifier; asking twice with it makes one run.
        job: Name of the job, such as `trials.rehearse`.
        parameters: Plain JSON.
        owner: Whose members may look at the run and cancel it; the first one stays.
        attempts: How often it may be begun, at least 1.
        priority: Higher is taken first.
        limit_s: Seconds that one attempt may take.

    Returns:
        The run as it now stands, which may be long under way.

    Raises:
        InputError: The identifier belongs to another job or other parameters, or a text in them
            cannot be kept.
        NotPlain: The parameters are not plain JSON.
    """
    with transaction.atomic():
        run = leases().enqueue(
            id, job, parameters, attempts=attempts, priority=priority, limit_s=limit_s
        )
        if owner:
            give(id, owner)
    return run


def give(id: str, owner: Organisation) -> None:
    """Say whose a run is that an engine put in the queue; whose it already is stays so."""
    JobRun.objects.filter(id=id, owner=None).update(owner=owner)


class _Parameter(models.Func):
    """A text parameter of a run."""

    arity = 1
    output_field = models.TextField()

    def __init__(self, column: str, *, name: str) -> None:
        super().__init__(column)
        self._name = name

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        """Its SQL, without values of its own."""
        column, _values = compiler.compile(self.source_expressions[0])
        return parameter(connection.vendor, column, self._name), []


def having(found: models.QuerySet[JobRun], matching: Mapping[str, str]) -> Any:
    """The runs with these text parameters."""
    for number, (name, value) in enumerate(matching.items()):
        alias = f"wanted_{number}"
        found = found.alias(**{alias: _Parameter("parameters", name=name)}).filter(
            **{alias: value}
        )
    return found


def parameter(vendor: str, column: str, name: str) -> str:
    """SQL for a text parameter of a run: in an index and in a question it must read the same.

    Raises:
        ValueError: The name could not stand in SQL as it is.
    """
    if vendor != "postgresql":
        return sqlite.parameter(column, name)
    sqlite.parameter(column, name)
    return f"({column} ->> '{name}')"


def lay_indexes() -> None:
    """Make the indexes by which the systems find their runs (`System.found_by`)."""
    with connection.cursor() as cursor:
        for system in systems.installed():
            for group in system.found_by:
                _job, *names = group.split()
                parts = ", ".join(
                    parameter(connection.vendor, "parameters", name) for name in names
                )
                cursor.execute(
                    f"CREATE INDEX IF NOT EXISTS run_by_{'_'.join(names)} "
                    f"ON {JobRun._meta.db_table} (job, {parts})"
                )


def _check_texts(value: Any) -> None:
    """Refuse what PostgreSQL would: a text with U+0000.

    Raises:
        InputError: There is one.
    """
    if isinstance(value, dict):
        _check_texts([*value, *value.values()])
    elif isinstance(value, list):
        for each in value:
            _check_texts(each)
    elif isinstance(value, str) and "\0" in value:
        raise InputError(
            words("널 문자(U+0000)가 든 글", "a text with U+0000"),
            words("널 문자가 없는 글", "text without it"),
        )


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
def telling() -> Iterator[None]:
    """What the database did, told to the operator; our own faults pass."""
    try:
        yield
    except (IntegrityError, DataError):
        raise
    except (DatabaseError, InterfaceError) as fault:
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
