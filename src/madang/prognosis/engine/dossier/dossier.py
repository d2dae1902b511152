"""What stands in the dossier of a model? Card, quality, TRIPOD+AI and PROBAST+AI as one value.

The same record and the same words of the team give the same dossier, byte for byte as JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier import answers, card, judging, probast, tripod
from madang.prognosis.engine.dossier.record import Record, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.prognosis.engine.dossier.answers import Answer
    from madang.prognosis.engine.dossier.judging import Judgement

FORMAT = "madang-prognosis-dossier"
VERSION = 1
LABEL = words(
    "시험용. 진료 판단을 대신하지 않습니다.",
    "For trial use; does not replace clinical judgement.",
)


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """All that an ethics board or a journal gets, in both languages."""

    title: Words
    label: Words
    key_figures: tuple[tuple[Words, Words], ...]
    card: tuple[tuple[Words, Words], ...]
    tripod: tuple[Answer, ...]
    probast: tuple[Judgement, ...]
    about: dict[str, Words]
    record: Record


def dossier(record: Record, about: Mapping[str, Words]) -> Dossier:
    """Make the dossier.

    Args:
        record: What is known of the model without asking anybody.
        about: What the team says, as `about.read_about` gives it; may be empty.
    """
    return Dossier(
        title=about.get("title") or words("예후 모형", "A prognosis model"),
        label=LABEL,
        key_figures=card.key_figures(record, about),
        card=card.card(record, about),
        tripod=answers.answers(record, about),
        probast=judging.judged(record),
        about=dict(about),
        record=record,
    )


def as_json(made: Dossier) -> bytes:
    """The dossier for programs: sorted names, UTF-8, one line break at the end."""
    value: dict[str, Any] = plain(made)
    value |= {
        "format": FORMAT,
        "version": VERSION,
        "counts": {
            "tripod": answers.counted(made.tripod),
            "probast": {part: judging.counted(made.probast, part) for part in probast.PARTS},
        },
        "sources": [tripod.SOURCE, probast.SOURCE],
    }
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()
