"""A statement is an in-toto Statement v1 with one spelling."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from madang.kernel.errors import InputError
from madang.kernel.evidence.statement import Statement, predicate_type, salted_digest

DIGEST = "ab" * 32


def statement(**changes: Any) -> Statement:
    return Statement(
        **{
            "subjects": {"b": DIGEST, "a": "cd" * 32},
            "predicate_type": predicate_type("score"),
            "predicate": {"value": 0.5},
            **changes,
        }
    )


def test_a_statement_is_written_as_in_toto_v1_in_canonical_form() -> None:
    # The member names are those of the in-toto Attestation Framework, Statement v1.
    expected = (
        '{"_type":"https://in-toto.io/Statement/v1","predicate":{"value":0.5},'
        '"predicateType":"https://madang.kr/evidence/score/v1",'
        f'"subject":[{{"digest":{{"sha256":"{"cd" * 32}"}},"name":"a"}},'
        f'{{"digest":{{"sha256":"{DIGEST}"}},"name":"b"}}]}}'
    )

    assert statement().canonical() == expected.encode()


def test_the_order_in_which_subjects_were_named_does_not_matter() -> None:
    turned = statement(subjects={"a": "cd" * 32, "b": DIGEST})

    assert turned.canonical() == statement().canonical()


def test_a_statement_is_read_back() -> None:
    assert Statement.decode(statement().canonical()) == statement()


@pytest.mark.parametrize(
    "changes",
    [
        {"subjects": {}},
        {"subjects": {"": DIGEST}},
        {"subjects": {"a": DIGEST.upper()}},
        {"subjects": {"a": DIGEST[:-1]}},
        {"predicate_type": "score"},
        {"predicate_type": ""},
    ],
)
def test_a_statement_about_nothing_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"subject|predicate"):
        statement(**changes)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, {1: 2}, object(), b"x"])
def test_what_json_cannot_say_cannot_be_stated(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        statement(predicate={"value": value}).canonical()


def _broken() -> list[Any]:
    good = statement().to_json()
    subject = good["subject"][0]
    return [
        None,
        [],
        "text",
        {},
        {**good, "_type": "https://in-toto.io/Statement/v0.1"},
        {**good, "more": 1},
        {**good, "subject": []},
        {**good, "subject": [subject, subject]},
        {**good, "subject": good["subject"][::-1]},
        {**good, "subject": [{**subject, "uri": "x:y"}]},
        {**good, "subject": [{**subject, "name": 5}]},
        {**good, "subject": [{**subject, "name": []}]},
        {**good, "subject": [{**subject, "digest": {"sha256": 5}}]},
        {**good, "subject": [{**subject, "digest": {"sha256": DIGEST, "sha512": "x"}}]},
        {**good, "subject": 5},
        {**good, "predicate": []},
        {**good, "predicate": [["a", 1]]},
        {**good, "predicate": None},
        {**good, "predicateType": 5},
        {**good, "predicateType": ["x"]},
    ]


@pytest.mark.parametrize("value", _broken())
def test_a_value_of_another_form_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="in-toto Statement v1"):
        Statement.from_json(value)


def test_a_title_names_fact_and_subject_in_both_languages() -> None:
    title = statement(subjects={"cox": DIGEST}).title()

    assert (title.en, title.ko) == ("score of cox", "cox의 score")


def test_a_hostile_name_is_shown_harmless() -> None:
    title = statement(
        subjects={"\x1b[2J" + "x" * 500: DIGEST}, predicate_type="a:\u202e/v1"
    ).title()

    assert title.en.isprintable()
    assert len(title.en) < 150


def test_a_salted_digest_is_the_keyed_hash_of_the_canonical_value() -> None:
    salt = bytes(range(32))
    expected = hmac.new(salt, b'{"a":1,"b":2}', hashlib.sha256).hexdigest()

    assert salted_digest({"b": 2, "a": 1}, salt) == expected
    assert salted_digest({"b": 2, "a": 1}, bytes(32)) != expected


def test_a_salt_that_hides_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        salted_digest("value", b"short")
