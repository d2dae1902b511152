"""Objects that others published, read field by field as rpki-client reads them."""

from __future__ import annotations

import base64
import functools
import json
import lzma
import tarfile
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.anchor_key import read_anchor_keys
from madang.rpki.engine.objects.aspa import read_aspa
from madang.rpki.engine.objects.certificate import Certificate, read_certificate
from madang.rpki.engine.objects.checklist import read_checklist
from madang.rpki.engine.objects.cms import read_signed_object
from madang.rpki.engine.objects.crl import read_crl
from madang.rpki.engine.objects.ghostbusters import read_ghostbusters
from madang.rpki.engine.objects.manifest import read_manifest
from madang.rpki.engine.objects.roa import read_roa
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import read_prefix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.shared

REFUSED = {
    # RFC 6488 section 2.1: an end-entity certificate that is its own issuer's key.
    "asa/b0d086b66cc6770c386ade47.asa": "anchor-places",
    "asa/eb4b5a88adfee066c0e039f1.asa": "anchor-places",
    # The form of draft -10, which rpki-client 8.2 reads and 9.8 refuses.
    "asa/2ce852e9b10ed9b5854eee0d.asa": "aspa-version",
    "asa/7d2573d5331ec1e83225e7a2.asa": "aspa-version",
    "asa/b4cd1704e4a55d9ca5131e96.asa": "aspa-version",
    "asa/b947f7e3b8a6a2496fe9d0cb.asa": "aspa-version",
    "asa/cf56cf836095307d78071c81.asa": "aspa-version",
    "asa/db1b1a50f27f4436128d9162.asa": "aspa-version",
    "asa/ddf0a66eb55f63c4eb8e95c1.asa": "aspa-version",
    "asa/e2f896d37de277e93309ef52.asa": "aspa-version",
    "asa/fc132c1e19669092c79045cf.asa": "aspa-version",
    # RFC 6493 section 5 knows no property N.
    "gbr/55d0f1318860f06a36cfdc57.gbr": "ghostbusters-card",
    # Placeholders: text, or another structure.
    "cer/01a97a70ac477f06179606d6.cer": "der-tag",
    "cer/32e0544eeb510ec03d7a06b9.cer": "der-tag",
    "cer/501655fb625a03520741801d.cer": "der-tag",
    "roa/e3b0c44298fc1c149afbf4c8.roa": "der-truncated",
    # RFC 7935 section 3: a key of 4,096 bits signs.
    "cer/34a45e2313ed8a590cbdf31e.cer": "signature-form",
    "cer/fa6d4111a50dd63421892ed2.cer": "signature-form",
    # Made to be wrong by their source.
    "cer/6b3eb7e972dae6fb65c0cea9.cer": "ip-length",
    "roa/8c419883af5121c7a473ba8a.roa": "roa-max-length",
    "roa/139696c5a9437d6fc45c7b31.roa": "cms-attributes",
    # Identity certificates of RFC 8183, which carry no key usage, and an extension of nobody's.
    "cer/9e42fb84a41dd43e6605da91.cer": "key-usage",
    "cer/fae1c03bde9da15e26e90a95.cer": "key-usage",
    "cer/d10750745405f7fe0ac01a5e.cer": "extension-unknown",
}
"""Each object that is not read, with the reason."""


@functools.cache
def objects(shared: Path) -> dict[str, bytes]:
    with tarfile.open(shared / "rpki" / "real_objects.tar.xz", "r:xz") as archive:
        return {
            each.name: stream.read() for each in archive if (stream := archive.extractfile(each))
        }


@functools.cache
def decoded(shared: Path) -> list[dict]:
    with lzma.open(shared / "rpki" / "real_decoded.jsonl.xz", "rt") as lines:
        return [json.loads(line) for line in lines]


def read_prefix_list(content: bytes) -> object:
    return read_signed_object(content)


READERS: dict[str, Callable[[bytes], object]] = {
    "cer": read_certificate,
    "crl": read_crl,
    "mft": lambda each: read_manifest(read_signed_object(each), most_files=100_000),
    "roa": lambda each: read_roa(read_signed_object(each)),
    "asa": lambda each: read_aspa(read_signed_object(each), most_providers=10_000),
    "gbr": lambda each: read_ghostbusters(read_signed_object(each)),
    "tak": lambda each: read_anchor_keys(read_signed_object(each)),
    "sig": lambda each: read_checklist(read_signed_object(each)),
    "spl": read_prefix_list,
}


