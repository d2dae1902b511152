"""Handing in: what is taken, what is refused, who sees it, and what its end costs."""

from __future__ import annotations

import io
import zipfile
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.evidence.statement import Statement
from madang.kernel.jobs import record
from madang.portal.models import JobEnding, JobRun, LogEntry, Membership, Organisation, User
from madang.portal.queue import leases
from madang.portal.worker import settle, settle_ended, work
from madang.trials.engine.errors import PhaseClosed, QuotaSpent
from madang.trials.web.models import BoardRow, Demand, Rehearsal, Submission, Team
from madang.trials.web.services import submissions
from tests.portal.at_once import at_once
from tests.portal.people import enter, home_of, somebody
from tests.trials.web import demands, solved

if TYPE_CHECKING:
    from django.test import Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.bwrap]

ONE_SUBMISSION = {"quota": {"submissions": 1}}


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """A file of a form."""
    return SimpleUploadedFile(name, content)


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive of these files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def sent(client: Client, demand: Demand, *files: SimpleUploadedFile, **changes: Any) -> Any:
    """Post the form as whoever is signed in."""
    company = home_of(User.objects.get(pk=client.session["_auth_user_id"]))
    given = {
        **{"company": company.slug, "name": "line", "title_ko": "직선", "title_en": "Line"},
        **{"tier": "python", "files": list(files), "submit": "1"},
        **changes,
    }
    return client.post(reverse("trials:submit", args=[demand.name]), given)


def nothing_kept(demand: Demand) -> bool:
    """Whether no row and no run speaks of a submission."""
    runs = JobRun.objects.filter(job="trials.run").exists()
    rows = Submission.objects.filter(demand=demand).exists()
    return not (runs or rows or Team.objects.filter(demand=demand).exists())


def ends_in_the_log(submission: Submission) -> list[Any]:
    """What the log says of the ends of a submission's runs."""
    entries = [Statement.decode(bytes(each.content)) for each in LogEntry.objects.all()]
    found = [each for each in entries if each.predicate_type.endswith("/run/v1")]
    return [e.predicate for e in found if e.predicate["submission"] == submission.pk]


def test_a_solution_goes_from_the_form_to_the_board(client: Client) -> None:
    demand = solved.opened()
    user = somebody("company")
    enter(client, user)

    answer = sent(client, demand, upload("solution.py", solved.LINE))
    row = Submission.objects.get()
    waiting = client.get(answer.url).content.decode()
    demands.worked(demand)
    page = client.get(answer.url).content.decode()

    assert answer.status_code == 302
    assert answer.url == reverse("trials:submission", args=[row.pk])
    assert "차례를 기다리고 있습니다" in waiting
    row.refresh_from_db()
    home = home_of(user)
    assert (row.state, row.company, row.team.name) == ("done", home, home.name_ko)
    assert JobRun.objects.get(id=row.run).owner == home
    board = BoardRow.objects.get()
    assert board.submission == row
    assert board.low is not None and board.high is not None
    assert board.low < board.shown < board.high
    assert board.shown == row.release["shown"]
    assert f"{board.shown:.3f}" in page
    demand.refresh_from_db()
    assert demand.bits == row.release["bits"] > 0
    assert demand.submission_count == 1


def test_several_files_and_one_zip_say_the_same(client: Client) -> None:
    demand = solved.opened(cases=240)
    enter(client, somebody("company"))
    files = {"solution.py": solved.LINE, "more.py": b"LINE = 1\n"}

    sent(client, demand, *(upload(*each) for each in files.items()), name="a")
    sent(client, demand, upload("all.ZIP", zipped(files)), name="b")

    first, second = Submission.objects.order_by("name")
    assert first.digest == second.digest
    assert set(first.files) == set(files)


