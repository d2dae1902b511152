"""Which published model lies in this file? Its name's end says the form; nothing in it is run.

An ONNX graph carries no citation, unit, range or time: a written model names it (`graph`), and it
is reckoned with if it holds arithmetic alone. PMML and the written form are data.
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
                "ONNX라면 출처와 열을 YAML로 적고 graph에 파일을 적으십시오.",
                "Write what an ONNX graph cannot say as YAML, and name its file there (graph).",
            ),
        )
    content = path.read_bytes()
    if len(content) > LARGEST_BYTES:
        raise InputError(
            words(f"{path.name}: {len(content)} 바이트", f"{path.name} of {len(content)} bytes"),
            words(f"{LARGEST_BYTES} 바이트 이하", f"at most {LARGEST_BYTES} bytes"),
        )
    plain = read_yaml(content) if form in _YAML else read_pmml(content)
    digest = hashlib.sha256(content).hexdigest()
    return read_plain(plain, digest=digest, folder=path.parent)
