"""Whoever wants to be told of an event gets a signed message, in the end, once it is true."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import transaction

from madang.kernel import clock, webhook
from madang.kernel.errors import InputError
from madang.portal import webhooks, worker
from madang.portal.models import JobRun, LogEntry, Webhook, WebhookDelivery
from madang.portal.queue import leases
from tests.portal.people import home_of, organisation, somebody
from tests.portal.programs import Program
from tests.portal.receivers import receiving
from tests.portal.test_api_door import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return somebody("company")


def hooked(user, url="http://127.0.0.1:9/", wanted=()):
    return webhooks.register(home_of(user), url=url, wanted=wanted, by=user)


def work() -> None:
    """Do what is due now, once."""
    queue = leases()
    while lease := queue.claim("test", lease_s=30, jobs=[webhooks.JOB]):
        from madang.kernel.jobs.worker import Claimed

        queue.finish(lease, worker.execute(Claimed(lease)).result)


def last() -> WebhookDelivery:
    return WebhookDelivery.objects.latest("pk")


def test_a_message_is_signed_and_says_what_happened(user) -> None:
    with receiving() as other:
        hook = hooked(user, other.url)
        webhooks.emit(webhooks.PING, {"답": 1}, to=[home_of(user)])
        work()

    ((_, headers, body),) = other.heard
    told = json.loads(body)
    assert told["event"] == headers["Madang-Event"] == webhooks.PING
    assert told["facts"] == {"답": 1}
    assert headers["Madang-Delivery"] == str(last().pk)
    assert webhook.is_genuine(hook.secret, headers[webhook.HEADER], body, now_s=clock.epoch_s())
    assert (last().is_done, last().status, last().tries) == (True, 200, 1)


def test_what_does_not_come_true_is_not_told(user) -> None:
    hooked(user)
    with pytest.raises(RuntimeError), transaction.atomic():
        webhooks.emit(webhooks.PING, {}, to=[home_of(user)])
        raise RuntimeError

    assert not WebhookDelivery.objects.exists()
    assert not JobRun.objects.exists()


def test_an_event_is_told_to_those_it_concerns_alone(user) -> None:
    other = somebody("company")
    mine, theirs = hooked(user), hooked(other)

    assert webhooks.emit(webhooks.PING, {}, to=[home_of(user), None]) == 1
    assert last().webhook == mine
    assert webhooks.emit(webhooks.PING, {}, to=[home_of(other).pk]) == 1
    assert last().webhook == theirs
    assert webhooks.emit(webhooks.PING, {}, to=None) == 2, "a public event"
    assert webhooks.emit(webhooks.PING, {}, to=[]) == 0


def test_nobody_hears_of_what_they_did_not_ask_for(user) -> None:
    others = sorted(set(webhooks.events()) - {webhooks.PING})
    hooked(user, wanted=others[:1])
    webhooks.change(hooked(user), by=user, is_active=False)
    suspended = somebody("company")
    hooked(suspended)
    type(home_of(suspended)).objects.filter(pk=home_of(suspended).pk).update(is_active=False)

    assert webhooks.emit(webhooks.PING, {}, to=None) == 0


def test_an_event_that_no_manifest_has_is_a_defect() -> None:
    with pytest.raises(ValueError, match="no manifest"):
        webhooks.emit("no.such", {}, to=None)


def test_a_message_that_is_not_taken_is_sent_again_later_each_time(user) -> None:
    start = clock.now()
    with receiving() as other:
        other.statuses = [500, 404, 302]
        hooked(user, other.url)
        with clock.stopped_at(start):
            webhooks.emit(webhooks.PING, {}, to=[home_of(user)])
            work()
            assert (last().is_done, last().status, last().tries) == (False, 500, 1)
            work()
            assert last().tries == 1, "not before its time"
        passed = 0
        for tries, pause_s in enumerate(webhooks.PAUSES_S[:3], start=2):
            passed += pause_s
            with clock.stopped_at(start + timedelta(seconds=passed)):
                work()
            assert last().tries == tries

    assert last().is_done
    assert len({body for _, _, body in other.heard}) == 1, "the same message, with the same id"


def test_after_the_last_try_nothing_more_is_queued(user) -> None:
    hooked(user)
    start = clock.now()
    with clock.stopped_at(start):
        webhooks.emit(webhooks.PING, {}, to=[home_of(user)])
        work()
    for hours in range(0, 60, 6):
        for _ in range(3):
            with clock.stopped_at(start + timedelta(hours=hours + 1)):
                work()

    assert last().tries == len(webhooks.PAUSES_S) + 1
    assert not JobRun.objects.filter(state="queued").exists()
    assert sum(webhooks.PAUSES_S) > 20 * 3600, "a receiver that is down for a night hears of all"


def test_a_webhook_that_takes_nothing_for_days_is_switched_off(user) -> None:
    start = clock.now()
    with clock.stopped_at(start):
        hook = hooked(user)
    late = start + webhooks.DEAD_AFTER + timedelta(hours=1)
    with clock.stopped_at(late):
        webhooks.emit(webhooks.PING, {}, to=[home_of(user)])
        WebhookDelivery.objects.update(tries=len(webhooks.PAUSES_S))
        work()

    hook.refresh_from_db()
    assert not hook.is_active
    assert "webhook-changed" in LogEntry.objects.latest("index").predicate_type


def test_one_that_took_something_lately_stays_on(user) -> None:
    start = clock.now()
    with clock.stopped_at(start):
        hook = hooked(user)
    with clock.stopped_at(start + webhooks.DEAD_AFTER):
        webhooks.ping(hook)
        WebhookDelivery.objects.update(is_done=True)
        JobRun.objects.all().delete()
        webhooks.emit(webhooks.PING, {}, to=[home_of(user)])
        WebhookDelivery.objects.filter(is_done=False).update(tries=len(webhooks.PAUSES_S))
    with clock.stopped_at(start + webhooks.DEAD_AFTER + timedelta(hours=1)):
        work()

    hook.refresh_from_db()
    assert last().tries == len(webhooks.PAUSES_S) + 1
    assert hook.is_active


def test_a_receiver_can_say_that_it_wants_no_more(user) -> None:
    with receiving() as other:
        other.statuses = [410]
        hook = hooked(user, other.url)
        webhooks.emit(webhooks.PING, {}, to=[home_of(user)])
        work()

    hook.refresh_from_db()
    assert not hook.is_active
    assert not JobRun.objects.filter(state="queued").exists()


def test_what_was_queued_for_one_that_is_off_or_gone_is_not_sent(user) -> None:
    with receiving() as other:
        off, gone = hooked(user, other.url), hooked(user, other.url)
        webhooks.emit(webhooks.PING, {}, to=[home_of(user)])
        webhooks.change(off, by=user, is_active=False)
        webhooks.remove(gone, by=user)
        work()

    assert not other.heard
    assert set(JobRun.objects.values_list("state", flat=True)) == {"done"}


def test_a_message_can_be_sent_again_by_hand(user) -> None:
    with receiving() as other:
        other.statuses = [500]
        hooked(user, other.url)
        webhooks.emit(webhooks.PING, {}, to=[home_of(user)])
        work()
        webhooks.again(last())
        work()

    assert (last().is_done, last().tries, len(other.heard)) == (True, 2, 2)
    assert not JobRun.objects.filter(state="queued").exists(), "the waiting try was called off"


def test_one_on_its_way_is_not_sent_twice_by_hand(user) -> None:
    hooked(user)
    webhooks.emit(webhooks.PING, {}, to=[home_of(user)])

    with pytest.raises(InputError):
        webhooks.again(last())


def test_the_run_belongs_to_the_organisation_that_is_told(user) -> None:
    hooked(user)
    webhooks.emit(webhooks.PING, {}, to=[home_of(user)])

    assert JobRun.objects.get().owner == home_of(user)


def test_the_sites_worker_sends_messages() -> None:
    assert webhooks.JOB in worker.runnable()


def test_there_is_an_end_to_how_many(user) -> None:
    for _ in range(webhooks.MOST):
        hooked(user)

    with pytest.raises(InputError):
        hooked(user)


@pytest.mark.parametrize(
    "change", [{"url": "ftp://example.org"}, {"wanted": ["no.such"]}, {"wanted": ["portal"]}]
)
def test_what_cannot_be_told_is_refused(user, change) -> None:
    with pytest.raises(InputError):
        hooked(user, **change)
    assert not Webhook.objects.exists()


def test_the_secret_is_new_each_time_and_never_in_the_log(user) -> None:
    hook = hooked(user)
    first = hook.secret
    webhooks.renew_secret(hook, by=user)

    assert hook.secret != first
    log = b"".join(bytes(each) for each in LogEntry.objects.values_list("content", flat=True))
    assert first.encode() not in log
    assert hook.secret.encode() not in log


def test_every_event_of_a_manifest_has_its_words() -> None:
    for name, title in webhooks.events().items():
        assert name.count(".") >= 1
        assert title.ko and title.en and title.ko != title.en


# Through the API.


def test_a_program_makes_changes_and_removes_a_webhook() -> None:
    program = Program()
    made = program.post("/webhooks", {"url": "https://example.org/a"}).json()
    path = f"/webhooks/{made['id']}"

    assert made["secret"].startswith("whs_")
    assert program.get(path).json() == {k: v for k, v in made.items() if k != "secret"}
    assert program.get("/webhooks").json() == [program.get(path).json()]
    changed = program.patch(path, {"is_active": False, "events": [webhooks.PING]}).json()
    assert (changed["is_active"], changed["events"]) == (False, [webhooks.PING])
    assert program.post(f"{path}/secret").json()["secret"] != made["secret"]
    assert program.delete(path).status_code == 204
    told(program.get(path), "not-found")


def test_a_program_sees_its_messages_page_by_page_and_sends_one_again() -> None:
    program = Program()
    made = program.post("/webhooks", {"url": "http://127.0.0.1:9/"}).json()
    path = f"/webhooks/{made['id']}"
    for _ in range(5):
        assert program.post(f"{path}/ping").status_code == 202
    work()

    first = program.get(f"{path}/deliveries?limit=2")
    second = program.get(first.json()["next"].removeprefix("/api/v1")).json()
    third = program.get(second["next"].removeprefix("/api/v1")).json()
    pages = [first.json(), second, third]
    found = [each["id"] for page in pages for each in page["items"]]
    assert found == sorted(found, reverse=True)
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert third["next"] is None
    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    again = program.post(f"{path}/deliveries/{found[0]}/retry")
    assert again.status_code == 202


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "after=x", "after=-1", "after=" + "9" * 40, "after=/"],
)
def test_pages_that_there_cannot_be_are_refused(query: str) -> None:
    program = Program()
    made = program.post("/webhooks", {"url": "https://example.org/a"}).json()

    told(program.get(f"/webhooks/{made['id']}/deliveries?{query}"), "invalid")


def test_a_message_of_another_webhook_is_not_there() -> None:
    program = Program()
    one, other = (
        program.post("/webhooks", {"url": "https://example.org/a"}).json()["id"] for _ in "12"
    )
    message = program.post(f"/webhooks/{one}/ping").json()["id"]

    told(program.post(f"/webhooks/{other}/deliveries/{message}/retry"), "not-found")


def test_a_webhook_belongs_to_its_organisation_not_to_the_person() -> None:
    home = organisation()
    first, second = Program(somebody("company", home)), Program(somebody("company", home))
    made = first.post("/webhooks", {"url": "https://example.org/a"}).json()

    assert second.get(f"/webhooks/{made['id']}").status_code == 200
    told(Program().get(f"/webhooks/{made['id']}"), "not-found")