REFUSED = {
    "path trick": {"all.zip": lambda: zipped({"../solution.py": solved.LINE})},
    "absolute path": {"all.zip": lambda: zipped({"/etc/solution.py": solved.LINE})},
    "folder": {"all.zip": lambda: zipped({"src/solution.py": solved.LINE})},
    # 65 MiB of zeros: 64 KiB as an archive, and more than the 64 MiB that a demand takes.
    "bomb": {"all.zip": lambda: zipped({"solution.py": bytes(65 << 20)})},
    "no zip": {"all.zip": lambda: b"PK\x03\x04 nothing"},
    "pickle": {"solution.py": lambda: solved.LINE, "m.bin": lambda: b"\x80\x04N."},
    "missing": {"other.py": lambda: solved.LINE},
    "syntax": {"solution.py": lambda: b"def predict(:\n"},
    "twice": {"a.zip": lambda: zipped({"solution.py": b""}), "solution.py": lambda: b"x = 1"},
    "odd name": {"solution.py": lambda: solved.LINE, "솔루션.txt": lambda: b"x"},
    "another form": {"model.onnx": lambda: b"onnx"},
    "empty": {"solution.py": lambda: b""},
}


def test_what_is_refused_is_said_and_nothing_is_kept(client: Client) -> None:
    demand = solved.opened(cases=240)
    enter(client, somebody("company"))
    refused = {name: files for name, files in REFUSED.items() if name != "empty"}
    for why, files in refused.items():
        answer = sent(client, demand, *(upload(name, made()) for name, made in files.items()))

        assert answer.status_code == 422, why
        assert "확인된 내용" in answer.content.decode(), why
        assert nothing_kept(demand), why

    assert sent(client, demand).status_code == 422
    assert sent(client, demand, upload("solution.py", b"x"), name="1 2").status_code == 422
    assert sent(client, demand, upload("solution.py", b"x"), tier="other").status_code == 422
    assert sent(client, demand, upload("solution.py", b"x"), company="else").status_code == 422
    assert nothing_kept(demand)


def test_sizes_are_looked_at_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from madang.trials.engine.submission import Handed, unpacked

    def never() -> bytes:
        raise AssertionError("read")

    handed = [Handed(f"part{n}.bin", 30 << 20, never) for n in range(3)]
    with pytest.raises(Exception, match="90.0 MiB"):
        unpacked(handed, largest_bytes=64 << 20)


def test_what_was_typed_stays_when_something_is_wrong(client: Client) -> None:
    demand = solved.opened(cases=240)
    enter(client, somebody("company"))

    page = sent(client, demand, title_ko="내 제목").content.decode()

    assert 'value="내 제목"' in page
    assert 'value="line"' in page


def test_before_it_opens_and_after_it_has_closed_nothing_is_taken(client: Client) -> None:
    demand = demands.posted()
    user = somebody("company")
    enter(client, user)

    early = sent(client, demand, upload("solution.py", solved.LINE))
    with clock.stopped_at(solved.after_closing(demand)), pytest.raises(PhaseClosed):
        solved.hand_in(demand, by=user)

    assert early.status_code == 422
    assert "시작합니다" in early.content.decode()
    assert not Submission.objects.exists()


def test_two_at_once_do_not_both_take_the_last_place() -> None:
    demand = solved.opened(cases=240, **ONE_SUBMISSION)
    user = somebody("company")

    def hand_in(name: str) -> str:
        try:
            solved.hand_in(demand, by=user, name=name)
        except QuotaSpent:
            return "spent"
        return "taken"

    outcomes = at_once(hand_in, ["one", "two"])

    assert sorted(outcomes) == ["spent", "taken"]
    assert Submission.objects.count() == Team.objects.count() == 1


def test_two_teams_cannot_share_the_name_of_a_solution(client: Client) -> None:
    demand = solved.opened(cases=240)
    solved.hand_in(demand, name="same")
    enter(client, somebody("company"))

    answer = sent(client, demand, upload("solution.py", solved.LINE), name="same")

    assert answer.status_code == 422
    assert Submission.objects.count() == 1


def test_a_run_settled_twice_is_remembered_once() -> None:
    demand = solved.opened()
    row = solved.hand_in(demand)
    demands.worked(demand)
    bits = demand.bits

    assert settle(row.run) is False
    assert settle_ended() == 0
    demand.refresh_from_db()
    assert demand.bits == bits
    assert BoardRow.objects.get().releases == 1
    assert len(ends_in_the_log(row)) == 1


