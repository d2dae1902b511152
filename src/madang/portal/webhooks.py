"""How is an organisation's own system told that something happened here? By signed messages.

A service says `emit(...)` in the transaction that makes the event true; a message goes out if and
only if that transaction holds. Each message is one job of the site's queue. A try that fails makes
the next one, later each time, for a day; after that a person can ask for it again.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import clock, ids, systems, webhook
from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal import receiver
from madang.portal.log import remember
from madang.portal.models import JobRun, Organisation, Webhook, WebhookDelivery
from madang.portal.queue import leases

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from madang.kernel.jobs.job import Progress
    from madang.portal.models import User

RIGHT = "portal.tokens"
JOB = "portal.deliver"
PING = "portal.ping"
MOST = 20
"""Webhooks of one organisation."""
PAUSES_S = (10, 60, 300, 1800, 7200, 21_600, 43_200)
"""Before the second, third … try of a message."""
DEAD_AFTER = timedelta(days=3)
"""A webhook that took nothing for so long is switched off."""
GONE = 410
"""The receiver's way to say that it wants no more."""


def events() -> Mapping[str, Words]:
    """Every event of the house → what happened."""
    found = {PING: words("연결 시험", "A test of the connection")}
    for system in systems.installed():
        for name, (ko, en) in system.events.items():
            found[f"{system.name}.{name}"] = words(ko, en)
    return found


def register(organisation: Organisation, *, url: str, wanted: Sequence[str], by: User) -> Webhook:
    """Tell an address of events from now on.

    Args:
        organisation: Whose events are told.
        url: Where to.
        wanted: Names of events; all where empty.
        by: Who wants it.

    Raises:
        InputError: No address to send to, an unknown event, or too many webhooks.
    """
    receiver.check_url(url)
    _check_events(wanted)
    with transaction.atomic():
        if Webhook.objects.filter(organisation=organisation).count() >= MOST:
            raise InputError(
                words(f"이미 등록한 웹훅 {MOST}개", f"{MOST} webhooks"),
                words(f"기관마다 {MOST}개 이하", f"at most {MOST} for an organisation"),
            )
        made = Webhook.objects.create(
            organisation=organisation,
            url=url,
            secret=_secret(),
            events=sorted(set(wanted)),
        )
        remember("webhook-made", _thing(made), by=by, after=_plain(made))
    return made


def change(
    hook: Webhook,
    *,
    by: User | None,
    is_active: bool | None = None,
    wanted: Sequence[str] | None = None,
) -> None:
    """Switch a webhook on or off, or tell it of other events.

    Raises:
        InputError: An unknown event.
    """
    before = _plain(hook)
    if wanted is not None:
        _check_events(wanted)
        hook.events = sorted(set(wanted))
    if is_active is not None:
        hook.is_active = is_active
    with transaction.atomic():
        hook.save(update_fields=["events", "is_active"])
        remember("webhook-changed", _thing(hook), by=by, before=before, after=_plain(hook))


def renew_secret(hook: Webhook, *, by: User | None) -> str:
    """Give a webhook a new secret; messages are signed with it from now on."""
    with transaction.atomic():
        hook.secret = _secret()
        hook.save(update_fields=["secret"])
        remember("webhook-secret-renewed", _thing(hook), by=by)
    return hook.secret


def remove(hook: Webhook, *, by: User | None) -> None:
    """Tell an address of nothing any more, and forget what it was told."""
    with transaction.atomic():
        remember("webhook-removed", _thing(hook), by=by, before=_plain(hook))
        hook.delete()


def emit(
    event: str, facts: Mapping[str, Any], *, to: Iterable[Organisation | int | None] | None
) -> int:
    """Tell of an event, within the caller's transaction.

    Args:
        event: `<system>.<event>` of a manifest.
        facts: What happened, as plain JSON that every one told may read.
        to: Whose webhooks are told; None for everybody's, where the event is public.

    Returns:
        How many messages go out.
    """
    if event not in events():
        raise ValueError(f"no manifest has the event {event}")
    found = Webhook.objects.filter(is_active=True, organisation__is_active=True)
    if to is not None:
        numbers = {each.pk if isinstance(each, Organisation) else each for each in to}
        found = found.filter(organisation__in=numbers - {None})
    told = [hook for hook in found if not hook.events or event in hook.events]
    body = {
        "id": ids.new("event"),
        "event": event,
        "at": clock.stamp(),
        "facts": dict(facts),
    }
    with transaction.atomic():
        for hook in told:
            _queue(WebhookDelivery.objects.create(webhook=hook, event=event, body=body))
    return len(told)


