"""How does a model lie on disk? One file of plain numbers and words, checked before it is used.

It is a ZIP archive: `model.json` is the model as nested objects, each naming its kind; where an
array belongs stands the name of a member `arrays/<number>.npy` (NumPy's own format, without
pickled objects); `manifest.json` holds the format's version and the SHA-256 of every other member.
The SHA-256 of the manifest is the model's digest. Reading runs no code from the file: only the
kinds listed here are made, and any member that was changed, added or left out is refused.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.dynamic.landmark import Landmark
from madang.prognosis.engine.dynamic.model import VisitModel
from madang.prognosis.engine.models.columns import Columns
from madang.prognosis.engine.models.cox import Cox
from madang.prognosis.engine.models.encoding import Category, Encoding, Number
from madang.prognosis.engine.models.forest import Forest
from madang.prognosis.engine.models.hazards import Hazards, Nodes
from madang.prognosis.engine.models.intervals import Intervals
from madang.prognosis.engine.stack.conformal import Bound
from madang.prognosis.engine.stack.mixture import Parts, Stack
from madang.prognosis.engine.stack.model import Model
from madang.prognosis.engine.stack.recalibration import Correction, Recalibration
from madang.prognosis.engine.stack.scope import Range, Scope

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "madang-prognosis-model"
VERSION = 1

_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(Model, Stack, Parts, Columns, Encoding, Number, Category, Cox, Hazards, Nodes),
        *(Forest, Intervals, Recalibration, Correction, Bound, Scope, Range),
        *(VisitModel, Landmark),
    )
}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # one time for all members: the same model gives the same bytes
_MOST_BYTES = 4_000_000_000


class Read(NamedTuple):
    """A model and its digest."""

    model: Model | VisitModel
    digest: str


def write_model(model: Model | VisitModel, path: Path) -> str:
    """Write the file; the same model gives the same bytes.

    Returns:
        The digest: 64 hexadecimal digits.
    """
    members: dict[str, bytes] = {}
    plain = _plain(model, members)
    members["model.json"] = _json(plain)
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "members": {name: _sha256(content) for name, content in sorted(members.items())},
    }
    content = _json(manifest)
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in {"manifest.json": content, **members}.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            archive.writestr(entry, part, zipfile.ZIP_DEFLATED, 6)
    return _sha256(content)


def read_model(path: Path) -> Read:
    """Read and check a file.

    Raises:
        InputError: It is no model, was made for another version, or a member is not as the
            manifest says.
    """
    try:
        members = _members(path)
        manifest = json.loads(members.pop("manifest.json"))
        version = (manifest["format"], manifest["version"])
        digests = dict(manifest["members"])
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as fault:
        raise _no_model(path) from fault
    if version != (FORMAT, VERSION):
        raise InputError(
            words(f"{path.name}: 형식 {version}", f"{path.name} of the format {version}"),
            words(f"형식 {FORMAT} {VERSION}판", f"the format {FORMAT}, version {VERSION}"),
            words("이 판으로 다시 학습하십시오.", "Fit it again with this version."),
        )
    _refuse_changed(path, members, digests)
    content = _json(manifest)
    try:
        model = _revived(json.loads(members["model.json"]), members)
    except (KeyError, TypeError, ValueError) as fault:
        raise _no_model(path) from fault
    if not isinstance(model, Model | VisitModel):
        raise _no_model(path)
    return Read(model, _sha256(content))


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        names = [entry.filename for entry in archive.infolist()]
        size = sum(entry.file_size for entry in archive.infolist())
        if len(set(names)) < len(names) or size > _MOST_BYTES:
            raise ValueError("a member twice, or more than a model can hold")
        return {name: archive.read(name) for name in names}


def _refuse_changed(path: Path, members: dict[str, bytes], digests: dict[str, str]) -> None:
    found = {name: _sha256(content) for name, content in members.items()}
    wrong = sorted(name for name in {*found, *digests} if found.get(name) != digests.get(name))
    if wrong:
        raise InputError(
            words(f"{path.name}: 바뀐 부분 {wrong[0]}", f"{path.name}: {wrong[0]} was changed"),
            words("기록된 해시값 그대로인 파일", "a file with the digests that it records"),
            words("원래 파일을 다시 받으십시오.", "Fetch the original file again."),
        )


def _no_model(path: Path) -> InputError:
    return InputError(
        words(f"{path.name}: 모형이 아닌 파일", f"{path.name}, which is no model"),
        words("madang prognosis fit이 쓴 파일", "a file that madang prognosis fit wrote"),
    )


def _plain(value: Any, members: dict[str, bytes]) -> Any:
    """The value as JSON, its arrays put among the members."""
    if isinstance(value, np.ndarray):
        name = f"arrays/{len(members):05d}.npy"
        held = io.BytesIO()
        np.save(held, value, allow_pickle=False)
        members[name] = held.getvalue()
        return {"array": name}
    kind = type(value).__name__
    if _KINDS.get(kind) is type(value):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        return {"kind": kind, "fields": {n: _plain(v, members) for n, v in fields.items()}}
    if isinstance(value, tuple):
        return {"tuple": [_plain(each, members) for each in value]}
    if isinstance(value, frozenset):
        return {"set": sorted(value)}
    if isinstance(value, dict):
        return {"map": [[key, _plain(each, members)] for key, each in value.items()]}
    if isinstance(value, list):
        return [_plain(each, members) for each in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    raise TypeError(f"a {kind} has no place in a model")


def _revived(value: Any, members: dict[str, bytes]) -> Any:
    if isinstance(value, list):
        return [_revived(each, members) for each in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return np.load(io.BytesIO(members[value["array"]]), allow_pickle=False)
    if "kind" in value:
        fields = {name: _revived(each, members) for name, each in value["fields"].items()}
        return _KINDS[value["kind"]](**fields)
    if "set" in value:
        return frozenset(value["set"])
    if "tuple" in value:
        return tuple(_revived(each, members) for each in value["tuple"])
    return {key: _revived(each, members) for key, each in value["map"]}


def _json(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
