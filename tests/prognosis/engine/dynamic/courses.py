"""Patients whose marker walks at random and drives two causes, with the truth known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from madang.prognosis.engine.dynamic.visits import Courses, Visits, read_courses, read_visits

STEP, YEARS = 0.05, 6.0
COLUMNS = ("marker", "sex", "centre", "noise")
RATES = ((0.10, 1.0), (0.05, -0.5))
"""Of each cause: the hazard at marker 0, and what the marker adds to its logarithm."""


class Made(NamedTuple):
    """What was made."""

    visits: Visits
    courses: Courses
    table: pl.DataFrame


def marker(rng: np.random.Generator, count: int, start: float = 0.0) -> np.ndarray:
    """(count, steps) the marker at every step: steady, with a slow drift of its own."""
    steps = int(YEARS / STEP)
    level = start + rng.normal(0, 0.8, size=(count, 1))
    drift = rng.normal(0, 0.15, size=(count, 1))
    return level + drift * np.arange(steps) * STEP


def ends(rng: np.random.Generator, path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """When and of what each path ends; 0 where it reaches the last step."""
    count, steps = path.shape
    time, cause = np.full(count, YEARS), np.zeros(count, dtype=int)
    for number, (rate, slope) in enumerate(RATES, start=1):
        hazard = rate * np.exp(slope * path) * STEP
        happens = rng.random((count, steps)) < 1 - np.exp(-hazard)
        first = np.where(happens.any(axis=1), happens.argmax(axis=1), steps) * STEP + STEP / 2
        earlier = first < time
        time[earlier], cause[earlier] = first[earlier], number
    return time, cause


def made(count: int = 1500, seed: int = 1) -> Made:
    """Visits twice a year until the end, some values missing, some patients censored."""
    rng = np.random.default_rng(seed)
    path = marker(rng, count)
    time, cause = ends(rng, path)
    leaves = rng.uniform(1.0, 12.0, size=count)
    cause = np.where(leaves < time, 0, cause)
    time = np.minimum(time, leaves)
    rows = []
    for place in range(count):
        for visit in np.arange(0.0, time[place], 0.5):
            value = float(np.exp(path[place, min(int(visit / STEP), path.shape[1] - 1)]))
            missing = visit > 0 and rng.random() < 0.1
            rows.append(
                {
                    "id": f"p{place:04d}",
                    "at": float(visit),
                    "marker": None if missing else value,
                    "sex": "f" if place % 2 else "m",
                    "centre": "abc"[place % 3],
                    "noise": float(rng.normal()),
                }
            )
    table = pl.DataFrame(rows)
    visits = read_visits(table, patient="id", time="at", columns=COLUMNS)
    names = [f"p{place:04d}" for place in range(count)]
    return Made(visits, read_courses(names, time, cause), table)
