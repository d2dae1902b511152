"""How does somebody sign in without a password on a site of development? By a link, once.

Only the SHA-256 of the secret is kept. A link works on this machine alone, and never on a site
whose settings are those of production.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.portal.log import remember
from madang.portal.models import SignInLink

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.portal.models import User

LIFE = timedelta(minutes=30)
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
"""Headers of a proxy: the reader behind it may sit anywhere."""


def are_offered() -> bool:
    """Whether this site has such links at all: never one with the cookies of production."""
    return bool(settings.SIGN_IN_LINKS) and not settings.SESSION_COOKIE_SECURE


def are_open_to(request: HttpRequest) -> bool:
    """Whether a request comes from this machine, to a site that has such links."""
    return (
        are_offered()
        and request.META.get("REMOTE_ADDR") in LOOPBACK
        and not any(name in request.headers for name in FORWARDED)
    )


def make(user: User) -> str:
    """The path of a new link that signs this person in, once, within half an hour.

    Raises:
        Unavailable: This site offers no such links.
    """
    if not are_offered():
        raise Unavailable(
            words("한 번만 쓰는 로그인 링크", "A sign-in link"),
            reason=words(
                "개발 설정에서만 쓸 수 있음", "it exists with the settings of development only"
            ),
        )
    secret = secrets.token_urlsafe(32)
    SignInLink.objects.create(user=user, secret=digest(secret), expires=clock.now() + LIFE)
    return reverse("sign-in-link", args=[secret])


def read(secret: str) -> SignInLink | None:
    """The link of this secret, while it can still be used."""
    return (
        SignInLink.objects.select_related("user")
        .filter(
            secret=digest(secret),
            used=None,
            expires__gt=clock.now(),
            user__is_active=True,
        )
        .first()
    )


@transaction.atomic
def use(secret: str) -> User | None:
    """Burn the link; who it signs in, or None where it was used, is too old or never was."""
    link = read(secret)
    # The update decides between two who press the button at once.
    if link is None or not SignInLink.objects.filter(pk=link.pk, used=None).update(
        used=clock.now()
    ):
        return None
    remember("signed-in", f"user/{link.user.pk}", by=link.user, how="link")
    return link.user


def digest(secret: str) -> str:
    """What is kept of a secret that stands in a link."""
    return hashlib.sha256(secret.encode()).hexdigest()
