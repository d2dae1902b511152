"""The same key with the same request gets the first answer again, and nothing is done twice."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from madang.kernel import clock
from madang.portal.api import idempotency, problems
from madang.portal.api.problems import Problem
from madang.portal.models import IdempotencyKey, LogEntry, Webhook
from tests.portal.programs import Program
from tests.portal.test_api_door import told

HOOK = {"url": "https://example.org/hook", "events": []}
OTHER = {"url": "https://example.org/other", "events": []}


@pytest.fixture
def program(db) -> Program:
    return Program()


def test_a_repeated_request_is_done_once_and_answered_alike(program) -> None:
    first = program.post("/webhooks", HOOK, Idempotency_Key="k-1")
    again = program.post("/webhooks", HOOK, Idempotency_Key="k-1")

    assert Webhook.objects.count() == 1
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert idempotency.REPLAYED not in first
    assert again[idempotency.REPLAYED] == "true"


def test_without_a_key_or_with_another_it_is_done_again(program) -> None:
    program.post("/webhooks", HOOK)
    program.post("/webhooks", HOOK)
    program.post("/webhooks", HOOK, Idempotency_Key="a")
    program.post("/webhooks", HOOK, Idempotency_Key="b")

    assert Webhook.objects.count() == 4


def test_a_key_belongs_to_its_token(program) -> None:
    program.post("/webhooks", HOOK, Idempotency_Key="k")
    other = Program()
    response = other.post("/webhooks", HOOK, Idempotency_Key="k")

    assert response.status_code == 201
    assert idempotency.REPLAYED not in response
    assert set(Webhook.objects.values_list("organisation", flat=True)) == {
        program.organisation.pk,
        other.organisation.pk,
    }


def test_a_key_with_another_request_is_refused(program) -> None:
    made = program.post("/webhooks", HOOK, Idempotency_Key="k").json()

    told(program.post("/webhooks", OTHER, Idempotency_Key="k"), "key-reused")
    told(program.post(f"/webhooks/{made['id']}/ping", Idempotency_Key="k"), "key-reused")
    assert Webhook.objects.count() == 1


def test_a_refusal_is_kept_too(program) -> None:
    wrong = {**HOOK, "events": ["no.such"]}
    first = program.post("/webhooks", wrong, Idempotency_Key="k")
    again = program.post("/webhooks", wrong, Idempotency_Key="k")

    told(first, "refused")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Content-Type"] == problems.MEDIA_TYPE
    assert again[idempotency.REPLAYED] == "true"


@pytest.mark.parametrize("key", ["", " ", "a b", "키", "x" * 121, "a\tb"])
def test_what_can_be_no_key_is_refused(program, key: str) -> None:
    told(program.post("/webhooks", HOOK, Idempotency_Key=key), "unreadable")
    assert not Webhook.objects.exists()


def test_an_answer_is_kept_for_two_days(program) -> None:
    start = clock.now()
    with clock.stopped_at(start):
        program.post("/webhooks", HOOK, Idempotency_Key="k")
    with clock.stopped_at(start + timedelta(hours=48)):
        assert program.post("/webhooks", HOOK, Idempotency_Key="k")[idempotency.REPLAYED]
    with clock.stopped_at(start + timedelta(hours=48, seconds=1)):
        late = program.post("/webhooks", HOOK, Idempotency_Key="k")

    assert idempotency.REPLAYED not in late
    assert Webhook.objects.count() == 2


def test_what_is_too_old_is_let_go(program) -> None:
    start = clock.now()
    for hours, key in ((0, "old"), (47, "young")):
        with clock.stopped_at(start + timedelta(hours=hours)):
            program.post("/webhooks", HOOK, Idempotency_Key=key)

    with clock.stopped_at(start + timedelta(hours=49)):
        assert idempotency.forget() == 1
    assert [each.key for each in IdempotencyKey.objects.all()] == ["young"]


def act_once(program, act, *, key: str = "k", path: str = "/x"):
    request = RequestFactory().post(path, headers={"Idempotency-Key": key})
    return idempotency.once(request, program.token, act)


def test_a_failure_of_the_site_changes_nothing_and_is_not_kept(program) -> None:
    def failing() -> HttpResponse:
        Webhook.objects.create(
            organisation=program.organisation, url="https://a.example", secret=""
        )
        return HttpResponse("{}", status=503)

    assert act_once(program, failing).status_code == 503
    assert not Webhook.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert act_once(program, lambda: HttpResponse("done")).content == b"done"


def test_a_defect_on_the_way_changes_nothing_and_is_not_kept(program) -> None:
    def broken() -> HttpResponse:
        Webhook.objects.create(
            organisation=program.organisation, url="https://a.example", secret=""
        )
        raise RuntimeError

    with pytest.raises(RuntimeError):
        act_once(program, broken)
    assert not Webhook.objects.exists()
    assert not IdempotencyKey.objects.exists()


def test_while_the_first_is_at_work_the_second_is_put_off(program) -> None:
    answers = []

    def slow() -> HttpResponse:
        with pytest.raises(Problem) as second:
            act_once(program, lambda: HttpResponse("second"))
        answers.append(second.value)
        return HttpResponse("first")

    assert act_once(program, slow).content == b"first"
    (problem,) = answers
    assert problem.kind == "still-at-work"
    assert int(problem.headers["Retry-After"]) > 0


def test_the_claim_of_the_dead_is_taken_over(program) -> None:
    """A site that died left a claim without an answer; it had done nothing."""
    start = clock.now()
    request = RequestFactory().post("/x", headers={"Idempotency-Key": "k"})
    IdempotencyKey.objects.create(
        token=program.token, key="k", request=idempotency.digest(request, ""), created=start
    )

    with clock.stopped_at(start + idempotency.PATIENCE), pytest.raises(Problem):
        act_once(program, lambda: HttpResponse("early"))
    with clock.stopped_at(start + idempotency.PATIENCE + timedelta(seconds=1)):
        assert act_once(program, lambda: HttpResponse("done")).content == b"done"


def test_one_that_was_thought_dead_takes_back_what_it_did(program) -> None:
    start = clock.now()

    def slow() -> HttpResponse:
        Webhook.objects.create(
            organisation=program.organisation, url="https://a.example", secret=""
        )
        with clock.stopped_at(start + timedelta(minutes=5)), transaction.atomic():
            IdempotencyKey.objects.filter(token=program.token).update(created=clock.now())
        return HttpResponse("late")

    with clock.stopped_at(start), pytest.raises(Problem) as problem:
        act_once(program, slow)

    assert problem.value.kind == "still-at-work"
    assert not Webhook.objects.exists()


def form(content: bytes, name: str = "a.csv", boundary: str = "one", **fields: str):
    from django.test.client import encode_multipart

    parts = {**fields, "file": SimpleUploadedFile(name, content)}
    return RequestFactory().generic(
        "POST",
        "/x",
        encode_multipart(boundary, parts),
        f"multipart/form-data; boundary={boundary}",
    )


def test_forms_are_compared_by_their_parts(program) -> None:
    def mark(request):
        with closing(request):
            return idempotency.digest(request, "multipart/form-data")

    same = mark(form(b"1", boundary="one", tier="onnx"))
    assert mark(form(b"1", boundary="two", tier="onnx")) == same
    others = [
        form(b"2", tier="onnx"),
        form(b"1", name="b.csv", tier="onnx"),
        form(b"1", tier="python"),
        form(b"1"),
    ]
    assert same not in [mark(each) for each in others]


def test_a_file_is_still_whole_after_it_was_compared() -> None:
    with closing(form(b"all of it")) as request:
        idempotency.digest(request, "multipart/form-data")

        assert request.FILES["file"].read() == b"all of it"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_acts_and_all_hear_its_answer_or_wait() -> None:
    program = Program()
    before = LogEntry.objects.count()
    start, answers = threading.Barrier(6), []

    def ask() -> None:
        start.wait()
        answers.append(program.post("/webhooks", HOOK, Idempotency_Key="race"))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert Webhook.objects.count() == 1
    assert LogEntry.objects.count() == before + 1
    statuses = [each.status_code for each in answers]
    assert set(statuses) <= {201, 409}
    assert len({each.content for each in answers if each.status_code == 201}) == 1
    for each in answers:
        if each.status_code == 409:
            assert each["Retry-After"]
