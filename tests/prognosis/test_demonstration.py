"""The main job on the real cohort: five solutions, one of them a cheat, to a signed report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from madang.kernel.evidence.keys import VerifyingKey
from madang.kernel.evidence.verify import verify_path


def demonstrate(folder: Path, *before: str) -> dict:
    """Run the command as a newcomer does, after the given words of another command."""
    ended = subprocess.run(
        [
            *before,
            sys.executable,
            "-m",
            "madang",
            "trials",
            "demo",
            "--json",
            "--out",
            str(folder),
        ],
        capture_output=True,
        text=True,
        timeout=400,
        env={**os.environ, "MADANG_LANG": "ko"},
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """One demonstration, for several promises."""
    return demonstrate(tmp_path_factory.mktemp("demo"))


@pytest.mark.bwrap
def test_the_honest_solutions_are_ranked_and_the_cheat_is_contained(shown):
    ranked = [each["solution"] for each in shown["ranking"]]
    endings = {(each["solution"], each["part"]): each for each in shown["endings"]}

    assert set(ranked) == {
        "baseline:kaplan_meier",
        "kaplan_meier_file",
        "stack_file",
        "weibull_onnx",
        "cox_elastic_net",
        "discrete_boosting",
    }
    assert endings["outcome_hunter", "board"]["cause"] == "forbidden"
    assert endings["outcome_hunter", "board"]["telltale"]["exception"] == "PermissionError"
    assert {each["state"] for key, each in endings.items() if key[0] != "outcome_hunter"} == {
        "scored"
    }


@pytest.mark.bwrap
def test_real_models_beat_the_trivial_baseline_and_a_copy_of_it_does_not(shown):
    rows = {each["solution"]: each for each in shown["ranking"]}

    for name in ("stack_file", "weibull_onnx", "cox_elastic_net", "discrete_boosting"):
        assert rows[name]["difference_interval"][1] < 0, name
        assert rows[name]["scores"]["uno_c"] > 0.6
    assert abs(rows["kaplan_meier_file"]["difference_from_baseline"]) < 1e-9
    assert rows["kaplan_meier_file"]["scores"]["uno_c"] == 0.5
    assert shown["decision"]["adopted"] in rows


@pytest.mark.bwrap
def test_every_rendering_verifies_with_the_printed_key_and_not_after_one_altered_byte(shown):
    key = VerifyingKey.read(shown["report"]["key"])

    for kind in ("html", "pdf", "json"):
        path = Path(shown["report"][kind])
        assert verify_path(path, key=key).ok
        content = bytearray(path.read_bytes())
        content[len(content) // 3] ^= 1
        forged = path.with_name(f"forged.{kind}")
        forged.write_bytes(content)
        verdict = verify_path(forged, key=key)
        assert not verdict.ok
        assert verdict.first_broken


@pytest.mark.bwrap
@pytest.mark.slow
def test_a_second_demonstration_gives_identical_scores(shown, tmp_path):
    again = demonstrate(tmp_path)

    assert again["ranking"] == shown["ranking"]
    assert again["decision"] == shown["decision"]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("unshare"), reason="util-linux is not installed")
def test_where_namespaces_are_refused_it_finishes_with_prediction_files_only(tmp_path):
    # The limit is per user namespace, so nothing outside this test is touched.
    refusing = (
        'echo 1 > /proc/sys/user/max_user_namespaces && exec unshare -U --map-user=1000 "$@"'
    )
    shown = demonstrate(tmp_path, "unshare", "-U", "-r", "sh", "-c", refusing, "sh")

    endings = {(each["solution"], each["part"]): each for each in shown["endings"]}
    assert endings["kaplan_meier_file", "final"]["state"] == "scored"
    refused = [
        endings[name, "board"]
        for name in ("weibull_onnx", "cox_elastic_net", "discrete_boosting", "outcome_hunter")
    ]
    assert {each["cause"] for each in refused} == {"sandbox_unavailable"}
    assert all("sudo make sandbox-profile" in each["reason"]["en"] for each in refused)
    assert verify_path(shown["report"]["html"], key=VerifyingKey.read(shown["report"]["key"])).ok
