"""What does a token or a webhook ask for?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from madang.kernel.words import words
from madang.portal import access, tokens, webhooks
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.portal.models import Organisation, User


class _OfOrganisation(Worded, forms.Form):
    """Asks for which organisation, where the person acts for several."""

    organisation = forms.ChoiceField()

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._organisations = {each.slug: each for each in organisations}
        choices = [(slug, str(each.name)) for slug, each in self._organisations.items()]
        field: Any = self.fields["organisation"]
        field.choices = choices
        if len(choices) == 1:
            field.initial = choices[0][0]
            field.widget = forms.HiddenInput()

    @property
    def chosen(self) -> Organisation:
        """The organisation."""
        return self._organisations[self.cleaned_data["organisation"]]


class TokenForm(_OfOrganisation):
    """A token to be made."""

    asks: ClassVar[Any] = {
        "organisation": words("기관", "Organisation"),
        "name": (
            words("쓰는 곳", "Where it is used"),
            words("예: 빌드 서버", "Such as: build server"),
        ),
        "days": (
            words("사용 기간", "Lifetime"),
            words(
                "기한이 지나면 쓸 수 없으니 그 전에 새로 만드십시오.",
                "It ends then; make a new one before.",
            ),
        ),
        "rights": (
            words("할 수 있는 일", "What it may do"),
            words("프로그램에 필요한 것만 남기십시오.", "Leave only what the program needs."),
        ),
    }
    name = forms.CharField(max_length=60)
    days = forms.TypedChoiceField(coerce=int, initial=90)
    rights = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = access.rights()
        held = sorted(
            {
                right
                for each in self._organisations.values()
                for right in tokens.grantable(by, each)
            }
        )
        rights: Any = self.fields["rights"]
        rights.choices = [
            (right, f"{titles[right]} ({right})") for right in held if right in titles
        ]
        rights.initial = [right for right, _ in rights.choices if right != tokens.RIGHT]
        days: Any = self.fields["days"]
        days.choices = [(each, str(words(f"{each}일", f"{each} days"))) for each in tokens.DAYS]


class WebhookForm(_OfOrganisation):
    """A webhook to be made."""

    asks: ClassVar[Any] = {
        "organisation": words("기관", "Organisation"),
        "url": (
            words("받는 주소", "Receiver's address"),
            words("https로 시작하는 인터넷 주소", "An address in the public internet, with https"),
        ),
        "events": (
            words("이벤트", "Events"),
            words("하나도 고르지 않으면 모두 보냅니다.", "All are sent where none is chosen."),
        ),
    }
    url = forms.CharField(max_length=500)
    events = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        events: Any = self.fields["events"]
        events.choices = [(name, f"{title} ({name})") for name, title in webhooks.events().items()]
