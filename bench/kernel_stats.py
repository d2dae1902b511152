"""Statistics: speed beside peers, coverage of the intervals, and the board against adaptive teams.

The attacks are also the subject of a test: three ways to learn sealed labels from the answers of a
board alone. The labels are coin flips, so that whatever is gained is fake.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from bench.table import Measurement
from madang.kernel.stats.auc import delong
from madang.kernel.stats.bootstrap import mean_differences
from madang.kernel.stats.comparison import covariance_differences
from madang.kernel.stats.ladder import Ladder

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

CASES = 1000
QUERIES = 1000
SEEDS = 12
BLOCKS = (5, 20, 60, 200)


class Answer(NamedTuple):
    """What a team hears."""

    shown: float
    improved: bool


class Board(Protocol):
    """Anything that answers a submission whose per-case losses are known to it alone."""

    def ask(self, losses: Floats) -> Answer:
        """Answer one submission."""


@dataclass
class Rounded:
    """The score itself, rounded to a unit (0: not at all)."""

    unit: float = 0.0
    best: float = np.inf

    def ask(self, losses: Floats) -> Answer:
        """The score, whatever it is."""
        shown = float(losses.mean())
        if self.unit:
            shown = round(shown / self.unit) * self.unit
        improved = shown < self.best
        self.best = min(self.best, shown)
        return Answer(shown, improved)


@dataclass
class ParameterFree:
    """The published Ladder: a step of one standard error of the paired difference."""

    best: Floats | None = None

    def ask(self, losses: Floats) -> Answer:
        """The best score so far."""
        if self.best is None:
            self.best = losses
            return Answer(float(losses.mean()), True)
        difference = losses - self.best
        improved = difference.mean() < -difference.std(ddof=1) / np.sqrt(len(losses))
        if improved:
            self.best = losses
        return Answer(float(self.best.mean()), bool(improved))


@dataclass
class Hardened:
    """The product's Ladder, with or without the trivial baseline as first rung or a floor."""

    baseline: Floats | None = None
    floor: float | None = None
    best: Floats | None = field(init=False)
    ladder: Ladder = field(init=False)

    def __post_init__(self) -> None:
        self.best = self.baseline
        self.ladder = Ladder(queries=QUERIES, cases=CASES, floor=self.floor)

    def ask(self, losses: Floats) -> Answer:
        """The best released score; 1 while there is none."""
        release = self.ladder.release(self.best, losses)
        self.ladder = release.ladder
        if release.improved:
            self.best = losses
        return Answer(1.0 if release.shown is None else release.shown, release.improved)


def greedy(board: Board, truth: Floats, rng: np.random.Generator, block: int) -> Floats:
    """Flip a random block of labels and keep it where the board says that it helped.

    Returns:
        (n,) the labels reached after all questions.
    """
    labels = rng.integers(0, 2, CASES).astype(float)
    board.ask(np.abs(labels - truth))
    for _ in range(QUERIES - 1):
        tried = labels.copy()
        flipped = rng.choice(CASES, block, replace=False)
        tried[flipped] = 1 - tried[flipped]
        if board.ask(np.abs(tried - truth)).improved:
            labels = tried
    return labels


def boost(board: Board, truth: Floats, rng: np.random.Generator) -> Floats:
    """Ask for random labels and let those that looked better than chance vote (Blum & Hardt)."""
    votes, last = np.zeros(CASES), np.inf
    labels = rng.integers(0, 2, CASES).astype(float)
    for _ in range(QUERIES):
        tried = rng.integers(0, 2, CASES).astype(float)
        shown, improved = board.ask(np.abs(tried - truth))
        # On a Ladder only an improvement is news of this very submission.
        if shown < 0.5 and (improved or shown != last):
            votes += 2 * tried - 1
        last = shown
    return np.where(votes == 0, labels, votes > 0).astype(float)


def climb(
    board: Board, truth: Floats, rng: np.random.Generator, errors: float, floor: float
) -> Floats:
    """Start with wildly sure probabilities, calm them down, and let the board choose directions.

    Calming is certain to lower the Brier loss by a known amount. Mixed in the right proportion
    with a random direction, whether it passes the step (`errors` standard errors, at least
    the share `floor` of the loss) tells about the direction, step after step.
    """
    current = rng.integers(0, 2, CASES).astype(float)
    votes, spoken = np.zeros(CASES), False
    board.ask((current - truth) ** 2)
    for _ in range(QUERIES - 1):
        direction = rng.choice([-1.0, 1.0], CASES)
        tried = _calmed(current, 0.02 * direction, errors, floor)
        if tried is None:
            break
        if board.ask((tried - truth) ** 2).improved:
            votes, current, spoken = votes + direction, tried, True
    return (votes > 0).astype(float) if spoken else rng.integers(0, 2, CASES).astype(float)