def test_a_worker_that_dies_while_it_settles_leaves_all_or_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    demand = solved.opened()
    row = solved.hand_in(demand)
    with monkeypatch.context() as patched:

        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr("madang.trials.web.services.decisions.proceed", dies)
        with pytest.raises(KeyboardInterrupt):
            demands.worked(demand)
    row.refresh_from_db()
    demand.refresh_from_db()
    before = row.state, demand.bits, BoardRow.objects.count(), len(ends_in_the_log(row))
    demands.worked(demand)
    row.refresh_from_db()

    assert before == ("queued", 0, 0, 0)
    assert row.state == "done"
    assert demand.bits == row.release["bits"]
    assert BoardRow.objects.get().releases == 1
    assert len(ends_in_the_log(row)) == 1


def test_a_run_that_the_platform_lost_costs_nothing_and_says_so(client: Client) -> None:
    demand = solved.opened(cases=240, **ONE_SUBMISSION)
    user = somebody("company")
    row = solved.hand_in(demand, by=user)
    with pytest.raises(QuotaSpent):
        solved.hand_in(demand, by=user, name="second")

    solved.lose(row.run)

    row.refresh_from_db()
    assert (row.state, row.cause) == ("failed", "worker_lost")
    assert submissions.used(row.team) == 0
    page = enter(client, user).get(reverse("trials:submission", args=[row.pk]))
    assert "세지 않습니다" in page.content.decode()
    assert solved.hand_in(demand, by=user, name="second").state == "queued"


def test_a_firms_own_failure_counts_and_tells_no_more_than_the_closed_list(client: Client) -> None:
    demand = solved.opened(cases=240)
    user = somebody("company")
    row = solved.hand_in(demand, solved.CRASHER, by=user, name="crasher")
    demands.worked(demand)
    row.refresh_from_db()
    enter(client, user)

    pages = [
        client.get(reverse("trials:submission", args=[row.pk])),
        client.get(reverse("trials:submissions", args=[demand.name])),
        client.get(reverse("trials:submissions", args=[demand.name]) + "?format=json"),
        client.get(reverse("trials:board", args=[demand.name])),
    ]
    told = "".join(page.content.decode() for page in pages)

    assert (row.state, row.cause) == ("failed", "crash")
    assert submissions.used(row.team) == 1
    assert "ValueError" in told
    assert "solution.py:3" in told
    assert solved.CANARY not in told
    assert "wall_s" not in str(row.detail)
    assert demand.bits > 10  # the telltale's bits are counted (engine.guard)


def test_a_cancelled_run_costs_nothing(client: Client) -> None:
    demand = solved.opened(cases=240, **ONE_SUBMISSION)
    user = somebody("company")
    row = solved.hand_in(demand, by=user)
    enter(client, user)

    answer = client.post(reverse("trials:cancel", args=[row.pk]))
    settle_ended()
    row.refresh_from_db()
    page = client.get(answer.url).content.decode()

    assert row.state == "cancelled"
    assert "취소되었습니다" in page
    assert submissions.used(row.team) == 0
    assert client.post(reverse("trials:cancel", args=[row.pk])).status_code == 302
    assert leases().get(row.run).state == "cancelled"


def test_a_try_on_the_open_sample_shows_everything_and_costs_nothing(client: Client) -> None:
    demand = solved.opened(cases=240)
    user = somebody("company")
    enter(client, user)
    source = solved.CRASHER.replace(b"    raise", b'    print("said on the way")\n    raise')

    answer = sent(client, demand, upload("solution.py", source), submit="", rehearse="1")
    # The button that is pressed is the one that is sent.
    row = Rehearsal.objects.get()
    waiting = client.get(answer.url, headers={"HX-Request": "true"}).content.decode()
    demands.worked(demand)
    page = client.get(answer.url).content.decode()

    assert 'hx-trigger="every 2s"' in waiting
    assert "<html" not in waiting
    assert solved.CANARY in page
    assert "said on the way" in page
    assert "Traceback" in page
    row.refresh_from_db()
    assert row.result["cause"] == "crash"
    assert JobRun.objects.get(id=row.run).owner == home_of(user)
    assert not Submission.objects.exists()


