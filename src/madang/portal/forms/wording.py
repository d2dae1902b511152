"""How does a form speak? In the house's words, in the reader's language, whoever wrote its fields.

`class AskForm(Worded, forms.Form)` gives each field the house's messages in place of Django's, and
the words of `asks`: label and hint by the name of the field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGES: tuple[tuple[type[forms.Field], dict[str, Words]], ...] = (
    (
        forms.Field,
        {
            "required": words("입력해야 하는 칸입니다.", "This is needed."),
            "invalid": words("형식이 맞지 않습니다.", "This has another form than expected."),
            "max_length": words(
                "%(show_value)d자입니다. %(limit_value)d자까지 쓸 수 있습니다.",
                "Found %(show_value)d characters; at most %(limit_value)d fit.",
            ),
            "min_length": words(
                "%(show_value)d자입니다. %(limit_value)d자 이상이어야 합니다.",
                "Found %(show_value)d characters; at least %(limit_value)d are needed.",
            ),
            "max_value": words("%(limit_value)s 이하여야 합니다.", "At most %(limit_value)s."),
            "min_value": words("%(limit_value)s 이상이어야 합니다.", "At least %(limit_value)s."),
            "null_characters_not_allowed": words(
                "글자가 아닌 값이 들어 있습니다. 지우고 다시 입력하십시오.",
                "It contains a NUL, which is no character. Remove it.",
            ),
        },
    ),
    (forms.IntegerField, {"invalid": words("정수를 쓰십시오.", "Write a whole number.")}),
    (
        forms.DecimalField,
        {
            "invalid": words("수를 쓰십시오.", "Write a number."),
            "max_digits": words("숫자는 %(max)s자리까지입니다.", "At most %(max)s digits."),
            "max_decimal_places": words(
                "소수점 아래는 %(max)s자리까지입니다.", "At most %(max)s decimal places."
            ),
        },
    ),
    (forms.FloatField, {"invalid": words("수를 쓰십시오.", "Write a number.")}),
    (
        forms.DateField,
        {"invalid": words("날짜를 쓰십시오. 예: 2026-11-22", "Write a date such as 2026-11-22.")},
    ),
    (
        forms.DateTimeField,
        {
            "invalid": words(
                "날짜와 시각을 쓰십시오. 예: 2026-11-22 09:00",
                "Write a day and a time such as 2026-11-22 09:00.",
            )
        },
    ),
    (
        forms.EmailField,
        {
            "invalid": words(
                "이메일 주소가 아닙니다. 예: name@example.org",
                "This is no address. It should look like name@example.org.",
            )
        },
    ),
    (
        forms.URLField,
        {
            "invalid": words(
                "인터넷 주소가 아닙니다. 예: https://example.org",
                "This is no web address. It should look like https://example.org.",
            )
        },
    ),
    (
        forms.ChoiceField,
        {"invalid_choice": words("목록에 있는 것을 고르십시오.", "Choose one of the list.")},
    ),
    (
        forms.ModelChoiceField,
        {"invalid_choice": words("목록에 있는 것을 고르십시오.", "Choose one of the list.")},
    ),
    (
        forms.MultipleChoiceField,
        {
            "invalid_choice": words(
                "‘%(value)s’ 대신 목록에 있는 것을 고르십시오.",
                "Found “%(value)s”; choose from the list.",
            ),
            "invalid_list": words("목록에서 고르십시오.", "Choose from the list."),
        },
    ),
    (
        forms.FileField,
        {
            "invalid": words("파일을 올리지 못했습니다.", "No file arrived."),
            "missing": words("파일을 고르십시오.", "Choose a file."),
            "empty": words("빈 파일입니다.", "The file is empty."),
            "max_length": words(
                "파일 이름이 %(length)d자입니다. %(max)d자까지 쓸 수 있습니다.",
                "The file's name has %(length)d characters; at most %(max)d fit.",
            ),
        },
    ),
    (
        forms.JSONField,
        {"invalid": words("JSON 형식이 아닙니다.", "This is no JSON.")},
    ),
)
"""Kind of field → code of a fault → what is said; the more special kind stands later."""


class Worded:
    """A form, mixed in before Django's own, that speaks as the house does."""

    fields: dict[str, forms.Field]
    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {}
    """Name of a field → its label, or its label and its hint."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reword()

    def reword(self) -> None:
        """Give every field its words; again after fields were added."""
        for name, field in self.fields.items():
            for kind, messages in MESSAGES:
                if isinstance(field, kind):
                    field.error_messages |= {
                        code: lazystr(text) for code, text in messages.items()
                    }
            asked = self.asks.get(name)
            if asked is not None:
                label, hint = asked if isinstance(asked, tuple) else (asked, words("", ""))
                field.label, field.help_text = lazystr(label), lazystr(hint)
            # What a field asks for stands above it; inside, it would vanish while one types.
            field.widget.attrs.pop("placeholder", None)
