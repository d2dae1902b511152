"""The scorer answers with aggregates and sentences; no defect of its own quotes a value."""

from __future__ import annotations

import subprocess
import sys

import pytest

from madang.kernel import process
from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import words
from madang.trials.engine.scorer import Hindered, Refused, Scorer, told_without_values, unpacked
from madang.trials.engine.workspace import Workspace
from tests.trials.acts import register_line


def test_a_refusal_crosses_with_its_sentence_and_whose_matter_it_is(office, tmp_path):
    ask = office.runner.scoring.ask

    with pytest.raises(Refused) as refused:
        ask("register", text="seed: 1", table="", demonstration="", accept=[])
    with pytest.raises(InputError, match="no registered demand"):
        ask("baselines", demand="nothing", part="board")
    register_line(office, tmp_path)
    with pytest.raises(Hindered, match="object"):
        ask("scores", demand="line", part="board", answers="0" * 64)

    assert "no demand" in refused.value.sentence("en")
    assert "빠진 항목" in refused.value.sentence("ko")
    assert refused.value.kind == "DemandError"


@pytest.mark.parametrize(("handed_in", "kind"), [(True, InputError), (False, Unavailable)])
def test_what_was_packed_is_unpacked_word_for_word(handed_in, kind):
    problem = unpacked({"kind": "K", "handed_in": handed_in, "ko": "가.", "en": "A."})

    assert isinstance(problem, kind)
    assert (problem.sentence("ko"), problem.sentence("en")) == ("가.", "A.")


def test_a_storage_fault_is_answered_and_names_no_path(tmp_path):
    workspace = Workspace(tmp_path / "w").create()
    workspace.keys.create("outcomes")
    (workspace.folder / "demands").rmdir()
    (workspace.folder / "demands").write_text("no folder")
    scorer = Scorer(workspace)

    answer = scorer.answer({"ask": "baselines", "demand": "line", "part": "board"})

    assert answer["refused"]["handed_in"] in (True, False)
    assert str(tmp_path) not in answer["refused"]["en"]


def test_a_defect_says_where_and_never_what(capsys):
    try:
        raise ValueError("the outcome is 3.25")
    except ValueError as fault:
        told_without_values(type(fault), fault, fault.__traceback__)

    said = capsys.readouterr().err
    assert "test_scorer.py" in said
    assert "scorer: ValueError" in said
    assert "3.25" not in said


def test_a_scorer_that_meets_a_defect_quotes_nothing_of_the_question(tmp_path):
    scorer = subprocess.Popen(
        [sys.executable, "-m", "madang.trials.engine.scorer", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert scorer.stdin is not None
    process.write_frame(scorer.stdin, {"ask": "canary-7731"})
    stdout, stderr = scorer.communicate(timeout=60)

    assert scorer.returncode == 1
    assert b"scorer: KeyError" in stderr
    assert b"canary-7731" not in stdout + stderr


def test_the_scorer_ends_with_its_asker(tmp_path):
    scorer = subprocess.Popen(
        [sys.executable, "-m", "madang.trials.engine.scorer", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    scorer.communicate(timeout=60)

    assert scorer.returncode == 0
    assert (tmp_path / "keys" / "outcomes.key").exists()


def test_what_the_scorer_says_of_a_part_is_scores_and_digests_alone(office, tmp_path):
    register_line(office, tmp_path)

    found = office.runner.scoring.ask("baselines", demand="line", part="board")["median"]

    assert set(found) == {"answers", "scores", "ko", "en"}
    assert len(found["answers"]) == 64
    assert set(found["scores"]) == {"absolute_loss", "hit_score", "root_mean_square_loss"}
    assert words(found["ko"], found["en"]) == words("중앙값", "Median for everybody")
