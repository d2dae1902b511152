"""The CSV is byte for byte that of rpki-client, also where one prefix has many VRPs."""

from __future__ import annotations

import pytest

from madang.rpki.engine.making import issuing, profile
from madang.rpki.engine.outputs.formats import written
from madang.rpki.engine.outputs.listing import listed
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.blocks import EVERYTHING
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.validation.outcome import Sourced
from tests.rpki.engine.making import peers, tree

ROAS = {
    64496: ["10.0.0.0/8-16", "10.0.0.0/24-24", "10.0.0.0/8-8", "2001:db8::/32-48"],
    64495: ["10.0.0.0/8-16", "9.0.0.0/8-24", "2001:db8::/32-32", "2001:db8::/48-48"],
    0: ["10.0.0.0/8-32", "11.0.0.0/9-9", "::/0-128", "2001:db8::/32-48"],
}


def _wanted():
    for asn, texts in ROAS.items():
        for text in texts:
            prefix, _, longest = text.rpartition("-")
            yield Vrp(*read_prefix(prefix), int(longest), asn)


def _repository(folder):
    grant = profile.Grant(serial=1, validity=tree.VALIDITY, resources=EVERYTHING)
    anchor = profile.anchor(tree.key(1), grant, place=tree.place("top")).signed(tree.key(1))
    top = tree.issuer("top", 1, certificate=tree.ANCHOR_URI)
    files = {}
    for number, (asn, texts) in enumerate(ROAS.items()):
        name = f"{asn}.roa"
        entries = [
            (read_prefix(text.rpartition("-")[0]), int(text.rpartition("-")[2])) for text in texts
        ]
        sheet = issuing.Sheet(
            issuer=top,
            key=tree.key(3 + number),
            serial=10 + number,
            validity=tree.VALIDITY,
            uri=f"{tree.BASE}top/{name}",
            signing_time=tree.NOW,
        )
        files[name] = issuing.roa(sheet, asn, entries=entries)
    for path, content in {
        "anchor.cer": anchor,
        **tree.point(top, "top", files=files),
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@pytest.mark.rpki_peers
def test_rpki_client_writes_the_same_lines(tmp_path, monkeypatch):
    seen = {}
    run = peers._run

    def keeping(*command, folder):
        said = run(*command, folder=folder)
        if command[0] == "rpki-client":
            seen["csv"] = (folder / "out" / "csv").read_text()
        return said

    monkeypatch.setattr(peers, "_run", keeping)
    _repository(tmp_path / "repo")
    verdict = peers.rpki_client(tmp_path / "repo", tree.locator())
    theirs = seen["csv"].splitlines()
    ends = int(theirs[1].split(",")[4])
    sources = [Sourced(vrp, "synth", ends, "") for vrp in _wanted()]
    ours = b"".join(written(listed(sources, generated=0), "csv-expires")).decode().splitlines()

    assert verdict.vrps == set(_wanted())
    assert ours == theirs
