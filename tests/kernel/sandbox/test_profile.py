"""The order to bubblewrap: every namespace, every size, every remount."""

from __future__ import annotations

import itertools

import pytest

from madang.kernel.sandbox.profile import arguments, environment, zygote_source
from madang.kernel.sandbox.runtime import Runtime


@pytest.fixture
def order() -> list[str]:
    return arguments(
        Runtime(distributions=(), preload=()),
        sources={},
        scratch_bytes=5000,
        inputs_bytes=0,
        command=["/bin/true"],
    )


def test_every_namespace_is_new_and_every_right_dropped(order):
    assert {
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--as-pid-1",
        "--clearenv",
    } <= set(order)
    assert ["--cap-drop", "ALL"] in pairs(order)
    assert ["--uid", "65534"] in pairs(order)
    assert ["--gid", "65534"] in pairs(order)
    assert not {"--share-net", "--bind", "--dev"} & set(order)


def test_every_tmpfs_has_a_size_in_whole_pages(order):
    places = [at for at, word in enumerate(order) if word == "--tmpfs"]

    assert len(places) >= 3
    for at in places:
        assert order[at - 2] == "--size"
        assert int(order[at - 1]) >= 4096
        assert int(order[at - 1]) % 4096 == 0
    assert order[at_of(order, "--tmpfs", "/job") - 1] == "8192"


def test_what_need_not_be_written_is_read_only_again(order):
    remounted = [order[at + 1] for at, word in enumerate(order) if word == "--remount-ro"]

    assert {"/proc", "/dev", "/"} <= set(remounted)
    assert remounted[-1] == "/"
    assert order.index("--proc") < at_of(order, "--remount-ro", "/proc")
    assert at_of(order, "--tmpfs", "/dev/shm") < at_of(order, "--remount-ro", "/dev")


def test_the_variables_are_few_and_fixed(monkeypatch):
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    alone = environment()
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("SECRET", "x")

    assert environment() == alone | {"OPENBLAS_CORETYPE": "Haswell"}
    assert (alone["OMP_NUM_THREADS"], alone["OPENBLAS_NUM_THREADS"], alone["PYTHONHASHSEED"]) == (
        "1",
        "1",
        "0",
    )


def test_a_source_is_bound_from_where_it_can_be_reached():
    runtime = Runtime(distributions=(), preload=())
    first = runtime.binds()[0]
    moved = arguments(
        runtime, sources={first.source: "/stage/0"}, scratch_bytes=1, inputs_bytes=1, command=[]
    )

    assert at_of(moved, "/stage/0", first.target)


def test_the_first_process_needs_nothing_but_the_standard_library():
    lines = zygote_source().splitlines()
    imported = [line.split()[1] for line in lines if line.startswith(("import ", "from "))]

    assert imported
    assert not [name for name in imported if name.startswith("madang")]


def pairs(order: list[str]) -> list[list[str]]:
    return [list(each) for each in itertools.pairwise(order)]


def at_of(order: list[str], *words: str) -> int:
    return pairs(order).index(list(words))
