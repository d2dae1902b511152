"""What does signing in ask for? allauth's forms, in the house's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.socialaccount import forms as outside
from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import Words, words
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from madang.portal.models import User

    Asks: TypeAlias = Mapping[str, Words | tuple[Words, Words]]

EMAIL = words("이메일", "Email")
PASSWORD = words("비밀번호", "Password")
NEW_PASSWORD = (
    words("새 비밀번호", "New password"),
    words(
        "10자 이상입니다. 숫자로만 된 것과 흔히 쓰이는 것은 쓸 수 없습니다.",
        "At least 10 characters; not digits alone, and not one that is in common use.",
    ),
)
AGAIN = words("비밀번호 다시 입력", "The password again")
CODE = (
    words("인증번호", "Code"),
    words(
        "인증 앱에 보이는 여섯 자리 숫자, 또는 보관해 둔 복구 코드 하나",
        "The six digits that your app shows, or one of your recovery codes",
    ),
)
NAME = (
    words("이름", "Name"),
    words("다른 사람에게 이렇게 보입니다.", "This is how others see you."),
)
_DIFFERENT = words("두 비밀번호가 서로 다릅니다.", "The two passwords differ.")


class _TwicePassword(Worded):
    """A form that asks for a new password twice."""

    asks: ClassVar[Asks] = {"password1": NEW_PASSWORD, "password2": AGAIN}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean()  # type: ignore[misc]
        errors = self.errors.as_data().get("password2", [])  # type: ignore[attr-defined]
        first, second = given.get("password1"), given.get("password2")
        if errors and first and second and first != second:
            del self.errors["password2"]  # type: ignore[attr-defined]
            self.add_error("password2", str(_DIFFERENT))  # type: ignore[attr-defined]
        return given


class LoginForm(Worded, account.LoginForm):
    """Address and password."""

    asks: ClassVar[Asks] = {"login": EMAIL, "password": PASSWORD}


class SignupForm(_TwicePassword, account.SignupForm):
    """Name, address and a new password."""

    asks: ClassVar[Asks] = {
        "name": NAME,
        "email": EMAIL,
        "password1": (PASSWORD, NEW_PASSWORD[1]),
        "password2": AGAIN,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_name(self)
        self.reword()

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep what allauth does not know of."""
        keep_name(request, user, self.cleaned_data["name"])


class OutsideSignupForm(Worded, outside.SignupForm):
    """What the other provider did not tell."""

    asks: ClassVar[Asks] = {"name": NAME, "email": EMAIL}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_name(self)
        self.fields["name"].initial = self.sociallogin.user.name
        self.reword()

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep what allauth does not know of."""
        keep_name(request, user, self.cleaned_data["name"])


def _ask_name(form: forms.BaseForm) -> None:
    name = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    form.fields = {"name": name, **form.fields}


def keep_name(request: HttpRequest, user: User, name: str) -> None:
    """Note how a new person is called, and in which language they came."""
    from madang.kernel.words import language

    user.name, user.language = name.strip()[:100], language()
    user.save(update_fields=["name", "language"])


class AddEmailForm(Worded, account.AddEmailForm):
    """Another address."""

    asks: ClassVar[Asks] = {"email": words("새 이메일", "New address")}


class ChangePasswordForm(_TwicePassword, account.ChangePasswordForm):
    """The old password and a new one."""

    asks: ClassVar[Asks] = {
        "oldpassword": words("지금 비밀번호", "Present password"),
        "password1": NEW_PASSWORD,
        "password2": AGAIN,
    }


class SetPasswordForm(_TwicePassword, account.SetPasswordForm):
    """A first password."""


class ResetPasswordForm(Worded, account.ResetPasswordForm):
    """Where the link is sent."""

    asks: ClassVar[Asks] = {"email": EMAIL}


class ResetPasswordKeyForm(_TwicePassword, account.ResetPasswordKeyForm):
    """A new password, for who has the link."""


class ReauthenticateForm(Worded, account.ReauthenticateForm):
    """The password once more, before something that matters."""

    asks: ClassVar[Asks] = {"password": PASSWORD}


class _Code(Worded):
    asks: ClassVar[Asks] = {"code": CODE}

    def reword(self) -> None:
        super().reword()
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "spellcheck": "false"}


class AuthenticateForm(_Code, mfa.AuthenticateForm):
    """The second factor."""


class CodeAgainForm(_Code, mfa.ReauthenticateForm):
    """The second factor once more, before something that matters."""


class ActivateForm(_Code, totp.ActivateTOTPForm):
    """The first code of a new app."""

    asks: ClassVar[Asks] = {
        "code": (
            words("인증번호", "Code"),
            words("앱에 보이는 여섯 자리 숫자", "The six digits that the app shows"),
        )
    }


class DisconnectForm(Worded, outside.DisconnectForm):
    """Which outside account no longer signs in."""

    asks: ClassVar[Asks] = {"account": words("끊을 계정", "Account to disconnect")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].error_messages["required"] = lazystr(
            words("끊을 계정을 고르십시오.", "Choose which one to disconnect.")
        )
