"""The manifests are strings: naming every system loads none, and what is missing is said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from madang.kernel import systems
from madang.kernel.errors import InputError, MissingExtra
from tests import house

if TYPE_CHECKING:
    from pathlib import Path


def test_every_name_has_a_manifest_of_that_name_in_the_order_of_the_programme() -> None:
    assert tuple(each.name for each in systems.manifests()) == systems.NAMES


def test_an_unknown_system_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        systems.manifest("os")

    for language in ("ko", "en"):
        sentence = caught.value.sentence(language)
        assert "'os'" in sentence
        assert all(name in sentence for name in systems.NAMES)


def test_listing_the_systems_loads_no_library() -> None:
    source = (
        "import sys; from madang.kernel import systems; systems.manifests(); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )

    loaded = house.run(sys.executable, "-c", source).stdout.split()

    assert "madang" in loaded
    assert not {"numpy", "scipy", "polars", "click", "sklearn", "onnxruntime"} & set(loaded)


def test_a_reference_loads_what_it_names() -> None:
    assert systems.load("madang.kernel.systems:NAMES") is systems.NAMES


def test_a_missing_library_of_an_extra_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room_without_library.py").write_text("import no_such_library")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(MissingExtra) as caught:
        systems.load("room_without_library:x", extra="prognosis")

    assert (caught.value.system, caught.value.extra) == ("room_without_library", "prognosis")


def test_a_missing_module_of_the_product_is_a_defect_and_not_a_missing_extra() -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        systems.load("madang.no_such_system.cli:main", extra="trials")

    assert not isinstance(caught.value, MissingExtra)


def test_a_library_whose_name_begins_like_ours_still_belongs_to_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room_with_namesake.py").write_text("import madangtools")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(MissingExtra):
        systems.load("room_with_namesake:x", extra="trials")


def test_without_an_extra_a_missing_library_is_told_as_it_is() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        systems.load("no_such_library:x")
