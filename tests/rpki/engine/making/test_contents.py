"""What others' objects say is written in the same bytes here."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from madang.rpki.engine.making import contents
from madang.rpki.engine.resources.blocks import read_resources
from madang.rpki.engine.resources.prefix import read_prefix
from tests.rpki.engine.making import real


def test_a_roa_is_in_canonical_form_whatever_the_order_of_its_prefixes() -> None:
    entries = [
        (read_prefix("2001:db8::/32"), 48),
        (read_prefix("192.0.2.128/25"), None),
        (read_prefix("192.0.2.0/24"), 24),
        (read_prefix("192.0.2.0/25"), 26),
        (read_prefix("192.0.2.128/25"), 25),
    ]

    found = contents.roa(64496, entries)

    assert found == contents.roa(64496, list(reversed(entries)))
    # RFC 9582, 4.3: IPv4 before IPv6, then address, length, greatest length; each once.
    assert found.hex() == (
        "3040" "020300fbf0" "3039"
        "3023" "04020001" "301d"
        "3006" "030400c00002" "300a" "030507c0000200" "02011a" "3007" "030507c0000280"
        "3012" "04020002" "300c" "300a" "03050020010db8" "020130"
    )  # fmt: skip


def test_an_aspa_is_of_version_1_with_rising_providers() -> None:
    found = contents.aspa(64497, [64499, 64498, 64499])

    # draft-ietf-sidrops-aspa-profile, section 3: [0] EXPLICIT 1, customer, providers.
    assert found.hex() == "3016" + "a003020101" + "020300fbf1" + "300a020300fbf2020300fbf3"


@pytest.mark.shared
def test_real_roas_say_it_in_the_same_bytes() -> None:
    same = 0
    read = real.decoded("roa")
    for each, content in read:
        entries = [(read_prefix(v["prefix"]), v["maxlen"]) for v in each["vrps"]]
        same += contents.roa(each["vrps"][0]["asid"], entries) in content

    # The others write a greatest length that equals the prefix's own, or in another order.
    assert same >= 40


@pytest.mark.shared
def test_real_manifests_list_files_in_the_same_bytes() -> None:
    same = 0
    for each, content in real.decoded("manifest"):
        files = [
            contents.Listed(f["filename"], base64.b64decode(f["hash"]))
            for f in each["filesandhashes"]
        ]
        same += (
            contents.manifest(
                int(each["manifest_number"], 16),
                files,
                this_update=datetime.fromtimestamp(each["valid_since"], UTC),
                next_update=datetime.fromtimestamp(each["valid_until"], UTC),
            )
            in content
        )

    assert same >= 40


@pytest.mark.shared
def test_real_aspas_of_version_1_are_the_same_bytes() -> None:
    found = [
        contents.aspa(each["customer_asid"], each["providers"]) in content
        for each, content in real.decoded("aspa")
        if "providers" in each
    ]

    assert found == [True] * 4


@pytest.mark.shared
def test_real_checklists_are_the_same_bytes() -> None:
    found = []
    for each, content in real.decoded("rsc"):
        held = read_resources(
            ",".join(r.get("ip_prefix") or f"AS{r['asid']}" for r in each["signed_with_resources"])
        )
        files = [
            contents.Listed(f.get("filename", ""), base64.b64decode(f["hash_digest"]))
            for f in each["filenamesandhashes"]
        ]
        found.append(contents.checklist(held, files) in content)

    assert found == [True] * 2


@pytest.mark.shared
def test_real_anchor_keys_are_the_same_bytes() -> None:
    found = []
    for each, content in real.decoded("tak"):
        keys = {
            key["name"]: contents.AnchorKey(
                tuple(key["comments"]), tuple(key["uris"]), base64.b64decode(key["spki"])
            )
            for key in each["takeys"]
        }
        current = keys.pop("current")
        found.append(contents.trust_anchor_key(current, **keys) in content)

    assert any(found)