def test_a_try_that_runs_to_its_end_shows_its_scores(client: Client) -> None:
    demand = solved.opened(cases=240)
    enter(client, somebody("company"))

    answer = sent(client, demand, upload("solution.py", solved.LINE), rehearse="1")
    demands.worked(demand)
    page = client.get(answer.url).content.decode()

    assert "끝까지 실행했습니다" in page
    assert "평균 절대오차" in page


def addresses(submission: Submission, rehearsal: Rehearsal) -> list[str]:
    """Every address that names one of these two."""
    return [
        reverse("trials:submission", args=[submission.pk]),
        reverse("trials:rehearsal", args=[rehearsal.demand.name, rehearsal.run]),
    ]


def a_submission_and_a_try(demand: Demand) -> tuple[User, Submission, Rehearsal]:
    user = somebody("company")
    row = solved.hand_in(demand, by=user)
    files = {"solution.py": solved.LINE}
    tried = submissions.rehearse(demand, home_of(user), by=user, tier="python", files=files)
    return user, row, tried


def test_nobody_finds_anothers_submission_or_try(client: Client) -> None:
    demand = solved.opened(cases=240)
    user, row, tried = a_submission_and_a_try(demand)
    strangers = [somebody("company"), somebody("agency"), somebody("officer")]
    strangers += [somebody("evaluator"), solved.owner(demand), somebody("agency", demand.agency)]

    for stranger in strangers:
        enter(client, stranger)
        for address in addresses(row, tried):
            assert client.get(address).status_code == 404, (stranger, address)
        assert client.post(reverse("trials:cancel", args=[row.pk])).status_code in (403, 404)
        listed = client.get(reverse("trials:submissions", args=[demand.name]))
        assert row.pk not in listed.content.decode()
        as_json = client.get(reverse("trials:submissions", args=[demand.name]) + "?format=json")
        assert as_json.json() == {"submissions": []}
    assert leases().get(row.run).state == "queued"
    enter(client, user)
    assert [client.get(each).status_code for each in addresses(row, tried)] == [200, 200]
    client.logout()
    assert [client.get(each).status_code for each in addresses(row, tried)] == [302, 302]


def test_the_owners_see_what_was_handed_in_once_it_has_closed(client: Client) -> None:
    demand = solved.opened(cases=240)
    _, row, tried = a_submission_and_a_try(demand)
    submission, rehearsal = addresses(row, tried)
    for owner in (solved.owner(demand), somebody("agency", demand.agency)):
        enter(client, owner)
        assert client.get(submission).status_code == 404
        with clock.stopped_at(solved.after_closing(demand)):
            client.get(demand.get_absolute_url())
            page = client.get(submission)
        assert page.status_code == 200
        assert "낸 파일" not in page.content.decode()
        assert client.get(rehearsal).status_code == 404
        assert client.post(reverse("trials:cancel", args=[row.pk])).status_code in (403, 404)
        Demand.objects.filter(pk=demand.pk).update(state="open")


def test_a_colleague_sees_it_and_a_member_of_two_companies_chooses(client: Client) -> None:
    demand = solved.opened(cases=240)
    user, row, _ = a_submission_and_a_try(demand)
    colleague = somebody("company", home_of(user))
    second = somebody("company")
    other: Organisation = home_of(second)
    Membership.objects.create(
        user=colleague, organisation=other, role=colleague.memberships.get().role
    )
    enter(client, colleague)

    assert client.get(reverse("trials:submission", args=[row.pk])).status_code == 200
    page = client.get(reverse("trials:submit", args=[demand.name])).content.decode()
    assert f'<option value="{other.slug}">' in page
    given = {"company": other.slug, "name": "x", "tier": "python", "submit": "1"}
    files = [upload("solution.py", solved.LINE)]
    client.post(reverse("trials:submit", args=[demand.name]), {**given, "files": files})
    assert Submission.objects.get(name="x").company == other


