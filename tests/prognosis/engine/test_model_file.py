"""The file: the same model comes back, and nothing that was touched does."""

from __future__ import annotations

import hashlib
import json
import zipfile

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.model_file import read_model, write_model
from madang.prognosis.engine.stack.model import fit_model
from tests.prognosis.patients import DECLARED, fitted, invented


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "m.mdl"
    write_model(fitted(400, 2)[0], path)
    return path


def changed(path, change):
    """The archive with its members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def signed(members):
    """A manifest that agrees with the members, as a forger would write it."""
    manifest = json.loads(members["manifest.json"])
    manifest["members"] = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in members.items()
        if name != "manifest.json"
    }
    members["manifest.json"] = json.dumps(manifest).encode()


def test_what_is_read_answers_bit_for_bit_the_same(written) -> None:
    table, _ = invented(50, seed=2)

    model = read_model(written).model

    expected = fitted(400, 2)[0]
    assert (model.stack.curves(table) == expected.stack.curves(table)).all()
    assert (model.stack.incidences(table, [9.0]) == expected.stack.incidences(table, [9.0])).all()
    assert model.facts == expected.facts
    assert model.bound == expected.bound
    assert model.scope.keys == expected.scope.keys


def test_the_same_patients_give_the_same_file(tmp_path) -> None:
    table, watched = invented(120)
    paths = [tmp_path / name for name in ("a", "b")]

    digests = [write_model(fit_model(table, DECLARED, watched)[0], path) for path in paths]

    assert digests[0] == digests[1]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert read_model(paths[0]).digest == digests[0]


def test_there_is_no_code_in_it(written) -> None:
    with zipfile.ZipFile(written) as archive:
        names = archive.namelist()
        for name in names:
            if name.endswith(".npy"):
                with archive.open(name) as member:
                    assert np.load(member, allow_pickle=False).dtype.kind in "fib"

    assert {name.rsplit(".", 1)[1] for name in names} == {"json", "npy"}


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members.update({"arrays/00000.npy": members["arrays/00001.npy"]}),
        lambda members: members.update({"extra.npy": b"more"}),
        lambda members: members.pop("arrays/00003.npy"),
        lambda members: members.update({"model.json": members["model.json"] + b" "}),
    ],
)
def test_a_member_changed_added_or_left_out_is_refused(written, change) -> None:
    with pytest.raises(InputError, match="was changed"):
        read_model(changed(written, change))


def test_another_version_is_refused(written) -> None:
    def later(members):
        members["manifest.json"] = members["manifest.json"].replace(b'"version":1', b'"version":2')

    with pytest.raises(InputError, match="version 1"):
        read_model(changed(written, later))


@pytest.mark.parametrize("kind", ["Path", "object", "Watched"])
def test_a_kind_that_is_not_listed_is_never_made(written, kind) -> None:
    def forged(members):
        members["model.json"] = json.dumps({"kind": kind, "fields": {}}).encode()
        signed(members)

    with pytest.raises(InputError, match="is no model"):
        read_model(changed(written, forged))


def test_an_array_of_objects_is_never_unpacked(written) -> None:
    def forged(members):
        import io

        held = io.BytesIO()
        np.save(held, np.array([print], dtype=object), allow_pickle=True)
        members["arrays/00000.npy"] = held.getvalue()
        signed(members)

    with pytest.raises(InputError, match="is no model"):
        read_model(changed(written, forged))


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 broken"])
def test_another_file_is_refused(tmp_path, content) -> None:
    path = tmp_path / "other.mdl"
    path.write_bytes(content)

    with pytest.raises(InputError, match="is no model"):
        read_model(path)
