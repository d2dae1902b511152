"""How does somebody come in? allauth's doors, with the house's words, limits and records."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.functional import lazystr

from madang.kernel.words import Words, words
from madang.portal import limits, logs, mails
from madang.portal.forms.sign_in import keep_name
from madang.portal.log import remember

if TYPE_CHECKING:
    from collections.abc import Mapping

    from allauth.socialaccount.models import SocialLogin
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
    from django.core.mail import EmailMessage
    from django.http import HttpRequest, HttpResponse

    from madang.portal.models import User


DONE: Mapping[str, Words] = {
    "email_confirmation_failed": words(
        "{email}은(는) 다른 계정에서 이미 확인한 주소입니다.",
        "{email} was confirmed by another account already.",
    ),
    "email_confirmation_sent": words(
        "{email}에 확인 메일을 보냈습니다.", "A mail went to {email} to confirm it."
    ),
    "email_confirmed": words(
        "{email}을(를) 확인했습니다. 이제 로그인할 수 있습니다.",
        "{email} is confirmed. You can sign in.",
    ),
    "email_deleted": words("{email}을(를) 지웠습니다.", "{email} was removed."),
    "logged_out": words("로그아웃했습니다.", "You have signed out."),
    "password_changed": words("비밀번호를 바꾸었습니다.", "The password was changed."),
    "password_set": words("비밀번호를 정했습니다.", "The password was set."),
    "primary_email_set": words("이메일을 바꾸었습니다.", "The address was changed."),
    "unverified_primary_email": words(
        "먼저 이메일을 확인하십시오.", "Confirm your address first."
    ),
    "recovery_codes_generated": words(
        "새 복구 코드를 만들었습니다.", "New recovery codes were made."
    ),
    "totp_activated": words("2단계 인증을 켰습니다.", "The second factor is on."),
    "totp_deactivated": words("2단계 인증을 껐습니다.", "The second factor is off."),
    "account_connected": words("계정을 연결했습니다.", "The account was connected."),
    "account_connected_updated": words("계정을 연결했습니다.", "The account was connected."),
    "account_connected_other": words(
        "다른 계정에 연결되어 있습니다.", "It is connected to another account."
    ),
    "account_disconnected": words("연결을 끊었습니다.", "The account was disconnected."),
    "sessions_logged_out": words(
        "다른 곳에서는 모두 로그아웃했습니다.", "Everywhere else is signed out."
    ),
}
"""Name of what allauth has done → what is said of it; of a sign-in nothing, one sees it."""


def _said(texts: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    return {code: lazystr(words(ko, en)) for code, (ko, en) in texts.items()}


class AccountAdapter(DefaultAccountAdapter):
    """Signing in by address and password."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | _said(
        {
            "account_inactive": ("닫힌 계정입니다.", "This account is closed."),
            "duplicate_email": (
                "이미 이 계정에서 쓰는 이메일입니다.",
                "This account has that address already.",
            ),
            "email_password_mismatch": (
                "이메일 또는 비밀번호가 맞지 않습니다.",
                "The address or the password is not right.",
            ),
            "email_taken": (
                "다른 계정에서 쓰는 이메일입니다.",
                "Another account has that address.",
            ),
            "enter_current_password": (
                "지금 비밀번호가 맞지 않습니다.",
                "The present password is not right.",
            ),
            "incorrect_code": (
                "인증번호가 맞지 않습니다. 앱에 보이는 번호를 다시 확인하십시오.",
                "The code is not right. Look again at the one your app shows.",
            ),
            "incorrect_password": (
                "비밀번호가 맞지 않습니다.",
                "The password is not right.",
            ),
            "invalid_or_expired_key": (
                "쓸 수 없는 링크입니다. 새 링크를 받으십시오.",
                "The link does not work any more. Ask for a new one.",
            ),
            "invalid_login": ("로그인하지 못했습니다.", "This did not sign you in."),
            "invalid_password_reset": (
                "쓸 수 없는 링크입니다. 새 링크를 받으십시오.",
                "The link does not work any more. Ask for a new one.",
            ),
            "too_many_login_attempts": (
                "로그인에 여러 번 실패했습니다. 5분 뒤에 다시 시도하십시오.",
                "Too many failed attempts. Try again in five minutes.",
            ),
            "unverified_primary_email": (
                "먼저 이메일을 확인하십시오.",
                "Confirm your address first.",
            ),
            "same_as_current": (
                "지금 것과 다른 값을 쓰십시오.",
                "Write something other than the present one.",
            ),
            "rate_limited": (
                "짧은 시간에 너무 많이 요청하였습니다. 잠시 뒤에 다시 시도하십시오.",
                "Too many requests in a short time. Try again in a while.",
            ),
        }
    )

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """A letter of the house's own."""
        return mails.letter(template_prefix, email, context)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Say on the next page what was done."""
        said = DONE.get((message_template or "").rpartition("/")[2].removesuffix(".txt"))
        if said:
            email = (message_context or {}).get("email", "")
            messages.add_message(request, level, str(said).replace("{email}", email))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where a request comes from, as the limits see it."""
        return limits.address(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the account."""
        return reverse("account")

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, Any]]:
        """Ways to prove once more who one is."""
        said: dict[str, Words] = {
            "reauthenticate": words("비밀번호로 확인하기", "Confirm by password"),
            "mfa_reauthenticate": words("인증번호로 확인하기", "Confirm by code"),
        }
        return [
            each | {"description": str(said.get(each["id"], each["description"]))}
            for each in super().get_reauthentication_methods(user)
        ]

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note it for who watches over the site; never with what was typed."""
        logs.line("sign-in failed", level=logging.WARNING)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Remember who came in."""
        remember("signed-in", f"user/{user.pk}", by=user, how="account")
        return super().post_login(request, user, **kwargs)


class OutsideAdapter(DefaultSocialAccountAdapter):
    """Signing in by an OpenID provider."""

    error_messages: ClassVar[dict[str, Any]] = DefaultSocialAccountAdapter.error_messages | _said(
        {
            "email_taken": (
                "이 이메일을 쓰는 계정이 있습니다. 그 계정으로 로그인한 뒤 %s을(를) 연결하십시오.",
                "An account has that address. Sign in to it first, then connect %s.",
            ),
            "no_password": (
                "계정에 비밀번호가 없습니다. 먼저 비밀번호를 정하십시오.",
                "Your account has no password. Set one first.",
            ),
            "no_verified_email": (
                "먼저 이메일을 확인하십시오.",
                "Confirm your address first.",
            ),
            "disconnect_last": (
                "마지막 로그인 방법은 끊을 수 없습니다. 먼저 비밀번호를 정하십시오.",
                "The last way to sign in cannot be removed. Set a password first.",
            ),
            "connected_other": (
                "다른 계정에 연결되어 있습니다.",
                "It is connected to another account.",
            ),
        }
    )

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Take over the name that the provider tells."""
        user: User = super().populate_user(request, sociallogin, data)
        whole = f"{data.get('first_name') or ''} {data.get('last_name') or ''}"
        user.name = str(data.get("name") or whole).strip()[:100]
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """A person who comes for the first time."""
        user: User = super().save_user(request, sociallogin, form)
        if form is None:
            keep_name(request, user, user.name)
        return user


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second factor; its secrets lie encrypted in the database."""

    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | _said(
        {
            "add_email_blocked": (
                "2단계 인증을 쓰는 계정에는 이메일을 더할 수 없습니다.",
                "No address can be added to an account with a second factor.",
            ),
            "cannot_generate_recovery_codes": (
                "먼저 2단계 인증을 켜십시오.",
                "Switch the second factor on first.",
            ),
            "incorrect_code": (
                "인증번호가 맞지 않습니다. 앱에 보이는 번호를 다시 확인하십시오.",
                "The code is not right. Look again at the one your app shows.",
            ),
            "unverified_email": (
                "이메일을 확인한 뒤에 2단계 인증을 켤 수 있습니다.",
                "Confirm your address before you switch the second factor on.",
            ),
        }
    )

    def build_totp_svg(self, url: str) -> str:
        """The picture for the app, on white: on a dark page no camera would read it."""
        import qrcode
        from qrcode.image.svg import SvgPathFillImage

        return str(qrcode.make(url, image_factory=SvgPathFillImage).to_string(encoding="unicode"))

    def encrypt(self, text: str) -> str:
        """Hide a secret from who reads the database or a backup of it."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return _box().decrypt(encrypted_text.encode()).decode()


def _box() -> MultiFernet:
    """Keys made of the site's own: the present one, then those before it."""
    return MultiFernet(
        [_key(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str | bytes) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"madang second factor")
    return Fernet(base64.urlsafe_b64encode(key.derive(force_bytes(secret))))
