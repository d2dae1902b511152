"""A site is asked until it answers, its refusals are told, and its token goes nowhere else."""

from __future__ import annotations

import io
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from madang.kernel import remote as module
from madang.kernel.errors import Unavailable
from madang.kernel.remote import Refused, Remote, form
from madang.kernel.words import speaking

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "mdg_0123456789_" + "a" * 52


class Answer(NamedTuple):
    status: int = 200
    body: Any = None
    headers: dict[str, str] = {}  # noqa: RUF012 - read only


class Site:
    """A site that gives these answers, one after the other, and keeps what it heard."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.heard: list[tuple[str, str, dict[str, str], bytes]] = []
        self.remote = Remote(site="", token=TOKEN)


@contextmanager
def site(*answers: Answer) -> Iterator[Site]:
    found = Site(*answers)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found.heard.append((self.command, self.path, dict(self.headers), body))
            told = found.answers.pop(0)
            if told.status == 0:  # hang up
                self.close_connection = True
                return
            content = told.body if isinstance(told.body, bytes) else b""
            if told.body is not None and not content:
                content = json.dumps(told.body).encode()
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.remote = Remote(site=f"http://127.0.0.1:{server.server_port}", token=TOKEN)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of which takes any time."""
    found: list[float] = []
    monkeypatch.setattr(module.time, "sleep", found.append)
    return found


def problem(status: int, kind: str = "refused", **headers: str) -> Answer:
    body = {
        "type": f"/r#{kind}",
        "title": "No",
        "status": status,
        "detail": "Found x; expected y.",
    }
    return Answer(status, body, headers)


def test_a_call_shows_the_token_and_the_readers_language() -> None:
    with site(Answer(body={"a": 1})) as there, speaking("ko"):
        assert there.remote.get("/me", limit=5, after="", state=None) == {"a": 1}

    ((method, path, headers, _),) = there.heard
    assert (method, path) == ("GET", "/api/v1/me?limit=5")
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Accept-Language"] == "ko"


def test_a_list_is_read_to_its_end() -> None:
    pages = [
        Answer(body={"items": [1, 2], "next": "/api/v1/things?after=2"}),
        Answer(body={"items": [3], "next": None}),
    ]
    with site(*pages) as there:
        assert list(there.remote.pages("/things")) == [1, 2, 3]

    assert there.heard[1][1] == "/api/v1/things?after=2"


def test_a_refusal_is_told_in_the_sites_words() -> None:
    with site(problem(422)) as there, pytest.raises(Refused) as refused:
        there.remote.get("/x")

    assert str(refused.value) == "No: Found x; expected y."
    assert (refused.value.kind, refused.value.status) == ("refused", 422)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_site_that_is_down_for_a_moment_is_asked_again(status: int, pauses) -> None:
    told = problem(status, "unavailable", **{"Retry-After": "3"})
    with site(told, told, Answer(body="there")) as there:
        assert there.remote.get("/x") == "there"

    assert pauses == [3.0, 3.0]


def test_a_lost_answer_is_asked_for_again_with_the_same_key(pauses) -> None:
    with site(Answer(0), Answer(0), Answer(201, {"id": 7})) as there:
        assert there.remote.post("/x", {"a": "가"}) == {"id": 7}

    assert len({headers["Idempotency-Key"] for _, _, headers, _ in there.heard}) == 1
    assert {body for _, _, _, body in there.heard} == {'{"a": "가"}'.encode()}
    assert pauses == [1.0, 2.0]


def test_two_requests_have_two_keys() -> None:
    with site(Answer(), Answer()) as there:
        there.remote.post("/x")
        there.remote.post("/x")

    assert len({headers["Idempotency-Key"] for _, _, headers, _ in there.heard}) == 2


def test_one_that_is_too_quick_waits_as_long_as_it_is_told(pauses) -> None:
    with site(problem(429, "too-many", **{"Retry-After": "17"}), Answer(body=1)) as there:
        assert there.remote.get("/x") == 1

    assert pauses == [17.0]


def test_it_does_not_wait_for_hours(pauses) -> None:
    with site(problem(429, "too-many", **{"Retry-After": "3600"})) as there:
        with pytest.raises(Refused):
            there.remote.get("/x")

    assert pauses == []


def test_a_conflict_that_will_stay_is_told_at_once(pauses) -> None:
    with site(problem(409, "conflict")) as there, pytest.raises(Refused):
        there.remote.post("/x")

    assert pauses == []


def test_a_site_that_stays_down_is_told_of(pauses) -> None:
    with site(*[Answer(0)] * module.TRIES) as there, pytest.raises(Unavailable):
        there.remote.get("/x")

    assert len(there.heard) == module.TRIES
    assert pauses == [1.0, 2.0, 4.0, 8.0]


def test_a_site_that_is_not_there_is_told_of() -> None:
    with pytest.raises(Unavailable):
        Remote(site="http://127.0.0.1:9", token=TOKEN).get("/x")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_follows_no_redirection(status: int) -> None:
    with site() as elsewhere:
        moved = Answer(status, None, {"Location": f"{elsewhere.remote.site}/api/v1/x"})
        with site(moved) as there, pytest.raises(Unavailable):
            there.remote.get("/x")

    assert not elsewhere.heard


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b"[" * 5000])
def test_an_answer_that_is_no_json_is_told_of(body: bytes) -> None:
    with site(Answer(200, body)) as there, pytest.raises(Unavailable):
        there.remote.get("/x")


@pytest.mark.parametrize("body", [b"<html>Bad gateway", b"[]", b'{"title": "x"}', None])
def test_an_error_that_is_no_problem_is_told_by_its_status(body) -> None:
    with site(Answer(500, body)) as there, pytest.raises(Unavailable, match="500"):
        there.remote.get("/x")


def test_a_file_arrives_whole() -> None:
    content = bytes(range(256)) * 1000
    with site(Answer(200, content)) as there:
        to = io.BytesIO()
        assert there.remote.download("/f", to) == len(content)

    assert to.getvalue() == content


def test_files_arrive_as_they_are() -> None:
    files = {"solution.py": b"print('\r\n--')\x00\xff", "weights.json": b"", 'a"b\r\nX: y': b"1"}
    content, media_type = form({"tier": "python", "title_ko": "해법"}, files, "files")

    from email.parser import BytesParser

    head = f"Content-Type: {media_type}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(head + content).get_payload()
    found = [
        (each.get_param("name", header="content-disposition"), each.get_filename())
        for each in parts
    ]
    assert found[:2] == [("tier", None), ("title_ko", None)]
    assert [name for name, _ in found[2:]] == ["files"] * 3
    assert found[2][1] == "solution.py"
    assert b"\r\nX: y" not in content, "no header can be smuggled in by a file's name"
