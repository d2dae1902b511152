"""Which server of records, which patient there, and with which access token?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.forms.wording import Worded
from madang.prognosis.engine.fhir.rest import Server
from madang.prognosis.web.forms.owners import ASKED, OwnedForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.prognosis.web.models import FhirServer

_SERVER = words("병원 서버", "Server")
_TOKEN = (
    words("접근 토큰", "Access token"),
    words("이번에만 쓰고 보관하지 않습니다.", "It is used once and not kept."),
)


class ServerForm(OwnedForm):
    """A server that becomes known."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "organisation": ASKED,
        "title": words("이름", "Name"),
        "address": (
            words("FHIR 주소", "FHIR address"),
            words("예: https://fhir.hospital.example/r4", "Such as https://fhir.hospital.example"),
        ),
        "client": (
            words("SMART 클라이언트 id", "SMART client id"),
            words(
                "차트에서 이 화면을 열 때 씁니다. 없으면 비워 둡니다.",
                "For opening a patient from the chart; may be left out.",
            ),
        ),
    }
    title = forms.CharField(max_length=100)
    address = forms.CharField(max_length=300)
    client = forms.CharField(max_length=200, required=False)

    def clean_address(self) -> str:
        """An address that may be spoken to."""
        address = str(self.cleaned_data["address"]).rstrip("/")
        try:
            Server(address=address)
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault
        return address


class TokenForm(Worded, forms.Form):
    """One of the organisation's servers, and a token for it."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "chosen": _SERVER,
        "token": _TOKEN,
    }
    chosen = forms.ChoiceField()
    token = forms.CharField(
        max_length=8192, required=False, widget=forms.PasswordInput(render_value=False)
    )

    def __init__(self, *args: Any, servers: Iterable[FhirServer], **more: Any) -> None:
        super().__init__(*args, **more)
        self._servers = {str(each.pk): each for each in servers}
        field: Any = self.fields["chosen"]
        field.choices = [(key, str(each)) for key, each in self._servers.items()]

    def server(self) -> FhirServer:
        """The chosen one."""
        return self._servers[self.cleaned_data["chosen"]]


class FetchForm(TokenForm):
    """A patient of a server."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "chosen": _SERVER,
        "patient": (
            words("서버의 환자 id", "The patient's id there"),
            words("FHIR 자원의 id입니다.", "The id of the resource Patient."),
        ),
        "token": _TOKEN,
    }
    patient = forms.RegexField(r"^[A-Za-z0-9\-.]{1,64}$")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.order_fields(["chosen", "patient", "token"])
