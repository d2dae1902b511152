"""The pages on which people look after programs: tokens, webhooks and their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal import tokens, webhooks
from madang.portal.access import needs, of
from madang.portal.forms.programs import TokenForm, WebhookForm
from madang.portal.limits import limited
from madang.portal.models import ApiToken, Organisation, Webhook, WebhookDelivery

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest, HttpResponse

RIGHT = tokens.RIGHT
ON_A_PAGE = 20


def _of_token(token: int) -> list[Organisation | int | None]:
    return _owner(ApiToken, token)


def _of_webhook(webhook: int, **_: Any) -> list[Organisation | int | None]:
    return _owner(Webhook, webhook)


def _owner(kind: type[ApiToken] | type[Webhook], number: int) -> list[Any]:
    owner = kind._default_manager.filter(pk=number).values_list("organisation", flat=True).first()
    if owner is None:
        raise Http404
    return [owner]


@needs(RIGHT)
def programs(request: HttpRequest) -> HttpResponse:
    """The tokens and webhooks of the organisations one acts for."""
    organisations = of(request).acting_for(RIGHT)
    living = ApiToken.objects.filter(
        organisation__in=organisations, revoked=None, expires__gt=clock.now()
    ).select_related("organisation", "user")
    hooks = Webhook.objects.filter(organisation__in=organisations).select_related("organisation")
    context = {"tokens": living, "hooks": hooks, "several": len(organisations) > 1}
    return render(request, "portal/programs/programs.html", context)


@never_cache
@needs(RIGHT)
@limited("token", "30/h")
@require_http_methods(["GET", "POST"])
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    user = of(request).user
    assert user is not None, "the view needs somebody signed in"
    organisations = of(request).acting_for(RIGHT)
    form = TokenForm(request.POST or None, organisations=organisations, by=user)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = tokens.mint(
                form.chosen,
                name=values["name"],
                rights=values["rights"],
                days=values["days"],
                by=user,
            )
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            shown = {"token": made.token, "text": made.text, "site": _site(request)}
            return render(request, "portal/programs/token_made.html", shown)
    return _asked(request, "portal/programs/token_form.html", form)


@needs(RIGHT, owners=_of_token)
@require_http_methods(["GET", "POST"])
def revoke_token(request: HttpRequest, token: int) -> HttpResponse:
    """End a token."""
    row = ApiToken.objects.select_related("organisation", "user").get(pk=token)
    if request.method == "POST":
        tokens.revoke(row, by=of(request).user)
        return HttpResponseRedirect(reverse("programs"))
    context = {
        "title": words("토큰 폐기", "Revoke a token"),
        "sentence": words(
            f"‘{row.name}’ 토큰을 쓰는 프로그램은 바로 거절됩니다. 되돌릴 수 없습니다.",
            f"Programs that use “{row.name}” are refused from now on. This cannot be undone.",
        ),
        "facts": [
            (words("기관", "Organisation"), row.organisation.name),
            (words("만든 사람", "Made by"), row.user),
            (words("앞자리", "Prefix"), f"mdg_{row.prefix}"),
        ],
        "act": words("폐기하기", "Revoke"),
        "back": reverse("programs"),
        "is_danger": True,
    }
    return render(request, "portal/parts/confirm.html", context)


@never_cache
@needs(RIGHT)
@limited("webhook", "30/h")
@require_http_methods(["GET", "POST"])
def new_webhook(request: HttpRequest) -> HttpResponse:
    """Make a webhook and show its secret, this once."""
    form = WebhookForm(request.POST or None, organisations=of(request).acting_for(RIGHT))
    if request.method == "POST" and form.is_valid():
        values, user = form.cleaned_data, of(request).user
        assert user is not None, "the view needs somebody signed in"
        try:
            made = webhooks.register(
                form.chosen, url=values["url"], wanted=values["events"], by=user
            )
        except InputError as fault:
            form.add_error("url", str(fault))
        else:
            return _with_secret(request, made)
    return _asked(request, "portal/programs/webhook_form.html", form)


@needs(RIGHT, owners=_of_webhook)
def webhook(request: HttpRequest, webhook: int) -> HttpResponse:
    """One webhook and its messages."""
    hook = Webhook.objects.select_related("organisation").get(pk=webhook)
    found = WebhookDelivery.objects.filter(webhook=hook).order_by("-pk")
    titles = webhooks.events()
    context = {
        "hook": hook,
        "events": [titles.get(name, name) for name in hook.events],
        "titles": titles,
        "page": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "portal/programs/webhook.html", context)


@needs(RIGHT, owners=_of_webhook)
@limited("ping", "60/h")
@require_POST
def ping(request: HttpRequest, webhook: int) -> HttpResponse:
    """Send a message that tries the connection."""
    webhooks.ping(Webhook.objects.get(pk=webhook))
    return _to(webhook)


@needs(RIGHT, owners=_of_webhook)
@require_POST
def switch(request: HttpRequest, webhook: int) -> HttpResponse:
    """Switch a webhook on or off."""
    hook = Webhook.objects.get(pk=webhook)
    webhooks.change(hook, by=of(request).user, is_active="on" in request.POST)
    return _to(webhook)


@never_cache
@needs(RIGHT, owners=_of_webhook)
@require_POST
def new_secret(request: HttpRequest, webhook: int) -> HttpResponse:
    """Give a webhook a new secret and show it, this once."""
    hook = Webhook.objects.select_related("organisation").get(pk=webhook)
    webhooks.renew_secret(hook, by=of(request).user)
    return _with_secret(request, hook)


@needs(RIGHT, owners=_of_webhook)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, webhook: int) -> HttpResponse:
    """Remove a webhook."""
    hook = Webhook.objects.select_related("organisation").get(pk=webhook)
    if request.method == "POST":
        webhooks.remove(hook, by=of(request).user)
        return HttpResponseRedirect(reverse("programs"))
    context = {
        "title": words("웹훅 삭제", "Remove a webhook"),
        "sentence": words(
            "이 주소로 더는 알리지 않고, 보낸 메시지의 목록도 지웁니다.",
            "This address is told of nothing any more, and the list of its messages goes too.",
        ),
        "facts": [
            (words("기관", "Organisation"), hook.organisation.name),
            (words("받는 주소", "Receiver's address"), hook.url),
        ],
        "act": words("삭제하기", "Remove"),
        "back": reverse("webhook", args=[hook.pk]),
        "is_danger": True,
    }
    return render(request, "portal/parts/confirm.html", context)


@needs(RIGHT, owners=_of_webhook)
@limited("ping", "60/h")
@require_POST
def retry(request: HttpRequest, webhook: int, delivery: int) -> HttpResponse:
    """Send a message once more."""
    row = WebhookDelivery.objects.filter(pk=delivery, webhook=webhook).first()
    if row is None:
        raise Http404
    webhooks.again(row)
    return _to(webhook)


def _asked(request: HttpRequest, template: str, form: Form) -> HttpResponse:
    return render(request, template, {"form": form}, status=422 if form.errors else 200)


def _with_secret(request: HttpRequest, hook: Webhook) -> HttpResponse:
    return render(request, "portal/programs/webhook_made.html", {"hook": hook})


def _to(webhook: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("webhook", args=[webhook]))


def _site(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


urlpatterns = [
    path("", programs, name="programs"),
    path("tokens/new", new_token, name="new-token"),
    path("tokens/<int:token>/revoke", revoke_token, name="revoke-token"),
    path("webhooks/new", new_webhook, name="new-webhook"),
    path("webhooks/<int:webhook>", webhook, name="webhook"),
    path("webhooks/<int:webhook>/ping", ping, name="ping-webhook"),
    path("webhooks/<int:webhook>/switch", switch, name="switch-webhook"),
    path("webhooks/<int:webhook>/secret", new_secret, name="renew-webhook-secret"),
    path("webhooks/<int:webhook>/remove", remove, name="remove-webhook"),
    path("webhooks/<int:webhook>/messages/<int:delivery>/retry", retry, name="retry-delivery"),
]
