"""What does a clinic type in of a patient? A number, a visit, an end, a purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from madang.kernel.words import Words, words
from madang.portal.forms.wording import Worded
from madang.prognosis.engine.titles import LEVELS, title
from madang.prognosis.web.forms.owners import ASKED, OwnedForm
from madang.prognosis.web.models import Look

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def offered(form: forms.BaseForm, name: str) -> Any:
    """A field of choices, for which Django's types have no name."""
    return form.fields[name]


def choices(pairs: Mapping[str, Words]) -> list[tuple[str, str]]:
    """Choices in the reader's language."""
    return [(name, str(text)) for name, text in pairs.items()]


class FindForm(Worded, forms.Form):
    """Which patient? By the hospital's own number."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "number": (
            words("환자 번호", "Patient number"),
            words(
                "번호는 열쇠로 바꾼 값으로만 찾으며 주소나 기록에 남지 않습니다.",
                "It is looked up by its keyed digest, and stands in no address and no log.",
            ),
        ),
    }
    number = forms.CharField(max_length=60)


class RegisterForm(OwnedForm):
    """A patient who is taken under follow-up."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "organisation": ASKED,
        "number": (
            words("환자 번호", "Patient number"),
            words("기관에서 쓰는 번호입니다.", "The hospital's own number."),
        ),
        "name": (
            words("이름", "Name"),
            words("암호화하여 따로 보관합니다.", "It is kept apart, encrypted."),
        ),
        "entered_on": (
            words("등록일", "Day of entry"),
            words(
                "예측은 이날부터 셉니다. 진단일이나 첫 방문일을 적습니다.",
                "Predictions count from it: the day of diagnosis or of the first visit.",
            ),
        ),
        "sex": words("성별", "Sex"),
        "age": words("등록 때 나이", "Age on entry"),
    }
    number = forms.CharField(max_length=60)
    name = forms.CharField(max_length=100, required=False)
    entered_on = forms.DateField(widget=_DATE)
    sex = forms.ChoiceField()
    age = forms.FloatField(min_value=0, max_value=125)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        offered(self, "sex").choices = choices(LEVELS)


class VisitForm(Worded, forms.Form):
    """What was measured on a day; what was not stays empty."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {"on": words("방문일", "Day")}
    on = forms.DateField(widget=_DATE)

    def __init__(self, *args: Any, columns: Iterable[Mapping[str, Any]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.names = []
        for each in columns:
            name, known = each["name"], title(each["name"])
            self.names.append(name)
            label = f"{known.name} ({known.unit})" if known.unit else str(known.name)
            if each["kind"] == "category":
                field: forms.Field = forms.CharField(max_length=60, required=False, label=label)
            else:
                field = forms.FloatField(min_value=0, required=False, label=label)
            self.fields[name] = field
        self.reword()

    def values(self) -> dict[str, Any]:
        """What was measured, by column."""
        found = {name: self.cleaned_data.get(name) for name in self.names}
        return {name: value for name, value in found.items() if value not in (None, "")}

    def clean(self) -> dict[str, Any]:
        """At least one value."""
        found: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.values():
            raise forms.ValidationError(
                str(words("값을 하나 이상 입력하십시오.", "Enter at least one value."))
            )
        return found


class EndForm(Worded, forms.Form):
    """How the follow-up ended."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "on": words("끝난 날", "Day"),
        "cause": words("결과", "How"),
    }
    on = forms.DateField(widget=_DATE)
    cause = forms.TypedChoiceField(coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, causes: Mapping[int, Words], **more: Any) -> None:
        super().__init__(*args, **more)
        offered(self, "cause").choices = [(code, str(text)) for code, text in causes.items()]


class LookForm(Worded, forms.Form):
    """Why somebody opens a patient."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "purpose": words("열람 목적", "Purpose"),
        "note": (
            words("설명", "Note"),
            words(
                "연구 과제 번호나 요청서처럼 나중에 확인할 내용을 적습니다.",
                "What can be checked later, such as the number of the study.",
            ),
        ),
    }
    purpose = forms.ChoiceField(widget=forms.RadioSelect)
    note = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        offered(self, "purpose").choices = choices(Look.PURPOSES)

    def clean(self) -> dict[str, Any]:
        """Whatever is not care has to be told."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("purpose") in ("research", "request", "quality") and not found.get("note"):
            self.add_error(
                "note",
                str(words("진료가 아니면 설명을 적으십시오.", "Say more where it is not care.")),
            )
        return found


class IntakeForm(OwnedForm):
    """A file of records."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "organisation": ASKED,
        "file": (
            words("진료기록 파일", "File of records"),
            words(
                "FHIR R4의 NDJSON이나 Bundle(JSON)입니다.",
                "FHIR R4: NDJSON, or a Bundle in JSON.",
            ),
        ),
        "competing": (
            words("경쟁 사건의 처치 코드", "Codes of competing procedures"),
            words(
                "쉼표로 나눕니다. 예: 간 이식의 처치 코드",
                "Separated by commas, such as that of a liver transplant.",
            ),
        ),
    }
    file = forms.FileField()
    competing = forms.CharField(max_length=200, required=False)

    def codes(self) -> tuple[str, ...]:
        """The competing procedures."""
        told = self.cleaned_data["competing"].split(",")
        return tuple(each.strip() for each in told if each.strip())
