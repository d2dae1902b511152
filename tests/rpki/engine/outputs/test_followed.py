from __future__ import annotations

import json
import os

import pytest

from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.outputs.followed import PayloadFile
from madang.rpki.engine.payloads import Vrp

TABLE = "ASN,IP Prefix,Max Length,Trust Anchor\nAS64500,192.0.2.0/24,24,kr\n"
SLURM = {
    "slurmVersion": 1,
    "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
    "locallyAddedAssertions": {
        "prefixAssertions": [{"asn": 7, "prefix": "10.0.0.0/8"}],
        "bgpsecAssertions": [],
    },
}
SIGNED, MINE = Vrp(4, 0xC0000200, 24, 24, 64500), Vrp(4, 10 << 24, 8, 8, 7)


@pytest.fixture
def files(tmp_path):
    table, local = tmp_path / "vrps.csv", tmp_path / "local.json"
    table.write_text(TABLE)
    local.write_text(json.dumps(SLURM))
    return table, local


def test_a_file_and_its_exceptions_are_read_together(files):
    table, local = files
    found = PayloadFile(table, [local]).read()

    assert found.payloads.vrps == {SIGNED, MINE}
    assert found.anchors == {SIGNED: "kr"}
    assert PayloadFile(table).read().payloads.vrps == {SIGNED}


@pytest.mark.parametrize("which", [0, 1])
def test_a_change_of_any_file_is_seen_once(files, which):
    followed = PayloadFile(files[0], files[1:])
    assert followed.has_changed()
    followed.read()
    assert not followed.has_changed()

    # The same bytes at another time, as a program writes that found nothing new.
    os.utime(files[which], ns=(1, 1))
    assert followed.has_changed()
    followed.read()
    assert not followed.has_changed()


def test_a_file_that_went_away_is_a_change_and_then_named(files):
    followed = PayloadFile(files[0], files[1:])
    followed.read()
    files[1].unlink()

    assert followed.has_changed()
    with pytest.raises(SettingRefused, match=r"local\.json"):
        followed.read()


def test_exceptions_that_contradict_each_other_are_named(files, tmp_path):
    other = tmp_path / "other.json"
    other.write_text(json.dumps(SLURM))

    with pytest.raises(SettingRefused, match=r"other\.json"):
        PayloadFile(files[0], [files[1], other]).read()
