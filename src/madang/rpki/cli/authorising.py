"""`madang rpki ca roa …` and `ca aspa …`: what a member wants to be believed, seen first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import InOrder, say
from madang.kernel.words import words
from madang.rpki.cli.authority import acting, ca, common, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.authority.intents import Changes
    from madang.rpki.engine.authority.planning import Plan


@ca.group(cls=InOrder)
def roa() -> None:
    """경로 인가 · Which AS may announce which prefix."""


@ca.group(cls=InOrder)
def aspa() -> None:
    """제공자 인가 · Which providers carry the routes of an AS."""


def planned(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that changes what is believed."""
    dry = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
    return dry(acting(command))


@roa.command("add")
@click.argument("member")
@click.argument("prefix")
@click.argument("asn")
@click.option("--max-length", type=int, help="The longest announcement; the prefix's own length.")
@planned
def add_roa(
    member: str, prefix: str, asn: str, folder: Path, *, max_length: int | None, dry_run: bool,
    by: str, as_json: bool,
) -> None:  # fmt: skip
    """등록 · Let ASN announce PREFIX of MEMBER.

    Exit codes: 0 done, 3 the member does not hold the prefix.
    """
    from madang.rpki.engine.authority.intents import Changes, Intents

    changes = Changes(add=Intents(frozenset({_vrp(prefix, asn, max_length)})))
    _carry_out(folder, member, changes=changes, dry_run=dry_run, by=by, as_json=as_json)


@roa.command("remove")
@click.argument("member")
@click.argument("prefix")
@click.argument("asn")
@click.option("--max-length", type=int, help="As it was given when the intent was added.")
@planned
def remove_roa(
    member: str, prefix: str, asn: str, folder: Path, *, max_length: int | None, dry_run: bool,
    by: str, as_json: bool,
) -> None:  # fmt: skip
    """삭제 · No longer let ASN announce PREFIX of MEMBER.

    Exit codes: 0 done, 3 there is no such intent.
    """
    from madang.rpki.engine.authority.intents import Changes, Intents

    changes = Changes(remove=Intents(frozenset({_vrp(prefix, asn, max_length)})))
    _carry_out(folder, member, changes=changes, dry_run=dry_run, by=by, as_json=as_json)


@roa.command("import")
@click.argument("member")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Also remove what the file does not name.")
@planned
def import_(
    member: str, file: Path, folder: Path, *, replace: bool, dry_run: bool, by: str, as_json: bool
) -> None:
    """일괄 등록 · Take in all intents of FILE (CSV) for MEMBER, or none.

    ROAs have the first line `ASN,IP Prefix,Max Length`, ASPAs `Customer,Providers`.

    Exit codes: 0 done, 3 a line cannot be read, or names what the member does not hold.
    """
    from madang.rpki.engine.authority.intents import Changes, Intents, intents
    from madang.rpki.engine.authority.intents_csv import read, towards

    wanted = read(file.read_text(encoding="utf-8", errors="replace"))
    kind = "aspa" if wanted.aspas else "roa"
    with opened(folder) as here:
        vrps, aspas = intents(here.registry.book.rows, member)
    changes = towards(Intents(frozenset(vrps), frozenset(aspas)), wanted, kind=kind)
    changes = changes if replace else Changes(add=changes.add)
    _carry_out(folder, member, changes=changes, dry_run=dry_run, by=by, as_json=as_json)


@roa.command("list")
@click.argument("member")
@common
def list_(member: str, folder: Path, *, as_json: bool) -> None:
    """목록 · Show the ROA intents of MEMBER, as CSV that `import` takes in.

    Exit codes: 0 shown, 3 there is no such member.
    """
    from madang.rpki.engine.authority.intents import intents
    from madang.rpki.engine.authority.intents_csv import write_roas

    with opened(folder) as here:
        here.registry.authority(member)
        vrps, _ = intents(here.registry.book.rows, member)
    facts = {"roas": [str(each) for each in sorted(vrps)]}
    say(facts, as_json=as_json, text=write_roas(vrps).rstrip())


@aspa.command("set")
@click.argument("member")
@click.argument("customer")
@click.argument("providers", nargs=-1, required=True)
@planned
def set_aspa(
    member: str, customer: str, providers: tuple[str, ...], folder: Path, *, dry_run: bool,
    by: str, as_json: bool,
) -> None:  # fmt: skip
    """등록 · Name all PROVIDERS of the AS CUSTOMER of MEMBER; AS0 alone says that it has none.

    Exit codes: 0 done, 3 the member does not hold the customer.
    """
    from madang.rpki.engine.authority.intents import Changes, Intents
    from madang.rpki.engine.payloads import Aspa
    from madang.rpki.engine.resources.prefix import read_asn

    found = Aspa(read_asn(customer), tuple(sorted({read_asn(each) for each in providers})))
    changes = Changes(add=Intents(aspas=frozenset({found})))
    _carry_out(folder, member, changes=changes, dry_run=dry_run, by=by, as_json=as_json)


@aspa.command("remove")
@click.argument("member")
@click.argument("customer")
@planned
def remove_aspa(
    member: str, customer: str, folder: Path, *, dry_run: bool, by: str, as_json: bool
) -> None:
    """삭제 · No longer say who the providers of the AS CUSTOMER of MEMBER are.

    Exit codes: 0 done, 3 nothing is said of it.
    """
    from madang.rpki.engine.authority.intents import Changes, Intents, intents
    from madang.rpki.engine.payloads import Aspa
    from madang.rpki.engine.resources.prefix import read_asn

    asn = read_asn(customer)
    with opened(folder) as here:
        _, aspas = intents(here.registry.book.rows, member)
    found = next((each for each in aspas if each.customer == asn), Aspa(asn, ()))
    changes = Changes(remove=Intents(aspas=frozenset({found})))
    _carry_out(folder, member, changes=changes, dry_run=dry_run, by=by, as_json=as_json)


def _vrp(prefix: str, asn: str, max_length: int | None) -> Any:
    from madang.rpki.engine.payloads import Vrp
    from madang.rpki.engine.resources.prefix import read_asn, read_prefix

    found = read_prefix(prefix)
    longest = found.length if max_length is None else max_length
    return Vrp(*found, longest, read_asn(asn))


def _carry_out(
    folder: Path, member: str, *, changes: Changes, dry_run: bool, by: str, as_json: bool
) -> None:
    with opened(folder) as here:
        plan = here.registry.plan(member, changes)
        if not dry_run:
            here.registry.commit(plan, by=by)
    facts = {"signed": plan.signed, "withdrawn": plan.withdrawn, "done": not dry_run}
    say(facts, as_json=as_json, text=_told(plan, dry_run=dry_run))


def _told(plan: Plan, *, dry_run: bool) -> str:
    signed, withdrawn = len(plan.signed), len(plan.withdrawn)
    if dry_run:
        return str(words(f"서명할 파일 {signed}개, 철회할 파일 {withdrawn}개",
                         f"{signed} files would be signed, {withdrawn} withdrawn"))  # fmt: skip
    return str(words(f"서명한 파일 {signed}개, 철회한 파일 {withdrawn}개",
                     f"{signed} files signed, {withdrawn} withdrawn"))  # fmt: skip
