"""What does the registry's office fill in? The registry itself, a member, a file of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from madang.kernel.words import Words, words
from madang.portal.forms.uploads import check_size
from madang.portal.forms.wording import Worded
from madang.portal.models import Organisation
from madang.rpki.engine.resources.blocks import read_resources
from madang.rpki.web.forms.changes import read
from madang.rpki.web.services.observed import LARGEST

if TYPE_CHECKING:
    from collections.abc import Mapping

_RESOURCES = (
    words("자원", "Resources"),
    words(
        "주소 대역, 주소 범위, AS 번호를 쉼표로 나누어 적습니다.",
        "Prefixes, ranges of addresses and AS numbers, between commas.",
    ),
)


class ResourcesForm(Worded, forms.Form):
    """What a member holds."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {"resources": _RESOURCES}
    resources = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), max_length=100_000, strip=True
    )

    def clean_resources(self) -> str:
        """The resources, once they can be read."""
        text: str = self.cleaned_data["resources"]
        read(read_resources, text)
        return text


class FoundForm(ResourcesForm):
    """The registry: what it holds and where it publishes."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "resources": _RESOURCES,
        "module": (
            words("rsync 주소", "rsync address"),
            words("예: rsync://rpki.example.kr/repo/", "Such as rsync://rpki.example.org/repo/"),
        ),
        "web": (
            words("RRDP 주소", "RRDP address"),
            words("예: https://rpki.example.kr/rrdp/", "Such as https://rpki.example.org/rrdp/"),
        ),
    }
    module = forms.RegexField(r"rsync://[A-Za-z0-9.-]+(:\d+)?/[A-Za-z0-9_-]+/", max_length=200)
    web = forms.RegexField(r"https://[A-Za-z0-9.-]+(:\d+)?/([A-Za-z0-9_-]+/)*", max_length=200)


class MemberForm(ResourcesForm):
    """A new member."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "organisation": words("기관", "Organisation"),
        "handle": (
            words("이름", "Name"),
            words(
                "발행 주소에 쓰입니다. 영문 소문자, 숫자, -",
                "Stands in its addresses: lower case letters, digits, -",
            ),
        ),
        "resources": _RESOURCES,
    }
    organisation = forms.ModelChoiceField(queryset=Organisation.objects.none())
    handle = forms.RegexField(r"[a-z0-9][a-z0-9-]{0,39}", max_length=40)
    field_order = ("organisation", "handle", "resources")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(is_active=True)


class RoutesForm(Worded, forms.Form):
    """Routes that were seen."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "table": (
            words("경로 파일", "File of routes"),
            words(
                "MRT 덤프(gz, bz2 가능) 또는 prefix,origin[,path] 줄로 된 글",
                "An MRT dump (gz and bz2, too), or lines of prefix,origin[,path]",
            ),
        )
    }
    table = forms.FileField()

    def clean_table(self) -> Any:
        """The file, if it may be as large."""
        check_size(self.cleaned_data["table"], LARGEST)
        return self.cleaned_data["table"]