def bare(identifier: str) -> str:
    return identifier.replace(":", "").upper()


def test_what_is_refused_is_refused_for_a_reason_that_is_written_down(shared: Path) -> None:
    refused = {}
    for file, content in objects(shared).items():
        try:
            READERS[file[-3:]](content)
        except Fault as fault:
            refused[file] = fault.code

    assert len(objects(shared)) == 571
    assert refused == REFUSED


def _certificate(file: str, content: bytes) -> Certificate:
    if file.endswith(".cer"):
        return read_certificate(content)
    return read_signed_object(content).certificate


def test_certificates_have_the_fields_that_rpki_client_reads(shared: Path) -> None:
    compared: Counter[str] = Counter()
    for row in decoded(shared):
        file = row["file"]
        if not row["by"] or file in REFUSED or file.endswith(".crl"):
            continue
        found = _certificate(file, objects(shared)[file])
        expected = {
            "cert_serial": f"{found.serial:X}",
            "ski": found.ski.hex().upper(),
            "aki": found.aki.hex().upper(),
            "aia": found.issuer_uri,
            "sia": found.signed_object,
            "carepository": found.repository,
            "manifest": found.manifest,
            "notify_url": found.notify,
        }
        for field, value in expected.items():
            if not (stated := row.get(field)):
                continue
            if field == "cert_serial":
                stated = f"{int(stated, 16):X}"
            elif field in ("ski", "aki"):
                stated = bare(stated)
            elif field == "carepository" and not stated.endswith("/"):
                stated += "/"
            assert value == stated, (file, field)
            compared[field] += 1
        if row["type"] != "manifest" and "valid_until" in row:
            assert row["valid_until"] == found.not_after, file
            compared["valid_until"] += 1

    assert compared["ski"] > 350
    assert compared["cert_serial"] > 350
    assert compared["carepository"] > 70
    assert compared["valid_until"] > 200


def test_roas_and_aspas_say_what_rpki_client_reads(shared: Path) -> None:
    roas = aspas = 0
    for row in decoded(shared):
        file = row["file"]
        if file in REFUSED:
            continue
        if row.get("type") == "roa":
            vrps, _ = read_roa(read_signed_object(objects(shared)[file]))
            stated = [Vrp(*read_prefix(v["prefix"]), v["maxlen"], v["asid"]) for v in row["vrps"]]
            assert sorted(vrps) == sorted(stated), file
            roas += 1
        elif row.get("type") == "aspa":
            found = read_aspa(read_signed_object(objects(shared)[file]), most_providers=99)
            assert found == Aspa(row["customer_asid"], tuple(row["providers"]))
            aspas += 1

    assert roas >= 155
    assert aspas == 4


def test_manifests_list_what_rpki_client_reads(shared: Path) -> None:
    compared = indefinite = 0
    for row in decoded(shared):
        if row.get("type") != "manifest":
            continue
        signed = read_signed_object(objects(shared)[row["file"]])
        found = read_manifest(signed, most_files=100_000)
        stated = {
            each["filename"]: base64.b64decode(each["hash"]) for each in row["filesandhashes"]
        }
        assert found.files == stated, row["file"]
        assert found.number == int(row["manifest_number"], 16)
        assert (found.this_update, found.next_update) == (row["valid_since"], row["valid_until"])
        compared += 1
        indefinite += "der-indefinite" in signed.oddities

    assert compared >= 140
    assert indefinite == 68  # the number in the programme's notes


def test_revocation_lists_revoke_what_rpki_client_reads(shared: Path) -> None:
    compared = entries = 0
    for row in decoded(shared):
        if row.get("type") != "crl":
            continue
        found = read_crl(objects(shared)[row["file"]])
        serials = {int(each["serial"], 16) for each in row.get("revoked_certs", ())}
        assert found.serials == serials, row["file"]
        assert found.number == int(row["crl_serial"], 16)
        assert found.aki.hex().upper() == bare(row["aki"])
        compared += 1
        entries += len(serials)

    assert compared >= 130
    assert entries > 500
