"""How does a demand come to be? Drafted, changed, checked, sealed, posted; or withdrawn.

A draft belongs to its agency and to the ministry that acts for it. Its table goes to the intake
and is read by the scorer alone; sealing registers the demand with the engine, once and for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from madang.kernel import clock, ids
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.queue import enqueue, leases
from madang.portal.webhooks import emit
from madang.trials.engine.errors import DemandError
from madang.trials.engine.phases import Act
from madang.trials.engine.workspace import NAME
from madang.trials.web.models import Demand
from madang.trials.web.services import drafts, intake, reviews, sealing, timing
from madang.trials.web.services.annals import recorded
from madang.trials.web.services.house import office

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.portal.models import Organisation, User

COLUMNS = (
    "sector",
    "questions_until",
    "opens",
    "closes",
    "decide_by",
    "timetable",
    "rubric",
    "accepted_leaks",
)
"""What a draft has beside its text."""


def draft(
    *,
    by: User,
    agency: Organisation,
    ministry: Organisation | None,
    name: str,
    plain: dict[str, Any],
    sector: str = "",
) -> Demand:
    """Begin a demand.

    Args:
        by: Who begins it.
        agency: Whose problem and data it is about.
        ministry: Who acts for the agency; nobody where the agency itself does.
        name: Its name in addresses and records, for good.
        plain: What is known of it, such as title and problem.
        sector: Its field (`trials.engine.sectors`).

    Raises:
        DemandError: The name cannot be used or is taken.
    """
    if not NAME.fullmatch(name) or len(name) > 60:
        raise DemandError(
            words(f"수요 이름 {name[:60]!r}", f"the name {name[:60]!r}"),
            words(
                "영문 소문자로 시작하고 소문자·숫자·하이픈으로 된 60자 이하의 이름",
                "up to 60 lower-case letters, digits and single hyphens, a letter first",
            ),
        )
    if (office().workspace.folder / "demands" / name).exists():
        raise _taken(name)
    demand = Demand(name=name, agency=agency, ministry=ministry, posted_by=by, sector=sector)
    demand.plain = drafts.begun(demand, plain)
    demand.text = drafts.as_yaml(demand.plain)
    drafts.mirror(demand)
    try:
        with transaction.atomic():
            demand.save(force_insert=True)
            recorded("demand-drafted", demand, by=by, after=_content(demand))
    except IntegrityError as fault:
        raise _taken(name) from fault
    return demand


def _taken(name: str) -> DemandError:
    return DemandError(
        words(f"이미 쓰인 수요 이름 {name!r}", f"the name {name!r}, which is taken"),
        words("아직 쓰지 않은 이름", "a name that is not taken"),
    )


def change(
    demand: Demand,
    *,
    by: User,
    plain: dict[str, Any] | None = None,
    text: str | None = None,
    **columns: Any,
) -> Demand:
    """Save a draft.

    Args:
        demand: The draft.
        by: Who changes it.
        plain: Its new plain data, which is written as YAML; or
        text: its new YAML as somebody wrote it, kept even where nothing can be made of it.
        columns: New values of `COLUMNS`.

    Raises:
        DemandError: It is no draft any more.
    """
    with transaction.atomic():
        row = _locked(demand, "draft")
        before = _content(row)
        if text is not None:
            row.text = text
            try:
                row.plain = {**drafts.as_plain(text), "demand": row.name}
                drafts.take_dates(row)
            except InputError:
                pass  # the check tells what is wrong; the forms keep what they had
        elif plain is not None:
            row.plain = {**plain, "demand": row.name}
            row.text = drafts.as_yaml(row.plain)
        for name in columns:
            if name not in COLUMNS:
                raise ValueError(f"{name} is no column of a draft")
            setattr(row, name, columns[name])
        if "rubric" in columns:
            drafts.put_rubric(row, columns["rubric"])
        drafts.mirror(row)
        reviews.note(row, by=by)
        row.save()
        after = _content(row)
        if after != before:
            recorded("demand-changed", row, by=by, before=before, after=after)
    return row


def give_table(demand: Demand, table: dict[str, Any], *, by: User) -> Demand:
    """Take an agency's table, which the intake holds, for a draft; the one before is erased.

    Raises:
        DemandError: It is no draft any more; the table was erased.
    """
    try:
        with transaction.atomic():
            row = _locked(demand, "draft")
            before, row.table = row.table, table
            row.findings = {k: v for k, v in row.findings.items() if k == "metric"}
            row.save(update_fields=["table", "findings"])
            told = {"name": table["name"], "size": table["size"]}
            recorded("demand-table-given", row, by=by, after={**told, "digest": table["digest"]})
            _ask(row, "suggest", {"table": table["file"], "name": table["name"]})
    except DemandError:
        intake.erase(table)
        raise
    intake.erase(before)
    return row


def check(demand: Demand, *, by: User) -> Demand:
    """Have the scorer look at a draft and its table.

    Raises:
        DemandError: It is no draft any more.
    """
    with transaction.atomic():
        row = _locked(demand, "draft")
        table = {"table": row.table.get("file", ""), "name": row.table.get("name", "")}
        _ask(row, "check", {"text": row.text, **table, "stamp": drafts.stamp(row)})
    return row


def _ask(row: Demand, job: str, parameters: dict[str, Any]) -> None:
    """Queue a job for a demand; what was asked before is no longer wanted."""
    if row.run:
        leases().cancel(row.run)
    row.run = ids.new(job)
    enqueue(row.run, f"trials.{job}", parameters, owner=row.agency)
    row.save(update_fields=["run"])


def seal(demand: Demand, *, by: User) -> Demand:
    """Seal a draft's data and register its rule, for good.

    Raises:
        DemandError: It is no draft any more, or something still hinders it.
    """
    with transaction.atomic():
        row = _locked(demand, "draft")
        against = sealing.hindrances(row)
        if against:
            raise DemandError(
                words(
                    " ".join(each.ko.rstrip(".") for each in against),
                    " ".join(each.en.rstrip(".") for each in against),
                ),
                words("점검을 마친 수요", "a draft without open points"),
            )
        row.state = "sealing"
        row.save(update_fields=["state"])
        accept = [each["column"] for each in row.accepted_leaks]
        asked = {"text": row.text, "table": row.table["file"], "accept": accept}
        if row.origin:  # the same question as at the first agency
            asked["like"] = row.origin.name
        _ask(row, "register", asked)
        recorded("demand-sealing", row, by=by, accepted=row.accepted_leaks)
    return row


def post(demand: Demand, *, by: User) -> Demand:
    """Post a sealed demand.

    Raises:
        DemandError: It is not sealed, or its dates are not in their order from now on.
    """
    with transaction.atomic():
        row = _locked(demand, "sealed")
        now = clock.now()
        if not timing.has_dates(row):
            raise _undated_error()
        timing.timetable(row, posted=now)
        row.state, row.posted = "posted", now.replace(microsecond=0)
        row.save(update_fields=["state", "posted"])
        dates = {
            name: clock.stamp(getattr(row, name))
            for name in ("questions_until", "opens", "closes", "decide_by")
        }
        recorded("demand-posted", row, by=by, digest=row.digest, dates=dates)
        facts = {"demand": row.name, "agency": row.agency.slug, "task": row.task}
        emit("trials.demand.posted", facts, to=None)
        timing.advance(row, now)
    return row


def _undated_error() -> DemandError:
    return DemandError(
        words("빠진 날짜", "a missing date"),
        words(
            "질의 마감, 접수 시작과 마감, 판정 예정", "the ends and the beginning of each phase"
        ),
    )


def withdraw(demand: Demand, *, by: User, reason: str) -> Demand:
    """Withdraw a demand that has not been decided; a draft ends unseen.

    Raises:
        DemandError: No reason is given, or it is being sealed.
        PhaseClosed: It is past withdrawing.
    """
    if not reason.strip():
        raise DemandError(words("빈 사유", "no reason"), words("철회하는 사유", "a reason"))
    now = clock.now()
    with transaction.atomic():
        row = _locked(demand)
        if row.state == "sealing":
            raise DemandError(
                words("봉인 중인 수요", "a demand that is being sealed"),
                words("봉인이 끝난 뒤의 철회", "a withdrawal after the sealing has ended"),
            )
        if row.state not in ("draft", "sealed"):
            timing.require(row, Act.CANCEL, now)
        table, row.table = row.table, {}
        told = {"at": clock.stamp(now), "reason": reason.strip()}
        row.timetable = {**row.timetable, "withdrawn": told}
        before, row.state = row.state, "withdrawn"
        row.save(update_fields=["state", "table", "timetable"])
        recorded("demand-withdrawn", row, by=by, previously=before, reason=told["reason"])
        if row.posted:
            emit("trials.demand.moved", {"demand": row.name, "state": row.state}, to=None)
        transaction.on_commit(lambda: intake.erase(table))
    return row


def _locked(demand: Demand, *states: str) -> Demand:
    """The row, for this transaction alone, in one of these states."""
    rows = Demand.objects.select_for_update(of=("self",)).select_related("agency", "ministry")
    row = rows.get(pk=demand.pk)
    if states and row.state not in states:
        wanted: Sequence[Any] = [Demand.STATES[each] for each in states]
        raise DemandError(
            words(f"'{row.state_title.ko}' 상태의 수요", f"a demand in '{row.state_title.en}'"),
            words(
                f"'{', '.join(each.ko for each in wanted)}' 상태의 수요",
                f"a demand in '{', '.join(each.en for each in wanted)}'",
            ),
        )
    return row


def _content(demand: Demand) -> dict[str, Any]:
    """What a draft says, as the log's erasable values keep it."""
    dates = ("questions_until", "opens", "closes", "decide_by")
    return {
        "text": demand.text,
        "sector": demand.sector,
        "timetable": demand.timetable,
        "rubric": demand.rubric,
        "accepted_leaks": demand.accepted_leaks,
        **{name: clock.stamp(at) if (at := getattr(demand, name)) else "" for name in dates},
    }
