"""What do accounts, organisations, their members and roles ask for?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import Words, words
from madang.portal.access import rights
from madang.portal.forms.wording import Worded
from madang.portal.models import Organisation, Role, User
from madang.portal.organisations import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Asks: TypeAlias = Mapping[str, Words | tuple[Words, Words]]

_LONG = forms.Textarea(attrs={"rows": 4})
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")


def choices(pairs: Mapping[str, Words], empty: Words | None = None) -> list[tuple[str, Any]]:
    """Choices in the reader's language."""
    found = [(value, lazystr(title)) for value, title in pairs.items()]
    return found if empty is None else [("", lazystr(empty)), *found]


class AccountForm(Worded, forms.ModelForm):
    """Name and language."""

    asks: ClassVar[Asks] = {
        "name": (
            words("이름", "Name"),
            words("다른 사람에게 이렇게 보입니다.", "This is how others see you."),
        ),
        "language": words("언어", "Language"),
    }

    class Meta:
        """What of a user."""

        model = User
        fields = ("name", "language")
        widgets: ClassVar[dict[str, Any]] = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "language": forms.RadioSelect(choices=[("ko", "한국어"), ("en", "English")]),
        }


_ORGANISATION: Asks = {
    "name_ko": words("한국어 이름", "Name in Korean"),
    "name_en": words("영어 이름", "Name in English"),
    "slug": (
        words("주소에 쓰는 이름", "Name in addresses"),
        words(
            "영어 소문자, 숫자, 붙임표만 씁니다. 나중에 바꿀 수 없습니다.",
            "Lower-case letters, digits and hyphens; it cannot be changed later.",
        ),
    ),
    "kind": words("종류", "Kind"),
    "registration_number": (
        words("등록 번호", "Registration number"),
        words(
            "사업자등록번호 또는 기관 번호. 증서에 적힌 대로 씁니다.",
            "Of the business or institution, as its certificate has it.",
        ),
    ),
    "website": words("누리집", "Website"),
    "about_ko": words("한국어 소개", "About, in Korean"),
    "about_en": words("영어 소개", "About, in English"),
}


class _AboutOrganisation(Worded, forms.ModelForm):
    asks: ClassVar[Asks] = _ORGANISATION
    slug = forms.CharField(max_length=60)
    website = forms.URLField(
        required=False,
        max_length=200,
        assume_scheme="https",
        # A browser's own field for addresses refuses one without https://, which is added here.
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip()
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,59}", slug):
            raise forms.ValidationError(
                str(
                    words(
                        f"‘{slug}’은(는) 쓸 수 없습니다. 영어 소문자와 숫자, 붙임표로 두 자"
                        " 이상을 쓰십시오. 예: saebyeok-ai",
                        f"Found “{slug}”; write two or more lower-case letters, digits and"
                        " hyphens, such as saebyeok-ai.",
                    )
                )
            )
        if Organisation.objects.filter(slug=slug).exists():
            raise forms.ValidationError(
                str(
                    words(
                        f"‘{slug}’은(는) 다른 기관이 씁니다. 다른 이름을 쓰십시오.",
                        f"Another organisation has “{slug}”. Choose another.",
                    )
                )
            )
        return slug

    def clean_website(self) -> str:
        website = str(self.cleaned_data["website"])
        if website and not website.startswith(("https://", "http://")):
            raise forms.ValidationError(
                str(words("https://로 시작하는 주소를 쓰십시오.", "It must begin with https://."))
            )
        return website


class NewOrganisationForm(_AboutOrganisation):
    """An organisation that an operator makes."""

    kind = forms.ChoiceField(choices=choices(Organisation.KINDS))

    class Meta:
        """What of an organisation."""

        model = Organisation
        fields = ("name_ko", "name_en", "slug", "kind", "registration_number", "website")


class CompanyForm(_AboutOrganisation):
    """A company that registers itself."""

    class Meta:
        """What of an organisation."""

        model = Organisation
        fields = (
            "name_ko",
            "name_en",
            "slug",
            "registration_number",
            "website",
            "about_ko",
            "about_en",
        )
        widgets: ClassVar[dict[str, Any]] = {"about_ko": _LONG, "about_en": _LONG}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["registration_number"].required = True


