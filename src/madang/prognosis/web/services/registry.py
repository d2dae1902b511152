"""Which models does an organisation have, and which of them answers?"""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal import objects
from madang.portal.log import remember
from madang.prognosis.engine import model_file
from madang.prognosis.engine.answer import DAYS
from madang.prognosis.engine.dynamic.model import VisitModel
from madang.prognosis.engine.dynamic.rows import read_rows
from madang.prognosis.engine.followup.next_visit import Limits
from madang.prognosis.engine.titles import TITLES
from madang.prognosis.web import models

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.portal.models import Organisation, StoredObject, User
    from madang.prognosis.engine.stack.model import Model

MEDIA_TYPE = "application/zip"
_MOST_OPEN = 16


class Step(NamedTuple):
    """What may be decided of a model, and what it is then."""

    title: Words
    state: str
    says: Words
    is_grave: bool = False


STEPS: dict[str, dict[str, Step]] = {
    "candidate": {
        "use": Step(
            words("사용 시작하기", "Take it into use"),
            "live",
            words(
                "이 기관의 환자에게 이 모형이 답합니다. 지금 쓰는 모형은 사용을 마칩니다.",
                "It answers for this organisation's patients; the one in use now is retired.",
            ),
        ),
    },
    "live": {
        "stop": Step(
            words("사용 중지하기", "Stop it"),
            "stopped",
            words("더는 답하지 않습니다.", "It answers no longer."),
            is_grave=True,
        ),
    },
    "stopped": {
        "resume": Step(
            words("다시 사용하기", "Take it up again"),
            "live",
            words(
                "까닭을 없앤 뒤에 다시 씁니다. 감시는 처음부터 시작합니다.",
                "Once the cause is gone. The watch over it begins anew.",
            ),
        ),
        "retire": Step(
            words("사용 마치기", "Retire it"),
            "retired",
            words("다시 쓸 수 없습니다.", "It cannot be taken up again."),
            is_grave=True,
        ),
    },
    "retired": {},
}
"""State → name of a step → what it does."""


def thing(row: models.Registered) -> str:
    """How the evidence log names a model."""
    return f"prognosis/model/{row.pk}"


@lru_cache(maxsize=_MOST_OPEN)
def opened_by(digest: str) -> Model | VisitModel:
    """A content of the store as a model; the same content is read once by a process."""
    with tempfile.NamedTemporaryFile(suffix=".model") as file:
        file.write(objects.objects().get(digest))
        file.flush()
        return model_file.read_model(Path(file.name)).model


def opened(row: models.Registered) -> Model | VisitModel:
    """The model itself."""
    return opened_by(row.content.digest)


@transaction.atomic
def register(
    content: bytes,
    *,
    owner: Organisation,
    by: User,
    name: str,
    rows: bytes = b"",
    **told: Any,
) -> models.Registered:
    """Register a model of an organisation; it answers once somebody takes it into use.

    Args:
        content: The model's file.
        owner: The organisation.
        by: Who does it.
        name: Its name in addresses.
        rows: What it learnt from (`engine.dynamic.rows`), or empty.
        told: Other fields of the row: titles, outcome, limits.

    Raises:
        InputError: The content is no model, the name is taken, or the limits make no sense.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.model"
        path.write_bytes(content)
        read = model_file.read_model(path)
    if models.Registered.objects.filter(pk=name).exists():
        raise InputError(
            words(f"이미 쓰는 이름 {name!r}", f"the name {name!r}, taken"),
            words("등록하지 않은 이름", "a name that no model has"),
        )
    kept = objects.keep(content, name=f"{name}.model", media_type=MEDIA_TYPE, owner=owner, by=by)
    row = models.Registered(
        pk=name, owner=owner, by=by, content=kept, digest=read.digest, facts=read.model.facts
    )
    for field, value in told.items():
        setattr(row, field, value)
    if rows:
        row.rows = _kept_rows(rows, read.model, owner=owner, by=by, name=name)
    row.columns = [_column(each) for each in read.model.declared]
    limits(row)
    if row.facts.get("unit", "day") not in DAYS:
        raise InputError(
            words(f"시간 단위 {row.facts['unit']!r}", f"the unit {row.facts['unit']!r} of time"),
            words(", ".join(DAYS), ", ".join(DAYS)),
        )
    row.save()
    remember("model-registered", thing(row), by=by, digest=read.digest, owner=owner.slug)
    return row


def _kept_rows(
    content: bytes, model: Model | VisitModel, *, owner: Organisation, by: User, name: str
) -> StoredObject:
    if not isinstance(model, VisitModel):
        raise InputError(
            words("등록 때 한 번 답하는 모형의 학습 자료", "training rows of a model of entry"),
            words("방문마다 답하는 모형", "a model of visits"),
        )
    read_rows(content, [each["name"] for each in model.declared])
    return objects.keep(
        content, name=f"{name}.parquet", media_type="application/octet-stream", owner=owner, by=by
    )


def _column(declared: dict[str, Any]) -> dict[str, Any]:
    known = TITLES.get(declared["name"])
    return {**declared, "unit": known.unit if known else ""}


def limits(row: models.Registered) -> Limits:
    """The clinic's limits.

    Raises:
        InputError: They make no sense.
    """
    return Limits(
        threshold=row.threshold,
        window=float(row.window_days),
        shortest=float(row.shortest_days),
        longest=float(row.longest_days),
    )


@transaction.atomic
def decide(row: models.Registered, step: str, *, by: User | None, reason: str = "") -> None:
    """Take a model into use, stop it, take it up again, or retire it.

    Raises:
        InputError: A model in this state has no such step.
    """
    row = models.Registered.objects.select_for_update().get(pk=row.pk)
    found = STEPS[row.state].get(step)
    if found is None:
        raise InputError(
            words(f"{row.state_title.ko} 상태의 모형", f"a model that is {row.state}"),
            words(
                ", ".join(each.title.ko for each in STEPS[row.state].values()) or "-",
                ", ".join(each.title.en for each in STEPS[row.state].values()) or "nothing",
            ),
        )
    if found.state == "live":
        others = models.Registered.objects.filter(owner=row.owner, state="live").exclude(pk=row.pk)
        for other in others:
            _moved(other, "retired", by, words("다른 모형 사용", "another one in use").en)
    if step == "resume":
        row.watch, row.watched_until = {}, None
    _moved(row, found.state, by, reason)


def _moved(row: models.Registered, state: str, by: User | None, reason: str) -> None:
    before, row.state = row.state, state
    row.save()
    remember(
        "model-moved", thing(row), by=by, was=before, now=state, reason=reason, digest=row.digest
    )


def live(owner: Organisation | int) -> models.Registered | None:
    """The model that answers for an organisation's patients."""
    rows = models.Registered.objects.filter(owner=owner, state="live")
    return rows.select_related("content").first()
