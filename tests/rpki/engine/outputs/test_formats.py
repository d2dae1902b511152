"""Expected texts are written after the programs named in each test."""

from __future__ import annotations

import csv
import json
import os

import pytest

from madang.kernel.errors import Unavailable
from madang.rpki.engine.outputs.configurations import bird_cache, frr_cache
from madang.rpki.engine.outputs.formats import FORMATS, write_file, written
from madang.rpki.engine.outputs.listing import listed
from madang.rpki.engine.routes.vrp_files import read_text
from madang.rpki.engine.validation.outcome import Sourced
from tests.rpki.engine.outputs.listings import AT, V4, small


def _text(form, listing=None):
    return b"".join(written(listing or small(), form)).decode()


def test_csv_is_that_of_routinator_in_the_order_of_rpki_client():
    assert _text("csv").splitlines() == [
        "ASN,IP Prefix,Max Length,Trust Anchor",
        "AS0,0.0.0.0/0,32,apnic",
        "AS64501,192.0.2.0/24,28,kr",
        "AS64500,192.0.2.0/24,24,apnic",
        "AS64500,2001:db8::/32,48,kr",
        "AS4294967295,2001:db9::1/128,128,kr",
    ]


def test_csv_with_ends_is_that_of_rpki_client():
    lines = _text("csv-expires").splitlines()

    assert lines[0] == "ASN,IP Prefix,Max Length,Trust Anchor,Expires"
    assert lines[2] == f"AS64501,192.0.2.0/24,28,kr,{AT + 50}"


def test_a_name_of_a_trust_anchor_cannot_break_a_table():
    odd = listed([Sourced(V4, 'a,"b"\nc', 0, "")], generated=AT)
    rows = list(csv.reader(_text("csv", odd).splitlines(keepends=True)))

    assert rows[1] == ["AS64500", "192.0.2.0/24", "24", 'a,"b"\nc']
    assert json.loads(_text("json", odd))["roas"][0]["ta"] == 'a,"b"\nc'
    assert r'ta="a,\"b\"\nc"' in _text("prometheus", odd)


def test_json_of_rpki_client():
    found = json.loads(_text("json"))

    assert found["metadata"]["buildtime"] == "2025-11-24T16:00:00Z"
    assert found["metadata"]["vrps"] == 5
    assert found["roas"][1] == {
        "asn": 64501,
        "prefix": "192.0.2.0/24",
        "maxLength": 28,
        "ta": "kr",
        "expires": AT + 50,
    }
    assert "expires" not in found["roas"][4]
    assert found["aspas"] == [
        {"customer_asid": 64500, "providers": [64501, 64502]},
        {"customer_asid": 64510, "providers": [0]},
    ]
    assert found["bgpsec_keys"][0]["asn"] == 64500
    assert found["bgpsec_keys"][0]["ski"] == "000102030405060708090A0B0C0D0E0F10111213"


def test_json_of_routinator():
    text = _text("routinator")
    found = json.loads(text)

    # A line of Routinator 0.15's own test files.
    assert (
        '    { "asn": "AS64500", "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "apnic" },\n'
        in text
    )
    assert found["metadata"] == {"generated": AT, "generatedTime": "2025-11-24T16:00:00Z"}
    assert found["aspas"][0] == {
        "customer": "AS64500",
        "providers": ["AS64501", "AS64502"],
        "ta": "N/A",
    }
    assert "=" not in found["routerKeys"][0]["routerPublicKey"]


@pytest.mark.parametrize("form", ["csv", "csv-expires", "json", "routinator"])
def test_what_is_written_reads_back(form):
    found = read_text(_text(form), name=form).payloads

    assert found.vrps == small().payloads.vrps
    if "csv" not in form:
        assert found.aspas == small().payloads.aspas


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_at_all_can_be_written(form):
    nothing = listed([], generated=AT)
    content = b"".join(written(nothing, form))

    assert content
    if form in ("json", "routinator"):
        assert json.loads(content)["roas"] == []


def test_openbgpd_sets():
    assert _text("openbgpd").splitlines()[1:5] == [
        f"\t0.0.0.0/0 maxlen 32 source-as 0 expires {AT + 10}",
        f"\t192.0.2.0/24 maxlen 28 source-as 64501 expires {AT + 50}",
        f"\t192.0.2.0/24 source-as 64500 expires {AT + 40}",
        f"\t2001:db8::/32 maxlen 48 source-as 64500 expires {AT + 60}",
    ]
    assert "\tcustomer-as 64500 provider-as { 64501, 64502 }\n" in _text("openbgpd")


def test_counts_are_by_trust_anchor_and_family():
    text = _text("prometheus")

    assert 'rpki_vrps{ta="kr",family="6"} 2\n' in text
    assert 'rpki_vrps{ta="apnic",family="4"} 2\n' in text
    assert "rpki_aspas 2\n" in text
    assert f"rpki_generated_seconds {AT}\n" in text


def test_caches_are_named_to_bird_and_frr():
    assert 'remote "127.0.0.1" port 8282;' in bird_cache("127.0.0.1", 8282)
    assert " rpki cache 127.0.0.1 8282 preference 2\n" in frr_cache(
        "127.0.0.1", 8282, preference=2
    )


def test_a_file_is_put_in_place_whole_or_not_at_all(tmp_path):
    path = tmp_path / "vrps.csv"
    path.write_bytes(b"before")

    def breaking():
        yield b"half"
        assert path.read_bytes() == b"before"
        raise OSError(28, "No space left on device")

    with pytest.raises(Unavailable, match="No space left"):
        write_file(path, breaking())
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["vrps.csv"]

    write_file(path, [b"af", b"ter"])
    assert path.read_bytes() == b"after"
    assert os.listdir(tmp_path) == ["vrps.csv"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Unavailable, match="absent"):
        write_file(tmp_path / "absent" / "vrps.csv", [b""])