def _calmed(current: Floats, push: Floats, errors: float, floor: float) -> Floats | None:
    """The least calming whose chance to pass the step is at least about 1 in 20."""
    for share in np.arange(0, 0.5, 0.005):
        tried = np.clip(0.5 + (current - 0.5) * (1 - share) + push, 0, 1)
        if_one, if_zero = (tried - 1) ** 2 - (current - 1) ** 2, tried**2 - current**2
        mean = float((if_one + if_zero).mean() / 2)
        loss = float((current**2 + (1 - current) ** 2).mean() / 2)
        error = np.sqrt(float((if_one**2 + if_zero**2).mean() / 2) - mean**2) / np.sqrt(CASES)
        if mean < -max(errors * error, floor * loss) + 1.6 * error:
            return tried
    return None


def reached(
    board: Callable[[Floats], Board],
    attack: Callable[[Board, Floats, np.random.Generator], Floats],
    *,
    seeds: int,
) -> float:
    """The mean share of sealed labels that an attack gets wrong; .5 where it gains nothing.

    Args:
        board: Makes a board; takes the sealed labels, which its baseline may need.
        attack: Takes the board, the sealed labels (used for answering only) and a generator.
        seeds: Number of repetitions with fresh labels.
    """
    losses = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 2, CASES).astype(float)
        losses.append(np.abs(attack(board(truth), truth, rng) - truth).mean())
    return float(np.mean(losses))


LABEL_BOARDS: dict[str, Callable[[Floats], Board]] = {
    "raw score": lambda truth: Rounded(),
    "rounded to .01": lambda truth: Rounded(0.01),
    "parameter-free Ladder": lambda truth: ParameterFree(),
    "Ladder, first score shown": lambda truth: Hardened(),
    "Ladder from the baseline": lambda truth: Hardened(truth),  # the constant answer 0
}
BRIER_BOARDS: dict[str, tuple[Callable[[Floats], Board], float, float]] = {
    "parameter-free Ladder": (lambda truth: ParameterFree(), 1.0, 0.0),
    "Ladder, first score shown, no floor": (lambda truth: Hardened(floor=0.0), 3.72, 0.003),
    "Ladder, first score shown": (lambda truth: Hardened(), 3.72, 0.01),
    "Ladder from the baseline": (lambda truth: Hardened(np.full(CASES, 0.25)), 3.72, 0.01),
}
"""Board → how it is made, and the standard errors and the floor that the attacker counts on."""


def attacks() -> list[Measurement]:
    """What each attack reaches on each board."""
    rows = []
    for name, board in LABEL_BOARDS.items():
        boosted = reached(board, boost, seeds=SEEDS)
        flipped = {
            block: reached(
                board,
                lambda asked, truth, rng, block=block: greedy(asked, truth, rng, block),
                seeds=SEEDS,
            )
            for block in BLOCKS
        }
        rows.append(
            _board_row(
                name,
                {"boost": boosted, **{f"greedy {b}": loss for b, loss in flipped.items()}},
                promised=name.startswith("Ladder"),
            )
        )
    for name, (board, errors, floor) in BRIER_BOARDS.items():
        loss = reached(
            board,
            lambda asked, truth, rng, errors=errors, floor=floor: climb(
                asked, truth, rng, errors, floor
            ),
            seeds=SEEDS,
        )
        rows.append(_board_row(name, {"climb": loss}, promised=name.endswith("baseline")))
    return rows


def _board_row(name: str, losses: dict[str, float], *, promised: bool) -> Measurement:
    worst = min(losses, key=lambda attack: losses[attack])
    gain = 100 * (0.5 - losses[worst])
    return Measurement(
        what=f"fake gain after {QUERIES} questions: {name}",
        figure=f"{gain:.1f} points ({worst})",
        peer=", ".join(f"{attack} {loss:.3f}" for attack, loss in losses.items()),
        goal="at most 3 points" if promised else "",
        kept=gain <= 3 if promised else None,
        how=f"loss on {CASES} coin-flip labels, mean of {SEEDS} (standard error .005)",
    )