def ping(hook: Webhook) -> WebhookDelivery:
    """Send a message that only tries the connection."""
    body = {"id": ids.new("event"), "event": PING, "at": clock.stamp(), "facts": {}}
    with transaction.atomic():
        made = WebhookDelivery.objects.create(webhook=hook, event=PING, body=body)
        _queue(made)
    return made


def again(delivery: WebhookDelivery) -> None:
    """Send a message once more, now.

    Raises:
        InputError: It is still on its way.
    """
    with transaction.atomic():
        waiting = JobRun.objects.filter(id=delivery.run, state__in=["queued", "running"])
        if waiting.filter(not_before_s__lte=clock.epoch_s()).exists():
            raise InputError(
                words("보내고 있는 메시지", "a message on its way"),
                words("보내기를 마친 메시지", "one whose sending has ended"),
            )
        if waiting.exists():
            leases().cancel(delivery.run)
        _queue(delivery)


def deliver(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """Send one message; the job `portal.deliver`.

    Args:
        parameters: `delivery`, the number of its row, and `run`, the run at hand.
        progress: Told when the message goes out.

    Returns:
        `status`, the receiver's, and `reason`, where none was reached.
    """
    delivery = (
        WebhookDelivery.objects.filter(pk=parameters["delivery"], run=parameters["run"])
        .select_related("webhook")
        .first()
    )
    if delivery is None or not delivery.webhook.is_active:
        return {"status": 0, "reason": "unwanted"}
    progress(0.2, words("메시지를 보냅니다.", "Sending the message."))
    reached = receiver.send(delivery.webhook.url, *_message(delivery))
    with transaction.atomic():
        _take_note(delivery, reached)
    return reached._asdict()


def _message(delivery: WebhookDelivery) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Madang-Webhook/1",
        "Madang-Event": delivery.event,
        "Madang-Delivery": str(delivery.pk),
        webhook.HEADER: webhook.sign(delivery.webhook.secret, body, now_s=int(clock.epoch_s())),
        "Connection": "close",
    }
    return body, headers


def _take_note(delivery: WebhookDelivery, reached: receiver.Reached) -> None:
    """How the sending went, and what follows."""
    delivery.status, delivery.tries = reached.status, delivery.tries + 1
    delivery.is_done = 200 <= reached.status < 300
    delivery.save(update_fields=["status", "tries", "is_done"])
    hook = delivery.webhook
    if delivery.is_done:
        return
    if reached.status == GONE:
        change(hook, by=None, is_active=False)
    elif delivery.tries <= len(PAUSES_S):
        _queue(delivery, pause_s=PAUSES_S[delivery.tries - 1])
    elif _is_dead(hook):
        change(hook, by=None, is_active=False)


def _is_dead(hook: Webhook) -> bool:
    since = clock.now() - DEAD_AFTER
    taken = WebhookDelivery.objects.filter(webhook=hook, is_done=True, created__gte=since)
    return hook.created < since and not taken.exists()


def _queue(delivery: WebhookDelivery, *, pause_s: float = 0.0) -> None:
    """One more try of a message."""
    run = f"deliver-{delivery.pk}-{ids.new('try').partition('-')[2]}"
    leases().enqueue(run, JOB, {"delivery": delivery.pk}, attempts=3, limit_s=60.0)
    JobRun.objects.filter(id=run).update(
        owner_id=delivery.webhook.organisation_id, not_before_s=clock.epoch_s() + pause_s
    )
    delivery.run = run
    delivery.save(update_fields=["run"])


def _check_events(wanted: Sequence[str]) -> None:
    known = events()
    if unknown := sorted(set(wanted) - set(known)):
        listed = ", ".join(ascii(each)[:60] for each in unknown[:5])
        raise InputError(
            words(f"없는 이벤트 {listed}", f"the events {listed}"),
            words(f"다음 이벤트: {', '.join(known)}", f"events of: {', '.join(known)}"),
        )


def _secret() -> str:
    return "whs_" + secrets.token_urlsafe(32)


def _thing(hook: Webhook) -> str:
    return f"webhook/{hook.pk}"


def _plain(hook: Webhook) -> dict[str, Any]:
    return {"url": hook.url, "events": hook.events, "is_active": hook.is_active}
