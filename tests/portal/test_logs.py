"""The site's lines tell what happened, where and to which number, and never whom or what."""

from __future__ import annotations

import json
import logging
import logging.config
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from madang.portal import acting, logs
from madang.portal.queue import enqueue, leases
from tests.portal.people import enter, somebody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the site wrote during the test."""
    file = tmp_path / "lines.jsonl"
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logs.formatter())
    root, own = logging.getLogger(), logging.getLogger(logs.OWN)
    before = own.level
    root.addHandler(handler)
    own.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    root.removeHandler(handler)
    own.setLevel(before)
    handler.close()


def test_a_request_has_one_line(lines: Callable[[], list[dict[str, Any]]]) -> None:
    person = somebody("company")
    enter(client := Client(), person)
    answer = client.get("/work?name=홍길동", headers={"X-Request-Id": "abcdef-123"})

    (line,) = [each for each in lines() if each["event"] == "request"]
    assert answer.status_code == 200
    assert line.pop("ms") > 0
    assert line.pop("queries") >= 2
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "info",
        "event": "request",
        "request": "abcdef-123",
        "user": person.pk,
        "route": "work",
        "method": "GET",
        "status": 200,
    }


def test_a_stranger_has_no_number(lines: Callable[[], list[dict[str, Any]]]) -> None:
    Client().get("/search?q=x")

    (line,) = lines()
    assert "user" not in line
    assert line["route"] == "search"


def test_of_an_exception_the_type_and_the_way_are_written(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    try:
        raise ValueError("홍길동 900101-1234567")
    except ValueError:
        logging.getLogger("madang.portal.worker").exception("the end of run %s", "run-1")

    (line,) = lines()
    assert line["event"] == "the end of run run-1"
    assert line["by"] == "madang.portal.worker"
    assert line["fault"] == "ValueError"
    assert line["places"][-1].startswith("test_logs.py:")
    assert "홍길동" not in json.dumps(line, ensure_ascii=False)


def test_of_a_foreign_message_only_the_template_is_written(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    logging.getLogger("django.request").error("Internal Server Error: %s", "/people/홍길동")

    (line,) = lines()
    assert line["event"] == "Internal Server Error: %s"
    assert "홍길동" not in json.dumps(line, ensure_ascii=False)


def test_a_line_says_in_which_run_it_was_written(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    with acting.as_(request="run-1"):
        logs.line("tried", made=object(), name="한글")

    (line,) = lines()
    assert (line["request"], line["made"], line["name"]) == ("run-1", "object", "한글")


def test_a_worker_writes_how_each_run_ended(lines: Callable[[], list[dict[str, Any]]]) -> None:
    from madang.portal import worker

    enqueue("r1", "nobody.knows", {"secret": "홍길동"}, attempts=1)
    there = worker.SiteWorker(leases(), lease_s=10, poll_s=0.01)
    there.run_until_idle()

    (line,) = [each for each in lines() if each["event"] == "run"]
    assert (line["run"], line["job"], line["attempt"], line["cause"]) == (
        "r1",
        "nobody.knows",
        1,
        "input",
    )
    assert "홍길동" not in json.dumps(lines(), ensure_ascii=False)


def test_the_settings_can_be_used_as_they_are(tmp_path: Path) -> None:
    for given in (logs.configuration(), logs.configuration(str(tmp_path / "site.log"))):
        checked = logging.config.DictConfigurator(given)
        for name in given["handlers"]:
            handler = checked.configure_handler(
                dict(given["handlers"][name]) | {"formatter": None}
            )
            handler.close()
        assert isinstance(logs.formatter(), logging.Formatter)
