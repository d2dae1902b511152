from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.routes.vrp_files import read_text, read_vrps

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "ASN,IP Prefix,Max Length,Trust Anchor"
FIRST = Vrp(4, 0x0A000000, 8, 24, 64500)


def test_reads_the_columns_that_rpki_client_writes(tmp_path: Path) -> None:
    file = tmp_path / "csv"
    file.write_text(f"{HEAD},Expires\nAS64500,10.0.0.0/8,24,apnic,1700000000\n")

    assert read_vrps(file).anchors == {FIRST: "apnic"}


def test_reads_the_json_of_rpki_client_and_of_routinator() -> None:
    plain = {
        "roas": [{"asn": 64500, "prefix": "10.0.0.0/8", "maxLength": 24, "ta": "apnic"}],
        "aspas": [{"customer_asid": 1, "providers": [3, 2]}],
    }
    other = {
        "roas": [{"asn": "AS64500", "prefix": "10.0.0.0/8", "maxLength": 24, "ta": "apnic"}],
        "aspas": [{"customer": "AS1", "providers": ["AS2", "AS3"]}],
    }

    first, second = (read_text(json.dumps(each), name="f") for each in (plain, other))

    assert first == second
    assert first.payloads.vrps == {FIRST}
    assert first.payloads.aspas == {Aspa(1, (2, 3))}


FAULTS = [
    (f"{HEAD}\nAS1,10.0.0.0/8,8,x\nAS1,10.0.0.1/8,8,x", "f:3"),
    (f"{HEAD}\nAS4294967296,10.0.0.0/8,8,x", "f:2"),
    (f"{HEAD}\nAS1,10.0.0.0/8,7,x", "f:2"),
    (f"{HEAD}\nAS1,10.0.0.0/8,33,x", "f:2"),
    (f"{HEAD}\nAS1,10.0.0.0/8,²,x", "f:2"),
    (f"{HEAD}\nAS1,10.0.0.0/8", "f:2"),
    ("prefix,asn", "f:1"),
    ("", "f:1"),
    ("{", "f:1"),
    ('{"roas": 1}', "f"),
    ('{"roas": [[]]}', "f roas[0]"),
    ('{"roas": [{"asn": true, "prefix": "10.0.0.0/8", "maxLength": 8}]}', "f roas[0]"),
    ('{"roas": [{"asn": 1, "prefix": null, "maxLength": 8}]}', "f roas[0]"),
    ('{"roas": [], "aspas": [{"customer": 1, "providers": []}]}', "f aspas[0]"),
    ('{"roas": [], "aspas": [{"customer": "x", "providers": [1]}]}', "f aspas[0]"),
    ('{"roas": [], "aspas": {}}', "f aspas"),
]


@pytest.mark.parametrize(("text", "place"), FAULTS)
def test_names_the_place_of_the_first_fault(text: str, place: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        read_text(text, name="f")

    assert refused.value.sentence("en").startswith(f"Found {place}: ")


def test_a_folder_and_strange_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")

    for path in (tmp_path, tmp_path / "bytes", tmp_path / "none"):
        with pytest.raises(SettingRefused):
            read_vrps(path)


@given(st.text() | st.text(alphabet='AS10.:/,\n"{}[]', max_size=60).map(lambda t: f"{HEAD}\n{t}"))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        read_text(text, name="f")
    except SettingRefused:
        return
