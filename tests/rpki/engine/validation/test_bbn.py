"""The conformance suite of 2011: each case judged by itself, right under the rules of its time.

The verdicts are the suite's own; the code of each bad case (`bbn_reasons.csv`) was compared with
the reason that the suite states for it.
"""

from __future__ import annotations

import csv
import functools
import tarfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.certificate import read_certificate
from madang.rpki.engine.objects.cms import read_signed_object
from madang.rpki.engine.objects.crl import read_crl
from madang.rpki.engine.objects.ghostbusters import read_ghostbusters
from madang.rpki.engine.objects.tal import Tal
from madang.rpki.engine.validation.anchors import judge_anchor
from madang.rpki.engine.validation.issued import Window
from madang.rpki.engine.validation.judge import Judge, Revocations
from madang.rpki.engine.validation.policy import (
    PROFILE_2011,
    PROFILE_2026,
    PROFILE_STRICT,
    Policy,
)
from madang.rpki.engine.validation.verdicts import FOREVER

pytestmark = pytest.mark.shared

AT = 1_480_000_000
"""In 2016: within 2011 to 2046, in which the suite is meant to be judged."""
REAL_CARD = "root/goodRealGbrNothingIsWrong.gbr"
"""A card of a real authority that the suite does not hold: nothing but its form can be judged."""


@functools.cache
def files(shared: Path) -> dict[str, bytes]:
    with tarfile.open(shared / "rpki" / "bbn_objects.tar.xz", "r:xz") as archive:
        return {
            each.name: stream.read() for each in archive if (stream := archive.extractfile(each))
        }


def cases(shared: Path) -> dict[str, str]:
    """File → what the suite says of it, without the card of a stranger."""
    with (shared / "rpki" / "bbn_cases.csv").open(encoding="utf-8") as table:
        found = {row["file"]: row["verdict_2011"] for row in csv.DictReader(table)}
    return {file: verdict for file, verdict in found.items() if file != REAL_CARD}


def judge(shared: Path, policy: Policy) -> Judge:
    content = files(shared)["root.cer"]
    root = read_certificate(content)
    tal = Tal("bbn", ("rsync://example/root.cer",), root.key)
    window = Window(AT, 0, FOREVER)
    revocations = Revocations(
        read_crl(files(shared)["root/root.crl"]), f"{root.repository}root.crl"
    )
    return Judge(judge_anchor(content, tal, window, policy), revocations, window, policy)


def reason(shared: Path, file: str, policy: Policy) -> str:
    """The code of the first check that a case fails; empty where it is good."""
    content = files(shared)[file]
    try:
        if "/" in file:
            judge(shared, policy).judged(file, b"", content)
        else:
            key = read_certificate(files(shared)["root.cer"]).key
            try:
                key = read_certificate(content).key
            except Fault as fault:
                return fault.code
            tal = Tal("bbn", ("rsync://example/x.cer",), key)
            judge_anchor(content, tal, Window(AT, 0, FOREVER), policy)
    except Fault as fault:
        return fault.code
    return ""


def test_every_case_gets_the_verdict_of_the_suite_with_the_fitting_reason(shared: Path) -> None:
    with Path(__file__).with_name("bbn_reasons.csv").open(encoding="utf-8") as table:
        codes = {row["file"]: row["code"] for row in csv.DictReader(table)}
    stated = cases(shared)
    found = {file: reason(shared, file, PROFILE_2011) for file in stated}

    assert found == {file: codes.get(file, "") for file in stated}
    assert set(codes) == {file for file, verdict in stated.items() if verdict == "bad"}
    assert len(stated) == 245


def test_today_the_good_objects_of_2011_lack_what_came_to_be_required(shared: Path) -> None:
    good = [file for file, verdict in cases(shared).items() if verdict == "good"]
    found = Counter((file[-3:], reason(shared, file, PROFILE_2026)) for file in good)

    # RFC 9589 section 4 for every signed object; RFC 6487 section 4.8.6 for two points.
    assert found == {
        ("roa", "signing-time"): 36,
        ("gbr", "signing-time"): 1,
        ("cer", "crl-points"): 1,
        ("cer", ""): 19,
    }


@pytest.mark.parametrize("policy", [PROFILE_2026, PROFILE_STRICT])
def test_no_bad_case_is_good_today(shared: Path, policy: Policy) -> None:
    bad = [file for file, verdict in cases(shared).items() if verdict == "bad"]

    assert all(reason(shared, file, policy) for file in bad)


def test_with_a_signing_time_the_numbers_of_an_as_would_refuse_a_roa(shared: Path) -> None:
    policy = replace(PROFILE_2026, tolerated=PROFILE_2026.tolerated | {"signing-time"})
    good = [f for f, verdict in cases(shared).items() if verdict == "good" and f[-3:] == "roa"]

    assert {reason(shared, file, policy) for file in good} == {"roa-as-resources"}


def test_the_card_of_a_stranger_is_of_an_older_form_and_nobody_here_vouches_for_it(
    shared: Path,
) -> None:
    signed = read_signed_object(files(shared)[REAL_CARD])

    # RFC 6493 section 5 asks for version 4.0; the real card says 3.0.
    with pytest.raises(Fault, match="ghostbusters-card"):
        read_ghostbusters(signed)
    assert reason(shared, REAL_CARD, PROFILE_2011) == "crl-other"
