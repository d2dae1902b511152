"""`madang prognosis recalibrate`: a model learns what its own events can teach at one hospital."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.cli.group import (
    EXISTING,
    data_option,
    digest_option,
    outcome_options,
    prognosis,
)

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.prognosis.cli.tested import Tested


@prognosis.command()
@click.argument("model", type=EXISTING)
@data_option
@outcome_options
@click.option("--seed", type=int, default=0, show_default=True, help="Deals folds.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The recalibrated model; a published one becomes YAML (.yaml).",
)
@digest_option
@as_json_option
def recalibrate(model: Path, data: Path, out: Path, *, as_json: bool, **chosen: Any) -> None:
    """기관 재보정 · Recalibrate a model to the patients of one hospital, 20 events or more.

    MODEL is a file of `fit`, or a published model as YAML or PMML.

    Exit codes: 0 written, 3 the model, a row or a column cannot be used, or events are too few.
    """
    from madang.prognosis.cli.tested import tested

    found = tested(model, data, chosen)
    if found.model.facts.get("site"):
        raise InputError(
            words(f"{model.name}: 이미 재보정한 모형", f"{model.name}, recalibrated already"),
            words("재보정하기 전의 모형", "the model as it was before"),
        )
    record = _written(found, out, chosen["seed"])
    say({"file": str(out), **record}, as_json=as_json, text=_told(record, out))


def _written(found: Tested, out: Path, seed: int) -> dict[str, Any]:
    """Learn, write the file, and give its record with the digest."""
    from madang.prognosis.engine.model_file import write_model
    from madang.prognosis.engine.outside.model import OutsideModel
    from madang.prognosis.engine.outside.written import with_site
    from madang.prognosis.engine.stack.site import fit_site, recalibrated

    model = found.model
    if not isinstance(model, OutsideModel):
        times, horizon = model.stack.ends, model.stack.horizon
        site = fit_site(model, found.table, found.watched, times=times, horizon=horizon, seed=seed)
        fitted = recalibrated(model, site, found.digest)
        record: dict[str, Any] = fitted.facts["site"]
        return record | {"digest": write_model(fitted, out)}
    if out.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(
            words(f"--out {out.name}", f"--out {out.name}"),
            words("외부 모형은 .yaml 파일", "a file .yaml for a published model"),
        )
    site = fit_site(
        model, found.table, found.watched, times=model.grid, horizon=model.horizon, seed=seed
    )
    record = site.record | {"parent": found.digest, "bound": "none"}
    content = with_site(model, site.recalibration, record)
    out.write_bytes(content)
    return record | {"digest": hashlib.sha256(content).hexdigest()}


_KINDS = {
    "level": words("수준", "level"),
    "stretch": words("기울기", "slope"),
    "bend": words("굽힘", "bend"),
}
_BOUNDS = {
    "refitted": words(
        "열 명 가운데 아홉 명의 하한을 이 기관 환자로 다시 정했습니다.",
        "The bound that nine of ten reach was refitted to these patients.",
    ),
    "dropped": words(
        "환자가 적어 열 명 가운데 아홉 명의 하한은 더 이상 내지 않습니다.",
        "The bound that nine of ten reach is dropped: there are too few patients to refit it.",
    ),
}


def _told(record: dict[str, Any], out: Path) -> str:
    before, after = record["before"], record["after_cross_validated"]
    kinds = [(f"{each['time']:g}", _KINDS[each["kind"]]) for each in record["learnt"]]
    ko = ", ".join(f"{time}: {kind.ko}" for time, kind in kinds)
    en = ", ".join(f"{time}: {kind.en}" for time, kind in kinds)
    lines = [
        words(
            f"환자 {record['patients']}명, 시점 {record['horizon']:g}까지 사건 "
            f"{record['events']}건, 예측하지 않음 {record['refused']}명. 배운 것 {ko}",
            f"{record['patients']} patients, {record['events']} events until "
            f"{record['horizon']:g}, {record['refused']} refused. Learnt {en}",
        ),
        words(
            f"재보정 전 ICI {before['ici']:.4f}, 기울기 {before['slope']:.3f}, 전체 보정 "
            f"{before['in_the_large']:+.4f}",
            f"Before: ICI {before['ici']:.4f}, slope {before['slope']:.3f}, in the large "
            f"{before['in_the_large']:+.4f}",
        ),
        words(
            f"재보정 후(교차검증) ICI {after['ici']:.4f}, 기울기 {after['slope']:.3f}, 전체 보정 "
            f"{after['in_the_large']:+.4f}",
            f"After, cross-validated: ICI {after['ici']:.4f}, slope {after['slope']:.3f}, in the "
            f"large {after['in_the_large']:+.4f}",
        ),
    ]
    lines += _limits(record)
    lines.append(words(f"{out}: 해시값 {record['digest']}", f"{out}: digest {record['digest']}"))
    return "\n".join(map(str, lines))


def _limits(record: dict[str, Any]) -> list[Words]:
    """What few events allowed, large subgroups, and what became of the bound."""
    lines = [
        words(
            f"  {each['column']} {each['value']}: {each['patients']}명, ICI {each['ici']:.4f}",
            f"  {each['column']} {each['value']}: {each['patients']}, ICI {each['ici']:.4f}",
        )
        for each in record["subgroups_cross_validated"]
    ]
    if record["level_drawn_to_model"]:
        lines.append(
            words(
                "사건이 30건에 못 미쳐 수준만, 원래 모형 쪽으로 당겨서 옮겼습니다.",
                "With fewer than 30 events the level alone was moved, drawn towards the model.",
            )
        )
    return lines + ([_BOUNDS[record["bound"]]] if record["bound"] in _BOUNDS else [])
