"""Colours that everybody can read, computed from the tokens themselves."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from madang.kernel.report import colours

MODES = ("light", "dark")
# Machado, Oliveira, Fernandes (2009), "A Physiologically-based Model for Simulation of Color
# Vision Deficiency", severity 1.0, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def _linear(code: str) -> np.ndarray:
    """Linear RGB of a colour code (IEC 61966-2-1)."""
    values = np.array([int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it."""
    light, dark = sorted(
        (float(_linear(code) @ [0.2126, 0.7152, 0.0722]) for code in (first, second)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


def _oklab(linear: np.ndarray) -> np.ndarray:
    """Perceived colour (Ottosson 2020), times 100."""
    cones = linear @ np.array(
        [
            [0.4122214708, 0.2119034982, 0.0883024619],
            [0.5363325363, 0.6806995451, 0.2817188376],
            [0.0514459929, 0.1073969566, 0.6299787005],
        ]
    )
    return 100 * (
        np.cbrt(np.clip(cones, 0, None))
        @ np.array(
            [
                [0.2104542553, 1.9779984951, 0.0259040371],
                [0.7936177850, -2.4285922050, 0.7827717662],
                [-0.0040720468, 0.4505937099, -0.8086757660],
            ]
        )
    )


def test_black_on_white_has_the_ratio_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


TEXT = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "accent-paper"), ("ink", "danger-paper"),
    ("ink", "late-paper"), ("soft-ink", "paper"), ("soft-ink", "surface"), ("accent", "paper"),
    ("accent", "accent-paper"), ("danger", "danger-paper"), ("late", "late-paper"),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("letters", "ground"), TEXT)
def test_text_stands_out_from_its_ground(mode, letters, ground):
    first, second = (getattr(colours.TOKENS[name], mode) for name in (letters, ground))

    assert contrast(first, second) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_marks_and_edges_stand_out_from_the_paper(mode):
    marks = [*colours.HUES, colours.EDGE]

    lowest = min(contrast(getattr(mark, mode), getattr(colours.PAPER, mode)) for mark in marks)

    assert lowest >= 3.0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_any_two_hues_stay_apart_for_every_kind_of_eye(mode, blindness):
    seen = [
        _oklab(np.clip(BLINDNESS[blindness] @ _linear(getattr(hue, mode)), 0, 1))
        for hue in colours.HUES
    ]

    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 10


def test_there_are_at_most_six_hues_and_no_two_tokens_share_a_light_value():
    values = [colour.light for colour in colours.TOKENS.values()]

    assert len(colours.HUES) <= 6
    assert len(set(values)) == len(values)
    assert {hue.light for hue in colours.HUES} <= set(values)
