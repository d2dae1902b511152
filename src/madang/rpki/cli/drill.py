"""`madang rpki drill`: what would an attack or a failure do, now and under full validation?"""

from __future__ import annotations

from pathlib import Path

import click

from madang.kernel.commands import as_json_option, say
from madang.rpki.cli.group import rpki

SHARE = click.FloatRange(0, 1)


@rpki.command()
@click.option("--seed", type=int, default=2026, show_default=True, help="Draws who plays.")
@click.option(
    "--ases", type=click.IntRange(20, 20_000), default=1000, show_default=True, help="Drawn ASes."
)
@click.option(
    "--trials", type=click.IntRange(1, 100), default=5, show_default=True, help="Times each."
)
@click.option(
    "--topology",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="AS relationships in CAIDA's form, plain or packed, instead of drawn ones.",
)
@click.option(
    "--validating",
    type=SHARE,
    default=0.25,
    show_default=True,
    help="Share of ASes that drop invalid origins now.",
)
@as_json_option
def drill(
    seed: int,
    ases: int,
    trials: int,
    *,
    topology: Path | None,
    validating: float,
    as_json: bool,
) -> None:
    """모의 훈련 · Replay hijacks, a leak and failures; tell who survives, now and protected.

    대역 탈취, 경로 누출, 검증기 상실, 발행 지점 중단을 재현합니다. 같은 시드는 같은 결과를 냅니다.

    Exit codes: 0 played, 3 the topology cannot be read.
    """
    from madang.rpki.engine.routes.drill import drill as engine
    from madang.rpki.engine.routes.drill.topology import drawn, read_relation_file

    network = read_relation_file(topology) if topology else drawn(seed, count=ases)
    found = engine.drill(
        network, seed=seed, trials=trials, shares=engine.Shares(validating=validating)
    )
    say(found.plain(), as_json=as_json, text=str(engine.told(found)))
