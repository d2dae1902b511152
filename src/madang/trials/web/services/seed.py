"""What stands on a new site of development? The demonstration's trial, posted and handed in for.

Everything goes through the same services as on any site. The five runs wait in the queue, so that
whoever opens the site at once sees them work.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from madang.kernel import clock, systems
from madang.kernel.words import Words, words
from madang.portal import example, worker
from madang.portal.models import Membership, Organisation, Role, User
from madang.trials.engine.demonstration import shown_entries
from madang.trials.web.models import Demand
from madang.trials.web.services import demands, drafts, intake, submissions
from madang.trials.web.services.house import office

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.kernel.trial import Demonstration, Entry

LEASE_S = 30.0


def seed(told: Callable[[Words], None]) -> None:
    """Post the demonstration's demand and hand in its six solutions."""
    system = next((each for each in systems.installed() if each.demonstration), None)
    if system is None:
        return
    shown: Demonstration = systems.load(system.demonstration, extra=system.extra)
    told(
        words(
            "수요를 작성하고, 점검하고, 자료를 봉인합니다.",
            "Writing a demand, checking it, sealing its data.",
        )
    )
    demand = _posted(shown)
    told(
        words(
            "기업의 해법 여섯 개를 받습니다. 실행은 작업자가 합니다.",
            "Taking in six solutions; the worker will run them.",
        )
    )
    folder = office().workspace.demand_folder(demand.name)
    for entry in shown_entries(shown, folder):
        _hand_in(demand, entry, is_own=entry.name == shown.own)


def _posted(shown: Demonstration) -> Demand:
    return open_demand(
        drafts.as_plain(shown.demand),
        shown.data().write_csv().encode(),
        by=example.person("officer"),
        agency=example.organisation(example.AGENCY),
        ministry=example.organisation(example.MINISTRY),
    )


def open_demand(
    plain: dict[str, Any],
    table: bytes,
    *,
    by: User,
    agency: Organisation,
    ministry: Organisation | None,
) -> Demand:
    """A demand that takes submissions from now on: drafted, checked, sealed and posted.

    Args:
        plain: The demand as plain data, with its name.
        table: Its data as CSV.
        by: Who posts it.
        agency: Whose it is.
        ministry: Who acts for the agency, if any.

    Raises:
        InputError: The demand or its table is not fit to be sealed.
    """
    demand = demands.draft(
        by=by, agency=agency, ministry=ministry, name=plain["demand"], plain=plain, sector="health"
    )
    now = clock.now().replace(microsecond=0)
    demand = demands.change(
        demand,
        by=by,
        questions_until=now + timedelta(days=7),
        opens=now,
        closes=now + timedelta(days=14),
        decide_by=now + timedelta(days=28),
    )
    demand = demands.give_table(demand, intake.take([table], name="cohort.csv"), by=by)
    for act in (demands.check, demands.seal):
        act(demand, by=by)
        worker.work(until_idle=True, lease_s=LEASE_S)
        demand.refresh_from_db()
    return demands.post(demand, by=by)


def _hand_in(demand: Demand, entry: Entry, *, is_own: bool) -> None:
    if is_own:
        company, person = example.organisation(example.COMPANY), example.person("company")
    else:
        company, person = _company(entry.firm)
    submissions.hand_in(
        demand,
        company,
        by=person,
        name=entry.name,
        titles=words(entry.title_ko, entry.title_en),
        tier=entry.tier,
        files=entry.files,
    )


def _company(firm: str) -> tuple[Organisation, User]:
    """An invented firm of the demonstration and a person who acts for it."""
    number = Organisation.objects.filter(kind="company").count()
    slug = f"example-firm-{number}"
    company = Organisation.objects.create(
        slug=slug, kind="company", name_ko=firm, name_en=f"Firm {number} (invented)"
    )
    person = User.objects.create_user(f"{slug}@example.org", name=f"{firm} 담당자")
    Membership.objects.create(
        user=person, organisation=company, role=Role.objects.get(code="company")
    )
    return company, person
