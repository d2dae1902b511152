"""With which right does a program act for an organisation? Tokens: made once, shown once.

A token reads `mdg_<prefix>_<secret>`. The prefix finds its row; of the secret, which has 256
random bits, only the SHA-256 digest is kept: a slow hash protects guessable secrets, which this
is not. A token acts in its maker's name, for one organisation, with a part of the maker's rights
there, and loses them when the maker does.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import Access
from madang.portal.log import remember
from madang.portal.models import ApiToken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.portal.models import Organisation, User

RIGHT = "portal.tokens"
DAYS = (30, 90, 365)
"""How long a token may live; one that never ends is never looked at again."""
MOST = 50
"""Living tokens of one organisation."""
SEEN_EVERY = timedelta(minutes=1)
"""Its last use is written down no more often than this."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TOKEN = re.compile(r"mdg_([0-9a-z]{10})_([0-9a-z]{52})")


class Minted(NamedTuple):
    """A new token, and its text, which nobody will see again."""

    token: ApiToken
    text: str


def mint(
    organisation: Organisation, *, name: str, rights: Sequence[str], days: int, by: User
) -> Minted:
    """Make a token for an organisation in the maker's name.

    Args:
        organisation: For whom it acts.
        name: What it is used for, such as the name of a build server.
        rights: What it may do: a part of what its maker may do there; all of it where empty.
        days: How long it lives, one of `DAYS`.
        by: Its maker.

    Raises:
        InputError: No name, another number of days, rights that the maker does not have, or too
            many tokens.
    """
    _check(organisation, name=name, rights=rights, days=days, by=by)
    prefix, secret = _random(10), _random(52)
    now = clock.now()
    with transaction.atomic():
        token = ApiToken.objects.create(
            organisation=organisation,
            user=by,
            name=name.strip(),
            prefix=prefix,
            secret=_digest(secret),
            rights=sorted(set(rights)),
            created=now,
            expires=now + timedelta(days=days),
        )
        remember(
            "token-made",
            _thing(token),
            by=by,
            after={"organisation": organisation.slug, "name": token.name, "rights": token.rights},
            person=by,
        )
    return Minted(token, f"mdg_{prefix}_{secret}")


def grantable(user: User, organisation: Organisation) -> list[str]:
    """The rights that a person can give to a token for an organisation, by name."""
    memberships = [
        each for each in Access(user).memberships if each.organisation_id == organisation.pk
    ]
    return sorted(
        {
            right
            for each in memberships
            for right in (*each.role.rights, *each.role.rights_everywhere)
        }
    )


def holder(text: str) -> ApiToken | None:
    """The living token of this text; None where there is none, or it has ended."""
    found = _TOKEN.fullmatch(text)
    if not found:
        return None
    prefix, secret = found.groups()
    token = ApiToken.objects.filter(prefix=prefix).select_related("user", "organisation").first()
    if token is None or not secrets.compare_digest(token.secret, _digest(secret)):
        return None
    if not is_living(token) or not (token.user.is_active and token.organisation.is_active):
        return None
    _seen(token)
    return token


def is_living(token: ApiToken) -> bool:
    """Whether it was neither revoked nor has run out."""
    return token.revoked is None and (token.expires is None or clock.now() < token.expires)


def revoke(token: ApiToken, *, by: User | None) -> None:
    """End a token at once; one that has ended stays as it is."""
    with transaction.atomic():
        ended = ApiToken.objects.filter(pk=token.pk, revoked=None).update(revoked=clock.now())
        if ended:
            remember("token-revoked", _thing(token), by=by)


def _check(
    organisation: Organisation, *, name: str, rights: Sequence[str], days: int, by: User
) -> None:
    if not name.strip() or len(name) > 60 or not name.isprintable():
        raise InputError(
            words(f"토큰 이름 {ascii(name)[:60]}", f"the token's name {ascii(name)[:60]}"),
            words("60자 이하의 이름", "a name of up to 60 characters"),
        )
    if days not in DAYS:
        raise InputError(
            words(f"사용 기간 {days}일", f"a lifetime of {days} days"),
            words(f"{_listed(DAYS)}일 가운데 하나", f"one of {_listed(DAYS)} days"),
        )
    held = set(grantable(by, organisation))
    if RIGHT not in held:
        raise InputError(
            words("토큰을 관리할 수 없는 기관", "an organisation whose tokens you do not manage"),
            words("토큰 관리 권한", "the right to manage its tokens"),
        )
    if foreign := sorted(set(rights) - held):
        raise InputError(
            words(f"부여할 수 없는 권한 {_listed(foreign)}", f"the rights {_listed(foreign)}"),
            words("자신이 이 기관에서 가진 권한", "rights that you have in this organisation"),
        )
    living = ApiToken.objects.filter(
        organisation=organisation, revoked=None, expires__gt=clock.now()
    )
    if living.count() >= MOST:
        raise InputError(
            words(f"이미 쓰고 있는 토큰 {MOST}개", f"{MOST} tokens in use"),
            words(f"기관마다 {MOST}개 이하", f"at most {MOST} for an organisation"),
            words("쓰지 않는 토큰을 폐기하십시오.", "Revoke those that nothing uses."),
        )


def _seen(token: ApiToken) -> None:
    now = clock.now()
    if token.last_used is None or now - token.last_used >= SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values)


def _thing(token: ApiToken) -> str:
    return f"token/{token.prefix}"
