"""Which term file is handed in, and for whom?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import Words, words
from madang.kernel.yaml_text import LARGEST_BYTES
from madang.portal.forms.uploads import check_size
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.portal.models import Organisation


class TermsForm(Worded, forms.Form):
    """A term file, and the organisation that runs the fund."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "manager": words("운용기관", "Managed by"),
        "terms": (
            words("규약 파일(YAML)", "Term file (YAML)"),
            words(
                "새 펀드는 1판, 개정은 다음 판의 파일을 올립니다.",
                "Version 1 for a new fund, the next version for an amendment.",
            ),
        ),
    }
    manager = forms.ChoiceField()
    terms = forms.FileField()

    def __init__(self, *args: Any, owners: Sequence[Organisation], **options: Any) -> None:
        super().__init__(*args, **options)
        self.owners = {str(each.pk): each for each in owners}
        field: Any = self.fields["manager"]
        field.choices = [(key, lazystr(each.name)) for key, each in self.owners.items()]

    def clean_terms(self) -> Any:
        """The file, if it is no larger than YAML may be."""
        check_size(self.cleaned_data["terms"], LARGEST_BYTES)
        return self.cleaned_data["terms"]

    def owner(self) -> Organisation:
        """The organisation that was chosen."""
        return self.owners[self.cleaned_data["manager"]]


class CompanyForm(Worded, forms.Form):
    """A company that a fund looks at."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "code": (
            words("장부에 쓸 이름", "Name in the books"),
            words("영문 소문자, 숫자, 붙임표", "Small letters, digits and hyphens"),
        ),
        "name_ko": words("한국어 이름", "Name in Korean"),
        "name_en": words("영어 이름", "Name in English"),
        "founded_on": words("설립일", "Founded on"),
        "region": words("본점 소재지", "Region of the head office"),
        "field": words("분야", "Field"),
        "business_number": words("사업자등록번호", "Business number"),
        "revenue_krw": (
            words("직전 사업연도 매출", "Revenue of the last business year"),
            words("첫 투자 때 초기기업 판정에 씁니다.", "It decides whether it is early-stage."),
        ),
    }
    code = forms.SlugField(max_length=60)
    name_ko = forms.CharField(max_length=120)
    name_en = forms.CharField(max_length=120)
    founded_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    region = forms.ChoiceField()
    field = forms.ChoiceField()
    business_number = forms.CharField(max_length=12, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        from madang.fund.engine.reports import tags
        from madang.portal.forms.amount import AmountField

        super().__init__(*args, **options)
        self.fields["revenue_krw"] = AmountField(required=False)
        for name, known in (("region", tags.REGIONS), ("field", tags.FIELDS)):
            chosen: Any = self.fields[name]
            chosen.choices = [(key, lazystr(title)) for key, title in known.items()]
        self.reword()

    def clean_business_number(self) -> str:
        """Ten digits with the right check digit, or nothing."""
        from madang.fund.engine.portfolio.companies import business_number
        from madang.kernel.errors import InputError

        said = self.cleaned_data["business_number"]
        if not said:
            return ""
        try:
            return business_number(said)
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault


class RecordForm(Worded, forms.Form):
    """A company's record: its shares, its growth, its support."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "record": (
            words("기업 이력 파일(YAML)", "The company's record (YAML)"),
            words(
                "주주명부의 변동, 성장 지표, 받은 지원을 적은 파일입니다.",
                "Events of its shares, milestones and support received.",
            ),
        ),
    }
    record = forms.FileField()

    def clean_record(self) -> Any:
        """The file, if it is no larger than YAML may be."""
        check_size(self.cleaned_data["record"], LARGEST_BYTES)
        return self.cleaned_data["record"]


class PriceForm(Worded, forms.Form):
    """For how much a company might be sold."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "price": (
            words("매각 가격", "Price of a sale"),
            words("예: 300억", "Such as 300억"),
        ),
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        from madang.portal.forms.amount import AmountField

        super().__init__(*args, **options)
        self.fields["price"] = AmountField(required=False)
        self.reword()
