from __future__ import annotations

import random

import pytest

from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.payloads import Aspa, RouterKey, Vrp
from madang.rpki.engine.resources.prefix import Prefix, read_prefix
from madang.rpki.engine.slurm.exceptions import AspaFilter, KeyFilter, Place, PrefixFilter, Slurm
from madang.rpki.engine.slurm.merging import merged

A, B = Place("a.json", "x"), Place("b.json", "y")


def _filters(place, *prefixes):
    return Slurm(
        prefix_filters=tuple(PrefixFilter(read_prefix(each), None, place) for each in prefixes)
    )


def _asserts(place, prefix):
    found = read_prefix(prefix)
    return Slurm(vrps=((Vrp(*found, found.length, 1), place),))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_filters(A, "192.0.2.0/24"), _filters(B, "192.0.2.0/24")),
        (_filters(A, "192.0.0.0/16"), _asserts(B, "192.0.2.0/24")),
        (_asserts(A, "192.0.2.0/24"), _filters(B, "192.0.0.0/16")),
        (_filters(A, "10.0.0.0/8", "192.0.0.0/16"), _filters(B, "10.9.0.0/16")),
        (_filters(A, "2001:db8::/32"), _filters(B, "::/0")),
        (
            Slurm(key_filters=(KeyFilter(5, None, A),)),
            Slurm(router_keys=((RouterKey(5, bytes(20), b"k"), B),)),
        ),
        (
            Slurm(aspa_filters=(AspaFilter(5, A),)),
            Slurm(aspas=((Aspa(5, (6,)), B),)),
        ),
    ],
)
def test_files_that_speak_of_the_same_are_both_named(one, other):
    """RFC 8416, section 4.2; for ASPAs by the same reason."""
    for files in ([one, other], [other, one]):
        with pytest.raises(SettingRefused) as caught:
            merged(files)
        assert "a.json" in str(caught.value)
        assert "b.json" in str(caught.value)


def test_files_that_are_apart_are_taken_together():
    one = _filters(A, "10.0.0.0/8", "10.1.0.0/16")
    other = _asserts(B, "11.0.0.0/8")
    six = _filters(B, "a00::/8")  # the same bits as 10.0.0.0/8, in another family
    found = merged([one, other, six])

    assert len(found.prefix_filters) == 3
    assert found.vrps == other.vrps
    assert merged([]) == Slurm()


def test_one_file_may_overlap_itself():
    same = _filters(A, "10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8")

    assert merged([same]) == same


def test_an_as_without_a_prefix_overlaps_nothing():
    one = Slurm(prefix_filters=(PrefixFilter(None, 5, A),))
    other = Slurm(prefix_filters=(PrefixFilter(None, 5, B),))

    assert len(merged([one, other]).prefix_filters) == 2


def test_conflicts_are_those_that_comparing_all_pairs_finds():
    chance = random.Random(9)
    for _ in range(300):
        files = []
        for number in range(3):
            place = Place(f"{number}", "")
            prefixes = []
            for _ in range(chance.randrange(4)):
                length = chance.randrange(3, 9)
                prefixes.append(Prefix(4, chance.getrandbits(length) << (32 - length), length))
            files.append(
                Slurm(prefix_filters=tuple(PrefixFilter(p, None, place) for p in prefixes))
            )
        conflict = any(
            one.prefix.covers(other.prefix) or other.prefix.covers(one.prefix)
            for at, file in enumerate(files)
            for one in file.prefix_filters
            for later in files[at + 1 :]
            for other in later.prefix_filters
        )
        try:
            merged(files)
        except SettingRefused:
            assert conflict
        else:
            assert not conflict
