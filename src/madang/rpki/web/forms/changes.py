"""Which authorisations does a member add? A ROA's line, an ASPA, a file of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.forms.uploads import check_size
from madang.portal.forms.wording import Worded
from madang.rpki.engine.authority import intents_csv
from madang.rpki.engine.authority.intents import Intents, check_aspa, check_vrp
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import read_asn, read_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from madang.rpki.engine.resources.prefix import Prefix

LARGEST = 2 * 2**20


class RoaForm(Worded, forms.Form):
    """One prefix that an AS may announce."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "prefix": (
            words("주소 대역", "Prefix"),
            words("예: 192.0.2.0/24 또는 2001:db8::/32", "Such as 192.0.2.0/24 or 2001:db8::/32"),
        ),
        "longest": (
            words("최대 길이", "Greatest length"),
            words(
                "비우면 대역의 길이와 같습니다. 넓게 열수록 탈취에 약해집니다(RFC 9319).",
                "The prefix's own where empty. The wider, the easier a hijack (RFC 9319).",
            ),
        ),
        "asn": (words("발원 AS", "Origin AS"), words("예: AS64500", "Such as AS64500")),
    }
    prefix = forms.CharField(max_length=60)  # type: ignore[assignment] # Django takes fields out of the class
    longest = forms.IntegerField(required=False, min_value=0, max_value=128)
    asn = forms.CharField(max_length=20)

    def clean_prefix(self) -> Any:
        """The prefix."""
        return read(read_prefix, self.cleaned_data["prefix"])

    def clean_asn(self) -> int:
        """The AS number."""
        found: int = read(read_asn, self.cleaned_data["asn"])
        return found

    def clean(self) -> dict[str, Any]:
        """Whether the length fits the prefix."""
        said = self.cleaned_data
        if "prefix" in said and "asn" in said and "longest" in said:
            try:
                check_vrp(_vrp(said))
            except InputError as fault:
                self.add_error("longest", str(fault))
        return said

    def vrp(self) -> Vrp:
        """What was asked for."""
        said = self.cleaned_data
        return _vrp(said)


def _vrp(said: dict[str, Any]) -> Vrp:
    """What was asked for; without a length, the prefix's own."""
    prefix: Prefix = said["prefix"]
    longest = prefix.length if said["longest"] is None else said["longest"]
    return Vrp(prefix.family, prefix.address, prefix.length, longest, said["asn"])


class AspaForm(Worded, forms.Form):
    """All providers of a customer AS."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "customer": (words("고객 AS", "Customer AS"), words("예: AS64500", "Such as AS64500")),
        "providers": (
            words("제공자 AS", "Provider ASes"),
            words(
                "빈칸으로 나누어 모두 적습니다. 제공자가 없으면 0을 적습니다.",
                "All of them, between spaces; 0 where there is none.",
            ),
        ),
    }
    customer = forms.CharField(max_length=20)
    providers = forms.CharField(max_length=4000)

    def clean_customer(self) -> int:
        """The AS number."""
        found: int = read(read_asn, self.cleaned_data["customer"])
        return found

    def clean_providers(self) -> tuple[int, ...]:
        """The AS numbers in rising order."""
        parts = self.cleaned_data["providers"].replace(",", " ").split()
        return tuple(sorted({read(read_asn, part) for part in parts}))

    def clean(self) -> dict[str, Any]:
        """Whether the providers can be those of the customer."""
        said = self.cleaned_data
        if "customer" in said and "providers" in said:
            try:
                check_aspa(self.aspa())
            except InputError as fault:
                self.add_error("providers", str(fault))
        return said

    def aspa(self) -> Aspa:
        """What was asked for."""
        return Aspa(self.cleaned_data["customer"], self.cleaned_data["providers"])


class BulkForm(Worded, forms.Form):
    """All authorisations of a kind, as a file."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "table": (
            words("CSV 파일", "CSV file"),
            words(
                "첫 줄은 ASN,IP Prefix,Max Length (ROA) 또는 Customer,Providers (ASPA)입니다.",
                "The first line is ASN,IP Prefix,Max Length (ROA) or Customer,Providers (ASPA).",
            ),
        )
    }
    table = forms.FileField()

    def clean_table(self) -> Any:
        """The intents of the file, all or none; faults name their lines."""
        file = self.cleaned_data["table"]
        check_size(file, LARGEST)
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            raise forms.ValidationError(
                str(words("UTF-8이 아닌 파일입니다.", "The file is not UTF-8."))
            ) from fault
        self.kind = "aspa" if text.startswith(intents_csv.ASPA_HEAD[0]) else "roa"
        found: Intents = read(intents_csv.read, text)
        return found


class ConfirmForm(Worded, forms.Form):
    """How many routes may turn invalid: the number that was shown, typed by hand."""

    mark = forms.CharField(max_length=32, widget=forms.HiddenInput)
    confirmed = forms.IntegerField(min_value=0, required=False)

    def __init__(self, *args: Any, harm: int, mark: str, **options: Any) -> None:
        super().__init__(*args, initial={"mark": mark}, **options)
        if not harm:
            del self.fields["confirmed"]
            return
        field = self.fields["confirmed"]
        field.label = lazystr(words("무효가 되는 경로의 수", "Number of routes that turn invalid"))
        field.help_text = lazystr(
            words(
                f"알고 반영하려면 {harm}을 직접 입력합니다.",
                f"To go on knowingly, type {harm}.",
            )
        )


def read(reader: Callable[[str], Any], text: str) -> Any:
    """What an engine's reader makes of a field's text.

    Raises:
        ValidationError: It refuses it; its sentence is the field's.
    """
    try:
        return reader(text)
    except InputError as fault:
        raise forms.ValidationError(str(fault)) from fault
