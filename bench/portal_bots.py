"""What do programs learn of sealed labels by handing in 1,000 times through the site's API?

`python -m bench.portal_bots NAME` is its process: it makes a demand whose labels are coin flips,
and a company's program that hands in, lets the site's own worker score, and reads the answer, as
often as the quota allows. What an attack gains is fake: no one can know a coin.
"""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bench.kernel_stats import CASES, QUERIES, Answer, Rounded, boost, greedy
from bench.sites import kinds, set_up, site
from bench.table import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from madang.trials.web.models import Demand

    Floats = NDArray[np.float64]
    Act = Callable[[Any, Floats, np.random.Generator], Floats]

_ME = "bench.portal_bots"
_BLOCK = 20
_MOST_POINTS = 3.0
_SHARES = {"open": 0.2, "board": 0.4, "final": 0.4}
ATTACKS: dict[str, Act] = {
    "boosting": boost,
    "greedy": lambda board, truth, rng: greedy(board, truth, rng, _BLOCK),
}


def measure() -> list[Measurement]:
    """Each attack against a site of its own."""
    rows = []
    for name in ATTACKS:
        with site(kinds()[0]) as made:
            rows.append(_told(name, made.ask(_ME, name)))
    return rows


def _told(name: str, found: dict[str, Any]) -> Measurement:
    return Measurement(
        what=f"{name} attack by {found['submissions']:,} submissions through the API, "
        f"{found['cases']:,} sealed cases",
        figure=f"the board shows {found['gain']:.1f} points more than chance, "
        f"the labels reached {found['reached']:.1f}",
        peer=f"a board that shows scores with three digits: {found['open_gain']:.1f} points",
        goal=f"at most {_MOST_POINTS:g} points",
        kept=max(found["gain"], found["reached"]) <= _MOST_POINTS,
        how=f"labels are coin flips; {found['improved']} releases, {found['bits']:.1f} bits left "
        f"the seal; handed in with a token, scored by the worker",
    )


class Programs:
    """A board behind the site's API: every question is a submission of a company's program."""

    def __init__(self, demand: Demand, truth: Floats, cases: list[str], final: list[str]) -> None:
        from django.test import Client

        from madang.portal import tokens
        from madang.portal.example import person

        user = person("company")
        home = user.memberships.get().organisation
        made = tokens.mint(home, name="bot", rights=(), days=30, by=user)
        self._client, self._headers = Client(), {"Authorization": f"Bearer {made.text}"}
        self._path = f"/api/v1/trials/demands/{demand.name}/submissions"
        self._truth, self._cases, self._final = truth, cases, final
        self._shown = 1.0
        self.asked, self.improved = 0, 0

    def ask(self, losses: Floats) -> Answer:
        """Hand in the labels that have these errors; what the program is told of it."""
        from django.core.files.uploadedfile import SimpleUploadedFile

        labels = np.abs(losses - self._truth)
        rows = pl.DataFrame(
            {
                "case": [*self._cases, *self._final],
                "p_heads": [*labels, *np.full(len(self._final), 0.5)],
            }
        ).with_columns(p_tails=1 - pl.col("p_heads"))
        file = io.BytesIO()
        rows.write_csv(file)
        given = {"name": f"s{self.asked}", "tier": "predictions", "title_en": "A guess"}
        given["files"] = SimpleUploadedFile("predictions.csv", file.getvalue())
        answer = self._client.post(self._path, given, headers=self._headers)
        self.asked += 1
        if answer.status_code != 201:
            raise RuntimeError(answer.content.decode()[:500])
        return self._scored(answer.json()["id"])

    def _scored(self, submission: str) -> Answer:
        from madang.portal.worker import work

        work(until_idle=True, lease_s=60, poll_s=0.01)
        path = f"/api/v1/trials/submissions/{submission}"
        told = self._client.get(path, headers=self._headers).json()
        if told["state"] != "done":
            raise RuntimeError(f"{submission} ended as {told['state']}")
        release = told["release"] or {}
        if release.get("is_improved"):
            self.improved += 1
            self._shown = 1 - release["shown"]
        return Answer(self._shown, improved=bool(release.get("is_improved")))


def _attack(name: str) -> None:
    from django.conf import settings

    from madang.portal import example

    settings.LIMITS = False  # the hourly limit alone would stop the bot after an hour's worth
    settings.ALLOWED_HOSTS = ["testserver"]
    example.create()
    rng = np.random.default_rng(20251122)
    table = _table(rng)
    demand = _posted(table)
    cases, final = _cases(demand, "board"), _cases(demand, "final")
    sides = dict(zip(table["x"], table["side"], strict=True))
    truth = np.array([float(sides[x] == "heads") for x in cases["x"]])
    if len(truth) != CASES:
        raise RuntimeError(f"{len(truth)} sealed cases, expected {CASES}")
    board = Programs(demand, truth, list(cases["case"]), list(final["case"]))
    labels = ATTACKS[name](board, truth, rng)
    open_board = Rounded()
    open_labels = ATTACKS[name](open_board, truth, np.random.default_rng(7))
    demand.refresh_from_db()
    chance = max(truth.mean(), 1 - truth.mean())
    found = {
        "submissions": board.asked,
        "cases": len(truth),
        "improved": board.improved,
        "bits": demand.bits,
        "gain": 100 * max(0.0, (1 - board._shown) - chance) if board.improved else 0.0,
        "reached": 100 * ((labels == truth).mean() - 0.5),
        "open_gain": 100 * ((open_labels == truth).mean() - 0.5),
    }
    print(json.dumps(found))


def _table(rng: np.random.Generator) -> pl.DataFrame:
    """Cases about which nothing can be known: every x is another one, every side a coin flip."""
    count = round(CASES / _SHARES["board"])
    return pl.DataFrame(
        {
            "id": [f"coin-{n}" for n in range(count)],
            "x": rng.permutation(count).astype(float),
            "side": np.where(rng.permutation(count) % 2, "heads", "tails"),
        }
    )


def _posted(table: pl.DataFrame) -> Demand:
    from madang.portal.example import AGENCY, organisation, person
    from madang.trials.web.services.seed import open_demand

    file = io.BytesIO()
    table.write_csv(file)
    by, agency = person("agency"), organisation(AGENCY)
    return open_demand(_plain(), file.getvalue(), by=by, agency=agency, ministry=None)


def _plain() -> dict[str, Any]:
    return {
        "demand": "coins",
        "title": {"ko": "동전 맞히기", "en": "Tell the coin"},
        "problem": {"ko": "동전의 앞뒤를 맞힙니다.", "en": "Tell heads from tails."},
        "task": {
            "name": "trials.classification",
            "options": {"outcome": "side", "classes": ["tails", "heads"]},
        },
        "data": {
            "id": "id",
            "inputs": [{"name": "x", "kind": "number"}],
            "outcomes": [{"name": "side", "kind": "category", "levels": ["tails", "heads"]}],
        },
        "parts": dict(_SHARES),
        "seed": 7,
        "tiers": ["predictions"],
        "quota": {"submissions": QUERIES},
        "decision": {"metric": "accuracy", "baseline": "commonest_class", "rule": "superiority"},
    }


def _cases(demand: Demand, part: str) -> pl.DataFrame:
    from django.test import Client

    path = f"/api/v1/trials/demands/{demand.name}/data/{part}_inputs.parquet"
    return pl.read_parquet(io.BytesIO(b"".join(Client().get(path).streaming_content)))  # type: ignore[arg-type]


if __name__ == "__main__":
    set_up()
    _attack(sys.argv[1])
