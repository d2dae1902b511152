"""Which files are handed in? Several in one field, looked at before any of them is read."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.errors import InputError
from madang.kernel.units import size
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile


class _Uploads(forms.FileInput):
    """Several files in one field."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        """All of them."""
        return list(files.getlist(name)) if hasattr(files, "getlist") else []


class UploadsField(forms.FileField):
    """Files, each of a name of its own.

    Args:
        largest: Bytes of one file, at most.
        most: How many there may be.
        options: Those of a field of a file.
    """

    widget = _Uploads

    def __init__(self, *, largest: int, most: int, **options: Any) -> None:
        super().__init__(widget=_Uploads(attrs={"multiple": True}), **options)
        self.largest, self.most = largest, most

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """The files."""
        given: Sequence[UploadedFile] = data or []
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["missing"], code="missing")
        if len(given) > self.most:
            raise refused(
                words(f"파일 {len(given)}개", f"{len(given)} files"),
                words(f"{self.most}개 이하", f"at most {self.most}"),
            )
        # A name may come in composed or decomposed letters: both are the same name.
        names = [unicodedata.normalize("NFC", str(each.name)) for each in given]
        for name, each in zip(names, given, strict=True):
            check_size(each, self.largest)
            if names.count(name) > 1:
                raise refused(
                    words(f"같은 이름의 파일 '{name}'", f"two files of the name '{name}'"),
                    words("저마다 다른 이름", "a name of its own for each"),
                )
        return list(given)


def check_size(file: UploadedFile, largest: int) -> None:
    """Refuse a file that is empty or too large, before it is read.

    Raises:
        ValidationError: With its name, its size and the limit.
    """
    bytes_ = int(file.size or 0)
    if not 0 < bytes_ <= largest:
        raise refused(
            words(f"'{file.name}'의 크기 {size(bytes_)}", f"{size(bytes_)} in '{file.name}'"),
            words(f"1바이트~{size(largest)}", f"1 byte to {size(largest)}"),
        )


def refused(found: Words, expected: Words) -> forms.ValidationError:
    """What a field says of something that it does not take."""
    return forms.ValidationError(str(InputError(found, expected)))
