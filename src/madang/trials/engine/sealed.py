"""What does the scorer compute from one sealed part? Releases, scores and the final comparison."""

from __future__ import annotations

import io
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from madang.trials.engine.exchange import encode_numbers
from madang.trials.engine.scoring import Solution, subgroup_scores
from madang.trials.engine.trivial import all_scores, trivial_answers, with_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Baseline, Environment, Floats, Part, Predictions
    from madang.trials.engine.demand import Demand
    from madang.trials.engine.workspace import DemandFolder, Workspace


class SealedPart:
    """One part, opened: never handed to another process."""

    def __init__(self, folder: DemandFolder, part: Part) -> None:
        self._folder, self._part = folder, part

    @classmethod
    def open(cls, workspace: Workspace, demand: str, part: str) -> SealedPart:
        """Open a part of a registered demand."""
        return cls(workspace.demand_folder(demand), part)  # type: ignore[arg-type]

    @property
    def _demand(self) -> Demand:
        return self._folder.demand

    @cached_property
    def _inputs(self) -> pl.DataFrame:
        return _parquet(self._folder.vault.open(self._part, "inputs"))

    @cached_property
    def _outcomes(self) -> pl.DataFrame:
        # Some scores need the covariates of the scored cases: outcome rows carry them beside.
        return with_inputs(self._inputs, _parquet(self._folder.vault.open(self._part, "outcomes")))

    @property
    def rows(self) -> int:
        """Cases of the part."""
        return self._outcomes.height

    def environment(self, row: int) -> Environment:
        """The conversation about one case."""
        scale = self._folder.scale
        return scale.task.environment(
            self._inputs, self._outcomes, row=row, frame=scale.frame, options=scale.options
        )

    def keep(self, answers: Predictions) -> str:
        """Store answers; their digest names them from now on. Records of a replay stay sealed."""
        content = pack(answers)
        if self._folder.scale.task.kind == "replay":
            content = self._folder.vault.wrap(content)
        return self._folder.workspace.objects.put(content)

    def baselines(self) -> dict[str, Any]:
        """Each trivial baseline's answers (their digest) and its scores on the part."""
        scale = self._folder.scale
        result = {}
        for baseline in scale.task.baselines(options=scale.options):
            answers = self._trivial(baseline)
            result[baseline.name] = {
                "answers": self.keep(answers),
                "scores": all_scores(scale, self._outcomes, answers),
                "ko": baseline.title_ko,
                "en": baseline.title_en,
            }
        return result

    def _trivial(self, baseline: Baseline) -> Predictions:
        return trivial_answers(
            self._folder.scale,
            baseline,
            open_sample=self._folder.open_sample(),
            inputs=self._inputs,
            outcomes=self._outcomes,
        )

    def scores(self, answers: str) -> dict[str, float | None]:
        """Every metric of stored answers."""
        return all_scores(self._folder.scale, self._outcomes, self._answers(answers))

    def release(self, *, answers: str, best: str | None) -> dict[str, Any]:
        """What the board may say of new answers, by the Ladder.

        Args:
            answers: Digest of the new answers.
            best: Digest of the firm's best released answers so far, or None before any release.
        """
        from madang.trials.engine.ladder import release

        scale, metric = self._folder.scale, self._demand.decision.metric
        return release(
            scale.metrics[metric],
            new=self._losses(self._answers(answers)),
            best=self._baseline_losses if best is None else self._losses(self._answers(best)),
            baseline=self._baseline_losses,
            quota=self._demand.quota,
            clusters=self._clusters,
        )

    @cached_property
    def _baseline_losses(self) -> Floats:
        scale, rule = self._folder.scale, self._demand.decision
        baselines = scale.task.baselines(options=scale.options)
        return self._losses(self._trivial(next(b for b in baselines if b.name == rule.baseline)))

    def _losses(self, answers: Predictions) -> Floats:
        return self._folder.scale.losses(
            self._demand.decision.metric, self._outcomes, answers, clusters=self._clusters
        )

    @property
    def _clusters(self) -> NDArray[Any] | None:
        return self._outcomes["__group"].to_numpy() if self._demand.group_column else None

    def compare(
        self, *, solutions: Mapping[str, str], baseline: str, among: Sequence[str]
    ) -> dict[str, Any]:
        """The comparison of all solutions by the decision's metric, and every other figure.

        Args:
            solutions: Name → digest of its answers.
            baseline: The name among them with which all are compared.
            among: Those that are compared in pairs as well.
        """
        # Loads SciPy, which no process but the scorer's needs.
        from madang.trials.engine.comparison import compare_all

        demand, scale = self._demand, self._folder.scale
        named = [Solution(name=n, answers=self._answers(d)) for n, d in solutions.items()]
        rule = demand.decision

        def compared(metric: str) -> dict[str, Any]:
            return compare_all(
                scale,
                metric,
                self._outcomes,
                named,
                baseline=baseline,
                among=among,
                level=1 - rule.alpha,
                seed=demand.seed,
                clusters=self._clusters,
            )

        others = [name for name in (*rule.secondary, *rule.guard) if name != rule.metric]
        return {
            "cases": self.rows,
            "primary": compared(rule.metric),
            "secondary": {name: compared(name)["scores"] for name in dict.fromkeys(others)},
            "all": {each.name: all_scores(scale, self._outcomes, each.answers) for each in named},
            "subgroups": subgroup_scores(
                scale,
                rule.metric,
                self._outcomes,
                self._inputs,
                named,
                columns=demand.subgroups,
                minimum_cell=demand.minimum_cell,
            ),
        }

    def _answers(self, digest: str) -> Predictions:
        content = self._folder.workspace.objects.get(digest)
        if self._folder.vault.is_wrapped(content):
            content = self._folder.vault.unwrap(content)
        return unpack(content)


def pack(answers: Predictions) -> bytes:
    """Answers as a stored object."""
    if isinstance(answers, list):
        # A record of a replay may hold half a character that a firm sent; JSON can, UTF-8 cannot.
        return json.dumps(answers, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return encode_numbers(answers)


def unpack(content: bytes) -> Predictions:
    """Stored answers. They were checked before they were stored."""
    import numpy as np

    if content.startswith(b"\x93NUMPY"):
        numbers: Floats = np.load(io.BytesIO(content), allow_pickle=False)
        return numbers
    answers: list[Any] = json.loads(content)
    return answers


def _parquet(content: bytes) -> pl.DataFrame:
    import polars as pl

    return pl.read_parquet(content)