class AboutForm(_AboutOrganisation):
    """What an organisation says of itself."""

    slug = None  # type: ignore[assignment]

    class Meta:
        """What of an organisation."""

        model = Organisation
        fields = ("name_ko", "name_en", "registration_number", "website", "about_ko", "about_en")
        widgets: ClassVar[dict[str, Any]] = {"about_ko": _LONG, "about_en": _LONG}


class FilterForm(Worded, forms.Form):
    """Which organisations to list."""

    asks: ClassVar[Asks] = {
        "q": words("이름 또는 번호", "Name or number"),
        "kind": words("종류", "Kind"),
        "state": words("상태", "State"),
    }
    q = forms.CharField(required=False, max_length=100)
    kind = forms.ChoiceField(
        required=False, choices=choices(Organisation.KINDS, words("모든 종류", "Every kind"))
    )
    state = forms.ChoiceField(
        required=False, choices=choices(STATES, words("모든 상태", "Every state"))
    )


class InviteForm(Worded, forms.Form):
    """Whom to invite, as what."""

    asks: ClassVar[Asks] = {
        "email": (
            words("이메일", "Email"),
            words(
                "이 주소로 초대 메일을 보냅니다. 그 주소로 로그인한 사람만 수락할 수 있습니다.",
                "The mail goes there, and only who signs in with that address can accept.",
            ),
        ),
        "role": words("역할", "Role"),
    }
    email = forms.EmailField(max_length=254)
    role = forms.ChoiceField()

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        self._roles = {role.code: role for role in roles}
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (code, str(role.title)) for code, role in self._roles.items()
        ]

    def clean_role(self) -> Role:
        """The role of that code."""
        return self._roles[self.cleaned_data["role"]]


class SuspendForm(Worded, forms.Form):
    """Why an organisation is suspended."""

    asks: ClassVar[Asks] = {
        "reason": (
            words("사유", "Reason"),
            words("기록에 남습니다.", "It is kept in the record."),
        )
    }
    reason = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class RoleForm(Worded, forms.ModelForm):
    """What the holders of a role may do."""

    asks: ClassVar[Asks] = {
        "code": (
            words("부호", "Code"),
            words(
                "영어 소문자, 숫자, 붙임표. 나중에 바꿀 수 없습니다.",
                "Lower-case letters, digits and hyphens; it cannot be changed later.",
            ),
        ),
        "title_ko": words("한국어 이름", "Name in Korean"),
        "title_en": words("영어 이름", "Name in English"),
        "kinds": (
            words("어느 종류의 기관에서", "In which kinds of organisation"),
            words("고르지 않으면 모든 종류입니다.", "In every kind, where none is chosen."),
        ),
        "rights": (
            words("소속 기관의 것에 대하여", "With what belongs to their organisation"),
            words("", ""),
        ),
        "rights_everywhere": (
            words("모든 기관의 것에 대하여", "With what belongs to anybody"),
            words(
                "신중하게 고르십시오. 다른 기관의 것도 보거나 바꿀 수 있습니다.",
                "Choose with care: these reach what belongs to others.",
            ),
        ),
    }
    code = forms.CharField(max_length=40)
    kinds = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    rights = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    rights_everywhere = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        """What of a role."""

        model = Role
        fields = ("code", "title_ko", "title_en", "kinds", "rights", "rights_everywhere")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = choices(rights())
        self.fields["kinds"].choices = choices(Organisation.KINDS)  # type: ignore[attr-defined]
        self.fields["rights"].choices = said  # type: ignore[attr-defined]
        self.fields["rights_everywhere"].choices = said  # type: ignore[attr-defined]
        if self.instance.pk:
            del self.fields["code"]

    def clean_code(self) -> str:
        """A code of the right form that no other role has."""
        code = str(self.cleaned_data["code"]).strip()
        if not _CODE.fullmatch(code) or Role.objects.filter(code=code).exists():
            raise forms.ValidationError(
                str(
                    words(
                        f"‘{code}’은(는) 쓸 수 없거나 이미 있습니다. 예: reviewer",
                        f"“{code}” has another form than “reviewer”, or exists already.",
                    )
                )
            )
        return code
