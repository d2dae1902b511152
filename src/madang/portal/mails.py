"""What does the site write to people? Every letter, short, in both languages.

A letter holds no secret but the link that it is about, and says what happens if it is ignored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from madang.kernel.words import Language, Words, language, words

if TYPE_CHECKING:
    from collections.abc import Mapping


class Letter(NamedTuple):
    """Subject and text; braces are filled from what the letter is about."""

    subject: Words
    text: Words


_IGNORE = words(
    "요청한 적이 없으면 이 메일을 지우십시오. 아무 일도 일어나지 않습니다.",
    "If you did not ask for this, delete this mail: nothing will happen.",
)
_CONFIRM = Letter(
    words("이메일 주소를 확인하십시오", "Confirm your address"),
    words(
        "아래 주소를 열고 ‘확인하기’를 누르십시오. 사흘 동안 쓸 수 있습니다.\n\n{activate_url}\n\n"
        + _IGNORE.ko,
        "Open this address within three days and press “Confirm”.\n\n{activate_url}\n\n"
        + _IGNORE.en,
    ),
)
ACCOUNT = "account/email"
LETTERS: Mapping[str, Letter] = {
    f"{ACCOUNT}/email_confirmation": _CONFIRM,
    f"{ACCOUNT}/email_confirmation_signup": _CONFIRM,
    f"{ACCOUNT}/account_already_exists": Letter(
        words("이미 계정이 있습니다", "You have an account already"),
        words(
            "이 주소({email})로 가입하려는 요청을 받았습니다. 이미 계정이 있습니다."
            " 비밀번호를 잊었으면 아래에서 다시 정하십시오.\n\n{password_reset_url}\n\n"
            + _IGNORE.ko,
            "Somebody asked for a new account with this address ({email}), which has one already."
            " Whoever forgot the password can set a new one here:\n\n{password_reset_url}\n\n"
            + _IGNORE.en,
        ),
    ),
    f"{ACCOUNT}/unknown_account": Letter(
        words("이 주소로 가입한 계정이 없습니다", "No account has this address"),
        words(
            "이 주소({email})의 비밀번호를 다시 정하려는 요청을 받았으나, 계정이 없습니다."
            " 계정은 아래에서 만들 수 있습니다.\n\n{signup_url}\n\n" + _IGNORE.ko,
            "Somebody asked for a new password for this address ({email}), which has no account."
            " You can make one here:\n\n{signup_url}\n\n" + _IGNORE.en,
        ),
    ),
    f"{ACCOUNT}/password_reset_key": Letter(
        words("비밀번호를 다시 정하십시오", "Set a new password"),
        words(
            "아래 주소에서 새 비밀번호를 정하십시오. 한 번만 쓸 수 있습니다.\n\n"
            "{password_reset_url}\n\n" + _IGNORE.ko,
            "Set a new password here. The link works once.\n\n{password_reset_url}\n\n"
            + _IGNORE.en,
        ),
    ),
    "invitation": Letter(
        words("{organisation_ko}에 초대합니다", "An invitation from {organisation_en}"),
        words(
            "{by} 님이 {organisation_ko}에 ‘{role_ko}’ 역할로 초대하였습니다. 14일 안에 아래"
            " 주소를 열고 수락하십시오.\n\n{url}\n\n아는 일이 아니면 이 메일을 지우십시오.",
            "{by} invites you to act for {organisation_en} as {role_en}. Open this address within"
            " 14 days to accept.\n\n{url}\n\nIf this means nothing to you, delete this mail.",
        ),
    ),
}
"""Name of a letter → what it says."""

NOTICES: Mapping[str, Words] = {
    f"{ACCOUNT}/email_changed": words(
        "이메일을 {from_email}에서 {to_email}(으)로 바꾸었습니다.",
        "The address was changed from {from_email} to {to_email}.",
    ),
    f"{ACCOUNT}/email_confirm": words(
        "이메일 주소를 확인하였습니다.", "The address was confirmed."
    ),
    f"{ACCOUNT}/email_deleted": words(
        "이메일 {deleted_email}을(를) 지웠습니다.", "The address {deleted_email} was removed."
    ),
    f"{ACCOUNT}/password_changed": words("비밀번호를 바꾸었습니다.", "The password was changed."),
    f"{ACCOUNT}/password_reset": words(
        "비밀번호를 다시 정하였습니다.", "A new password was set by the link in a mail."
    ),
    f"{ACCOUNT}/password_set": words("비밀번호를 정하였습니다.", "A password was set."),
    "mfa/email/recovery_codes_generated": words(
        "새 복구 코드를 만들었습니다. 전에 받은 코드는 쓸 수 없습니다.",
        "New recovery codes were made; those from before are void.",
    ),
    "mfa/email/totp_activated": words(
        "2단계 인증을 켰습니다.", "The second factor was switched on."
    ),
    "mfa/email/totp_deactivated": words(
        "2단계 인증을 껐습니다.", "The second factor was switched off."
    ),
    "socialaccount/email/account_connected": words(
        "{provider} 계정을 연결하였습니다.", "An account of {provider} was connected."
    ),
    "socialaccount/email/account_disconnected": words(
        "{provider} 계정을 끊었습니다.", "An account of {provider} was disconnected."
    ),
}
"""Name of a notice → what was changed in somebody's account."""

_NOTICE = Letter(
    words("계정이 바뀌었습니다", "Your account was changed"),
    words(
        "{change}\n\n언제: {at}\n어디에서: {ip}\n무엇으로: {user_agent}\n\n"
        "직접 한 일이 아니면 바로 비밀번호를 바꾸고 운영자에게 알리십시오.",
        "{change}\n\nWhen: {at}\nFrom: {ip}\nWith: {user_agent}\n\n"
        "If this was not you, change your password now and tell the operator.",
    ),
)


def letter(name: str, to: str | list[str], about: Mapping[str, Any]) -> EmailMessage:
    """A letter in the reader's language.

    Args:
        name: One of `LETTERS` or `NOTICES`.
        to: Its receivers.
        about: What fills its braces.
    """
    tongue = language()
    if name in NOTICES:
        at = timezone.localtime(about["timestamp"]).strftime("%Y-%m-%d %H:%M %Z")
        change = _filled(NOTICES[name].within(tongue), about)
        return _message(_NOTICE, to, {**about, "change": change, "at": at}, (tongue,))
    return _message(LETTERS[name], to, about, (tongue,))


def in_both(name: str, to: str, about: Mapping[str, Any]) -> EmailMessage:
    """A letter to somebody whose language is not known."""
    return _message(LETTERS[name], [to], about, ("ko", "en"))


def _message(
    letter: Letter, to: str | list[str], about: Mapping[str, Any], tongues: tuple[Language, ...]
) -> EmailMessage:
    said = [_filled(letter.subject.within(each), about) for each in tongues]
    name = words(*settings.SITE_NAME)
    # What people wrote stands in some subjects; a line break there would begin a new header.
    subject = " ".join(f"[{name.within(tongues[0])}] {' · '.join(said)}".split())
    text = "\n\n――――\n\n".join(_filled(letter.text.within(each), about) for each in tongues)
    return EmailMessage(
        subject=subject, body=text + "\n", to=[to] if isinstance(to, str) else list(to)
    )


def _filled(text: str, about: Mapping[str, Any]) -> str:
    """The text with its braces filled, once: what fills them is not looked into again."""
    return re.sub(r"\{(\w+)\}", lambda found: str(about[found[1]]), text)