def test_a_list_is_narrowed_paged_and_asks_the_same_however_long(
    client: Client, django_assert_num_queries: Any
) -> None:
    demand = demands.row("evaluating", baselines={}, registration={})
    company, user = home_of(somebody("company")), somebody("officer")
    rows = [solved.row_of(demand, company, user)]
    for number in range(45):
        rows.append(
            Submission.objects.create(
                **{"id": f"submission-n{number}", "demand": demand, "team": rows[0].team},
                **{"company": company, "by": user, "name": f"n{number}", "title_ko": "나"},
                **{"title_en": "N", "tier": "onnx", "digest": "0" * 64, "run": f"run-n{number}"},
                state="failed" if number % 2 else "done",
                cause="crash" if number % 2 else "",
            )
        )
    enter(client, somebody("company", company))
    address = reverse("trials:submissions", args=[demand.name])
    client.get(address)

    with django_assert_num_queries(13, exact=False):
        first = client.get(address)
    few = client.get(address + "?state=done&tier=onnx")
    one = client.get(address + "?q=n44")
    lines = b"".join(client.get(address + "?format=csv").streaming_content).decode()

    assert first.context["page"].paginator.count == 46
    assert few.context["count"] == 23
    assert one.context["count"] == 1
    assert len(lines.strip().splitlines()) == 47
    assert client.get(address + "?state=nonsense&page=999").status_code == 200


def test_the_ending_is_taken_off_the_list_with_the_row() -> None:
    demand = solved.opened(cases=240)
    row = solved.hand_in(demand)
    demands.worked(demand)

    assert not JobEnding.objects.exists()
    row.refresh_from_db()
    assert row.ended is not None


def test_a_run_that_is_cancelled_while_it_works_releases_nothing() -> None:
    demand = solved.opened()
    source = solved.LINE.replace(
        b"    return np.polyval", b"    time.sleep(3)\n    return np.polyval"
    )
    row = solved.hand_in(demand, b"import time\n" + source)

    def cancel() -> None:
        try:
            while leases().get(row.run).state == "queued":
                sleep(0.05)
            submissions.cancel(row, by=solved.owner(demand))
        finally:
            connection.close()

    canceller = Thread(target=cancel)
    canceller.start()
    work(until_idle=True, lease_s=1.5)  # hears of it at the next heartbeat, within half a second
    canceller.join()

    row.refresh_from_db()
    demand.refresh_from_db()
    assert row.state == "cancelled"
    assert row.release is None
    assert demand.bits == 0
    assert not BoardRow.objects.exists()
    assert submissions.used(row.team) == 0


def ended(cause: str) -> record.JobRun:
    """A run on the board part that failed, with everything that a detail may hold."""
    return record.JobRun(
        **{"id": "run-x", "job": "trials.run", "parameters": {"part": "board"}, "attempts": 3},
        **{"priority": 0, "limit_s": 1, "enqueued_s": 1, "state": "failed", "cause": cause},
        detail={
            **{"ko": "열 x가 없음 /srv/secret", "en": "no column x /srv/secret"},
            **{"telltale": {"phase": "predict"}, "exact": {"wall_s": 1.234}, "bits": 3.0},
        },
    )


def test_the_platforms_own_sentences_are_for_the_operator_alone() -> None:
    firms = submissions.told(ended("output_invalid"), "s")
    platforms = submissions.told(ended("scorer_lost"), "s")

    assert firms["reason"]["en"] == "no column x /srv/secret"
    assert firms["counts"] is True
    assert platforms["counts"] is False
    assert "secret" not in str(platforms)
    assert "1.234" not in str(firms) + str(platforms)


def test_what_a_company_handed_in_anywhere_stands_on_one_page(client: Client) -> None:
    first, second = (demands.row(baselines={}, registration={}) for _ in range(2))
    mine, other = somebody("company"), somebody("company")
    rows = [solved.row_of(each, home_of(mine), mine) for each in (first, second)]
    foreign = solved.row_of(second, home_of(other), other)
    enter(client, mine)

    page = client.get(reverse("trials:mine"))
    told = client.get(reverse("trials:mine") + "?format=json").json()["submissions"]

    assert {each["id"] for each in told} == {each.pk for each in rows}
    assert {each["demand"] for each in told} == {first.name, second.name}
    assert foreign.pk not in page.content.decode()
    assert enter(client, somebody("officer")).get(reverse("trials:mine")).status_code == 403