def cpu_s(work: Callable[[], object], *, runs: int = 5) -> float:
    """The least CPU time of some runs after a first one, in seconds."""
    work()
    spent = []
    for _ in range(runs):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def delong_speed() -> Measurement:
    """DeLong beside the comparison of all pairs and scikit-learn's AUC alone."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    labels = rng.random(20_000) < 0.2
    scores = labels + rng.normal(size=(2, 20_000))

    def all_pairs() -> None:
        for row in scores:
            over = (row[labels][:, None] > row[~labels]).astype(np.float32)
            over.mean(axis=0), over.mean(axis=1)

    ours = cpu_s(lambda: delong(labels, scores))
    pairs_s = cpu_s(all_pairs, runs=1)
    judge = cpu_s(lambda: [roc_auc_score(labels, row) for row in scores])
    return Measurement(
        what="DeLong, 20,000 cases, 2 scores with covariance",
        figure=f"{ours * 1000:.1f} ms",
        peer=f"all pairs {pairs_s * 1000:.0f} ms; scikit-learn, AUC alone, {judge * 1000:.1f} ms",
        goal="at most 15 ms",
        kept=ours <= 0.015,
        how="CPU time, best of 5",
    )


def bootstrap_speed() -> Measurement:
    """All pairs of five solutions beside SciPy's bootstrap of the same differences."""
    from scipy import stats

    rng = np.random.default_rng(1)
    losses = rng.exponential(size=(5, 2000))
    differences = np.stack([losses[a] - losses[b] for a in range(5) for b in range(a + 1, 5)])
    ours = cpu_s(lambda: mean_differences(losses, rng=rng, count=2000), runs=3)
    judge = cpu_s(
        lambda: stats.bootstrap(
            (differences,), np.mean, axis=1, n_resamples=2000, batch=50, rng=rng
        ),
        runs=1,
    )
    return Measurement(
        what="paired bootstrap, 2,000 replicates, 5 solutions, 2,000 cases, all pairs",
        figure=f"{ours:.2f} s",
        peer=f"scipy.stats.bootstrap {judge:.2f} s, without p values and simultaneous intervals",
        goal="at most 1.5 s",
        kept=ours <= 1.5,
        how="CPU time, best of 3 (SciPy: 1), BCa",
    )


def coverage(demands: int = 1000) -> list[Measurement]:
    """How often intervals hold the truth, and how often equal solutions are called different."""
    rng = np.random.default_rng(2)
    truths = np.array([0.20, 0.20, 0.21, 0.23, 0.26])
    alone = family = pairs_seen = 0
    called = np.zeros(2)
    for _ in range(demands):
        # Skewed losses that share what makes a case hard; 0 and 1 differ in all but their mean.
        hard = rng.gamma(2.0, 0.5, size=400)
        losses = truths[:, None] * hard * rng.gamma(1.5, 1 / 1.5, size=(5, 400))
        found = mean_differences(losses, rng=rng, count=1000)
        true = [truths[each.first] - truths[each.second] for each in found]
        held = [each.difference.covers(t) for each, t in zip(found, true, strict=True)]
        together = [each.simultaneous.covers(t) for each, t in zip(found, true, strict=True)]
        alone, pairs_seen, family = (
            alone + sum(held),
            pairs_seen + len(held),
            family + all(together),
        )
        called += found[0].p_value < 0.05, found[0].adjusted_p_value < 0.05
    how = f"{demands} simulated demands, 5 solutions, 400 cases, 1,000 replicates, skewed losses"
    return [
        _share_row("coverage of a pair's 95 % BCa interval", alone / pairs_seen, how),
        _share_row("coverage of all ten simultaneous intervals at once", family / demands, how),
        Measurement(
            what="equally good solutions with other predictions called different",
            figure=f"{called[1] / demands:.1%} among five on a board",
            peer=f"{called[0] / demands:.1%} by the p value of the pair alone",
            goal="at most 5 % (standard error .7 points)",
            kept=bool(called[1] <= 0.05 * demands),
            how=how,
        ),
    ]


def _share_row(what: str, share: float, how: str) -> Measurement:
    return Measurement(
        what=what, figure=f"{share:.1%}", goal="93 to 97 %", kept=0.93 <= share <= 0.97, how=how
    )


def paired_power(trials: int = 1000) -> Measurement:
    """What pairing is worth: DeLong on the same cases beside two separate intervals."""
    rng = np.random.default_rng(3)
    paired = separate = 0
    for _ in range(trials):
        labels = rng.random(1000) < 0.2
        shared = rng.normal(size=1000)
        noise = np.sqrt(0.8) * shared + np.sqrt(0.2) * rng.normal(size=(2, 1000))
        areas = delong(labels, labels * np.array([[1.0], [1.15]]) + noise)
        paired += covariance_differences(*areas)[0].p_value < 0.05
        errors = np.sqrt(np.diag(areas.covariance))
        separate += abs(np.diff(areas.estimates)[0]) > 1.96 * errors.sum()
    return Measurement(
        what="chance to find a true AUC difference of .03, 1,000 cases",
        figure=f"{paired / trials:.0%} paired",
        peer=f"{separate / trials:.0%} if two separate intervals must not overlap",
        how=f"{trials} simulated trials, 20 % positive, correlation .8",
    )


def measure() -> list[Measurement]:
    """Speed, coverage, power and the board."""
    return [delong_speed(), bootstrap_speed(), *coverage(), paired_power(), *attacks()]
