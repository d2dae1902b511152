"""One record and one text of the team give one dossier, to the byte."""

from __future__ import annotations

import json
from dataclasses import replace

from madang.kernel.words import words
from madang.prognosis.engine.dossier.dossier import LABEL, as_json, dossier
from tests.prognosis.engine.dossier.records import bare, tried

ABOUT = {"title": words("제목", "A title"), "ethics": words("심의", "Approved")}


def test_the_same_record_gives_the_same_bytes() -> None:
    first = as_json(dossier(tried(), ABOUT))
    again = as_json(dossier(replace(tried()), dict(reversed(ABOUT.items()))))

    assert first == again
    assert first.endswith(b"\n")


def test_another_record_gives_other_bytes() -> None:
    other = replace(tried(), digest="f" * 64)

    assert as_json(dossier(other, ABOUT)) != as_json(dossier(tried(), ABOUT))


def test_the_json_holds_both_checklists_the_label_and_the_counts() -> None:
    found = json.loads(as_json(dossier(tried(), ABOUT)))

    assert len(found["tripod"]) == 52
    assert len(found["probast"]) == 34
    assert found["label"] == {"ko": LABEL.ko, "en": LABEL.en}
    assert LABEL.ko == "시험용. 진료 판단을 대신하지 않습니다."
    assert LABEL.en == "For trial use; does not replace clinical judgement."
    assert sum(found["counts"]["tripod"].values()) == 52
    assert sum(found["counts"]["probast"]["evaluation"].values()) == 18
    assert found["record"]["digest"] == "d" * 64
    assert found["title"]["en"] == "A title"


def test_every_sentence_stands_in_both_languages() -> None:
    def pairs(value: object) -> list[dict[str, str]]:
        if isinstance(value, dict):
            own = [value] if set(value) == {"ko", "en"} else []
            return own + [each for part in value.values() for each in pairs(part)]
        return [each for part in value for each in pairs(part)] if isinstance(value, list) else []

    for record in (bare(), tried()):
        found = pairs(json.loads(as_json(dossier(record, {}))))
        assert len(found) > 150
        for each in found:
            assert each["ko"].strip()
            assert each["en"].strip()
            assert not any("가" <= letter <= "힣" for letter in each["en"])
