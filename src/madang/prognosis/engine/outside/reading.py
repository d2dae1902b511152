"""Which published model lies in this file? Its name's end says the form; nothing in it is run.

ONNX is no form of publication here: a graph is code, carries no citation, unit or range, and would
have to run in a cage. PMML and the written form are data.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.kernel.yaml_text import LARGEST_BYTES, read_yaml
from madang.prognosis.engine.outside.pmml import read_pmml
from madang.prognosis.engine.outside.written import read_plain

if TYPE_CHECKING:
    from pathlib import Path

    from madang.prognosis.engine.outside.model import OutsideModel

_YAML, _PMML = (".yaml", ".yml"), (".pmml", ".xml")
FORMS = (*_YAML, *_PMML, ".onnx")
"""Ends of names that are taken for an outside model, to be read or to be refused."""


def is_outside(path: Path) -> bool:
    """Whether the file's name says that it is an outside model."""
    return path.suffix.lower() in FORMS


def read_outside(path: Path) -> OutsideModel:
    """Read a published model.

    Raises:
        InputError: It is ONNX or of an unknown form, too large, or has a fault, named with its
            place.
    """
    form = path.suffix.lower()
    if form not in (*_YAML, *_PMML):
        raise InputError(
            words(f"{path.name}: 읽지 않는 형식", f"{path.name}, a form that is not read"),
            words(
                "YAML(.yaml) 또는 PMML(.pmml)로 적은 모형",
                "a model written as YAML (.yaml) or PMML (.pmml)",
            ),
            words(
                "계수와 기저 생존을 YAML로 적으십시오.",
                "Write its coefficients and baseline survival as YAML.",
            ),
        )
    content = path.read_bytes()
    if len(content) > LARGEST_BYTES:
        raise InputError(
            words(f"{path.name}: {len(content)} 바이트", f"{path.name} of {len(content)} bytes"),
            words(f"{LARGEST_BYTES} 바이트 이하", f"at most {LARGEST_BYTES} bytes"),
        )
    plain = read_yaml(content) if form in _YAML else read_pmml(content)
    return read_plain(plain, digest=hashlib.sha256(content).hexdigest())
