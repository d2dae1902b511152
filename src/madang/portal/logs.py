"""What does the site write about its own work? One JSON line for each thing that happened.

A line carries the identifier of its request or run and the number of who acted, never a name, an
address, a value or a path that somebody typed: of a foreign library's message only the template is
written, of an exception only its type and the places it passed.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from madang.kernel import clock
from madang.portal import acting

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    Line = MutableMapping[str, Any]

_PLACES = 8
"""How many of the innermost places of an exception a line names."""
OWN = "madang"


def configuration(file: str = "", *, level: str = "INFO") -> dict[str, Any]:
    """Django's LOGGING: every line as JSON, to the standard error or to a file.

    Args:
        file: A file that lines are added to; the standard error where empty.
        level: The least serious level of our own lines; others' begin at WARNING.
    """
    stream = {"class": "logging.StreamHandler"}
    place = {"class": "logging.handlers.WatchedFileHandler", "filename": file, "delay": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "madang.portal.logs.formatter"}},
        "handlers": {"lines": {**(place if file else stream), "formatter": "line"}},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            OWN: {"level": level},
            # Django's own handlers would print lines of another form, and mail to nobody.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            # A refused request has its line already, with its status.
            "django.request": {"level": "ERROR"},
        },
    }


def formatter() -> structlog.stdlib.ProcessorFormatter:
    """Turns a record of the standard library into a line."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            _event,
            _where,
            _fault,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=_named),
        ],
        keep_exc_info=True,
    )


def line(event: str, *, level: int = logging.INFO, **facts: Any) -> None:
    """Write a line of our own.

    Args:
        event: What happened, in a few words that never differ.
        level: How serious it is.
        facts: Numbers, identifiers and words of ours.
    """
    logging.getLogger(OWN).log(level, event, extra={"facts": facts})


def _event(_: Any, __: str, given: Line) -> Line:
    """What happened: of a foreign message the template alone, whatever was put into it."""
    record: logging.LogRecord = given["_record"]
    ours = record.name.partition(".")[0] == OWN
    return {
        "_record": record,
        "_from_structlog": False,
        "at": clock.stamp(),
        "level": record.levelname.lower(),
        "event": given["event"] if ours else str(record.msg),
        **({} if record.name == OWN else {"by": record.name}),
        **getattr(record, "facts", {}),
    }


def _where(_: Any, __: str, given: Line) -> Line:
    """In which request or run, and who acted."""
    now = acting.now()
    if now.request:
        given.setdefault("request", now.request)
    if now.user is not None:
        given.setdefault("user", now.user)
    return given


def _fault(_: Any, __: str, given: Line) -> Line:
    """Of an exception its type and the way it took; its message may speak of people."""
    record: logging.LogRecord = given["_record"]
    found, record.exc_info, record.exc_text = record.exc_info, None, None
    if found and found[1]:
        given["fault"] = type(found[1]).__qualname__
        frames = traceback.extract_tb(found[1].__traceback__)[-_PLACES:]
        given["places"] = [
            f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames
        ]
    return given


def _named(value: Any) -> str:
    """What JSON cannot say, by its type alone."""
    return type(value).__qualname__
