"""What may a program ask the portal itself? Who it is, its token, its organisation's webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status
from pydantic import BaseModel, Field, StringConstraints

from madang.portal import tokens, webhooks
from madang.portal.access import check, of
from madang.portal.api.pages import After, Limit, Page, page
from madang.portal.api.shapes import Body, Number, Taken, Words
from madang.portal.models import ApiToken, Webhook, WebhookDelivery

if TYPE_CHECKING:
    from madang.portal.models import User

router = Router()


class Me(BaseModel):
    """Who calls, and what it may do."""

    organisation: Body
    person: str = Field(description="토큰을 만든 사람 · Who made the token")
    token: str
    rights: list[str]
    expires: datetime | None


class Event(BaseModel):
    """Something that a webhook can be told of."""

    event: str
    title: Words


class Hook(BaseModel):
    """Where an organisation wants to be told of events."""

    id: int
    url: str
    events: list[str] = Field(description="비어 있으면 모든 이벤트 · All events where empty")
    is_active: bool
    created: datetime

    @classmethod
    def of(cls, row: Webhook) -> Hook:
        """From its row."""
        return cls(
            id=row.pk, url=row.url, events=row.events, is_active=row.is_active, created=row.created
        )


class NewHook(Hook):
    """A webhook with its secret, which is shown now and never again."""

    secret: str


class Delivery(BaseModel):
    """One message, and how its sending went."""

    id: int
    event: str
    status: int = Field(
        description="받는 쪽의 마지막 상태 코드; 닿지 못했으면 0 · "
        "The receiver's last status; 0 where none was reached"
    )
    tries: int
    is_done: bool
    created: datetime
    body: dict[str, Any]

    @classmethod
    def of(cls, row: WebhookDelivery) -> Delivery:
        """From its row."""
        names = ("event", "status", "tries", "is_done", "created", "body")
        return cls(id=row.pk, **{name: getattr(row, name) for name in names})


EventName = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Events = Annotated[list[EventName], Field(max_length=100)]


class HookWanted(Taken):
    """A webhook to be made."""

    url: Annotated[str, StringConstraints(min_length=8, max_length=500)]
    events: Events = []


class HookChange(Taken):
    """What is to be different."""

    is_active: bool | None = None
    events: Events | None = None


@router.get("/me", response=Me)
def me(request: HttpRequest) -> Me:
    """누구의 토큰인지 · Whose token this is."""
    token = _token(request)
    access = of(request)
    held = tokens.grantable(token.user, token.organisation)
    return Me(
        organisation=Body.of(token.organisation),
        person=str(token.user),
        token=token.name,
        rights=[right for right in held if access.may(right)],
        expires=token.expires,
    )


@router.delete("/token", response={204: None})
def revoke_token(request: HttpRequest) -> Status:
    """이 토큰 폐기 · Revoke the token of this call."""
    token = _token(request)
    tokens.revoke(token, by=token.user)
    return Status(204, None)


@router.get("/events", auth=None, response=list[Event])
def events(request: HttpRequest) -> list[Event]:
    """웹훅 이벤트 목록 · The events that webhooks are told of."""
    return [Event(event=name, title=Words.of(title)) for name, title in webhooks.events().items()]


@router.get("/webhooks", response=list[Hook])
def list_webhooks(request: HttpRequest) -> list[Hook]:
    """웹훅 목록 · The organisation's webhooks."""
    token = _token(request)
    check(of(request), webhooks.RIGHT)
    found = Webhook.objects.filter(organisation=token.organisation)
    return [Hook.of(row) for row in found[: webhooks.MOST]]


@router.post("/webhooks", response={201: NewHook})
def make_webhook(request: HttpRequest, wanted: HookWanted) -> Status:
    """웹훅 등록 · Make a webhook."""
    token = _token(request)
    check(of(request), webhooks.RIGHT)
    made = webhooks.register(
        token.organisation, url=wanted.url, wanted=wanted.events, by=token.user
    )
    return Status(201, _with_secret(made))


@router.get("/webhooks/{number}", response=Hook)
def get_webhook(request: HttpRequest, number: Number) -> Hook:
    """웹훅 보기 · One webhook."""
    return Hook.of(_hook(request, number))


@router.patch("/webhooks/{number}", response=Hook)
def change_webhook(request: HttpRequest, number: Number, change: HookChange) -> Hook:
    """웹훅 고치기 · Change a webhook."""
    hook = _hook(request, number)
    webhooks.change(hook, by=_user(request), is_active=change.is_active, wanted=change.events)
    return Hook.of(hook)


@router.delete("/webhooks/{number}", response={204: None})
def remove_webhook(request: HttpRequest, number: Number) -> Status:
    """웹훅 삭제 · Remove a webhook."""
    webhooks.remove(_hook(request, number), by=_user(request))
    return Status(204, None)


@router.post("/webhooks/{number}/secret", response=NewHook)
def renew_webhook_secret(request: HttpRequest, number: Number) -> NewHook:
    """웹훅 비밀값 바꾸기 · Give a webhook a new secret."""
    hook = _hook(request, number)
    webhooks.renew_secret(hook, by=_user(request))
    return _with_secret(hook)


@router.post("/webhooks/{number}/ping", response={202: Delivery})
def ping_webhook(request: HttpRequest, number: Number) -> Status:
    """시험 메시지 보내기 · Send a test message."""
    return Status(202, Delivery.of(webhooks.ping(_hook(request, number))))


@router.get("/webhooks/{number}/deliveries", response=Page[Delivery])
def list_deliveries(
    request: HttpRequest,
    response: HttpResponse,
    number: Number,
    limit: Limit = 20,
    after: After = "",
) -> Page[Delivery]:
    """보낸 메시지 목록 · The messages of a webhook."""
    found = WebhookDelivery.objects.filter(webhook=_hook(request, number))
    return page(request, response, found, Delivery.of, limit=limit, after=after)


@router.post("/webhooks/{number}/deliveries/{delivery}/retry", response={202: Delivery})
def retry_delivery(request: HttpRequest, number: Number, delivery: Number) -> Status:
    """메시지 다시 보내기 · Send a message again."""
    found = (
        WebhookDelivery.objects.filter(webhook=_hook(request, number), pk=delivery)
        .select_related("webhook")
        .first()
    )
    if found is None:
        raise Http404
    webhooks.again(found)
    return Status(202, Delivery.of(found))


def _token(request: HttpRequest) -> ApiToken:
    token = of(request).token
    assert token is not None, "an operation without a token has auth=None"
    return token


def _user(request: HttpRequest) -> User:
    return _token(request).user


def _hook(request: HttpRequest, number: int) -> Webhook:
    """The organisation's webhook of this number.

    Raises:
        Http404: It has none such.
    """
    check(of(request), webhooks.RIGHT)
    found = Webhook.objects.filter(pk=number, organisation=_token(request).organisation).first()
    if found is None:
        raise Http404
    return found


def _with_secret(hook: Webhook) -> NewHook:
    return NewHook(**Hook.of(hook).model_dump(), secret=hook.secret)
