from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.payloads import Payloads
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.conversation import Conversation
from madang.rpki.engine.rtr.feed import Feed, FeedSetting
from madang.rpki.engine.rtr.reading import (
    CacheReset,
    CacheResponse,
    EndOfData,
    ErrorReport,
    SerialNotify,
    Told,
    read,
)
from tests.rpki.engine.rtr.asking import SMALL, applied, known_to, messages

SESSIONS = (10, 11, 12)


@pytest.fixture
def feed():
    feed = Feed(FeedSetting(sessions=SESSIONS))
    feed.publish(SMALL, serial=5)
    return feed


def _said(talk, message):
    answer = talk.answer(message)
    return [read(each) for each in messages(b"".join(answer.pieces))], answer.ends


@pytest.mark.parametrize("version", pdu.VERSIONS)
def test_a_reset_query_is_answered_with_everything(feed, version):
    said, ends = _said(Conversation(feed), pdu.reset_query(version))

    timing = pdu.Timing() if version else None
    assert said[0] == CacheResponse(SESSIONS[version])
    assert said[-1] == EndOfData(SESSIONS[version], 5, timing)
    assert applied(said[1:-1], Payloads()) == known_to(version, SMALL)
    assert not ends


@pytest.mark.parametrize("version", pdu.VERSIONS)
def test_a_serial_query_is_answered_with_the_difference(feed, version):
    talk = Conversation(feed)
    _said(talk, pdu.reset_query(version))
    feed.publish(Payloads(), serial=6)
    said, _ = _said(talk, pdu.serial_query(version, SESSIONS[version], 5))

    assert applied(said[1:-1], known_to(version, SMALL)) == Payloads()
    assert said[-1].serial == 6
    assert _said(talk, pdu.serial_query(version, SESSIONS[version], 6))[0][1].serial == 6


@pytest.mark.parametrize(
    ("session", "serial"),
    # Another session; an older serial number than is known; one from the future; half way round.
    [(99, 5), (SESSIONS[0], 5), (11, 4), (11, 6), (11, 5 + (1 << 31))],
)
def test_what_is_not_known_is_answered_with_a_cache_reset(feed, session, serial):
    said, ends = _said(Conversation(feed), pdu.serial_query(1, session, serial))

    assert said == [CacheReset()]
    assert not ends


def test_before_the_first_data_there_is_no_data_and_the_router_may_stay():
    feed = Feed()
    talk = Conversation(feed)
    (report,), ends = _said(talk, pdu.reset_query(1))

    assert report.code == pdu.NO_DATA_AVAILABLE
    assert report.about == pdu.reset_query(1)
    assert not ends
    assert talk.news() == b""
    feed.publish(SMALL)
    assert isinstance(read(talk.news()), SerialNotify)
    assert isinstance(_said(talk, pdu.reset_query(1))[0][-1], EndOfData)


def test_a_version_too_high_may_be_lowered_in_the_same_connection(feed):
    talk = Conversation(feed, versions=(0, 1))
    (report,), ends = _said(talk, pdu.reset_query(2))

    assert report.code == pdu.UNSUPPORTED_VERSION
    assert not ends
    assert next(iter(talk.answer(pdu.reset_query(2)).pieces))[0] == 1
    assert _said(talk, pdu.reset_query(1))[0][0] == CacheResponse(11)


def test_a_router_that_never_lowers_its_version_is_left(feed):
    talk = Conversation(feed)
    ends = [talk.answer(bytes([9]) + pdu.reset_query(0)[1:]).ends for _ in range(4)]

    assert ends == [False, False, False, True]


def test_a_version_too_low_is_told_ours_and_left(feed):
    answer = Conversation(feed, versions=(1, 2)).answer(pdu.reset_query(0))
    (report,) = answer.pieces

    assert report[0] == 2
    assert read(report).code == pdu.UNSUPPORTED_VERSION
    assert answer.ends


@pytest.mark.parametrize(
    ("agreed", "then", "code"),
    [
        (2, 1, pdu.UNEXPECTED_VERSION),
        (1, 2, pdu.UNEXPECTED_VERSION),
        (1, 0, pdu.UNEXPECTED_VERSION),
        (0, 1, pdu.UNSUPPORTED_VERSION),
    ],
)
def test_a_version_that_changes_ends_the_connection(feed, agreed, then, code):
    talk = Conversation(feed)
    _said(talk, pdu.reset_query(agreed))
    answer = talk.answer(pdu.reset_query(then))
    (report,) = answer.pieces

    assert report[0] == agreed
    assert read(report).code == code
    assert answer.ends


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (pdu.cache_reset(1), pdu.INVALID_REQUEST),
        (pdu.cache_response(1, 0), pdu.INVALID_REQUEST),
        (pdu.serial_notify(1, 11, 5), pdu.INVALID_REQUEST),
        (bytes.fromhex("0105000000000008"), pdu.UNSUPPORTED_TYPE),
        (bytes.fromhex("010100000000000800"), pdu.CORRUPT_DATA),
    ],
)
def test_what_no_router_sends_ends_the_connection_with_its_code(feed, message, code):
    (report,), ends = _said(Conversation(feed), message)

    assert report.code == code
    assert ends


def test_an_error_is_never_answered_with_an_error(feed):
    talk = Conversation(feed)
    answer = talk.answer(pdu.error_report(1, pdu.INTERNAL_ERROR, text="out of memory"))

    assert answer == ((), True)
    assert talk.complaint == "1: out of memory"
    broken = pdu.head.pack(1, pdu.ERROR_REPORT, 0, 16) + b"\xff" * 8
    assert Conversation(feed).answer(broken) == ((), True)
    assert Conversation(feed).answer(b"\x09" + broken[1:]) == ((), True)


def test_news_are_for_routers_that_do_not_have_them(feed):
    talk = Conversation(feed)
    assert talk.news() == b""
    _said(talk, pdu.reset_query(1))
    assert talk.news() == b""
    feed.publish(Payloads(), serial=6)
    assert read(talk.news()) == SerialNotify(11, 6)


@given(st.lists(st.binary(min_size=8, max_size=40), max_size=4))
def test_any_bytes_get_an_answer_that_can_be_read(found):
    feed = Feed(FeedSetting(sessions=SESSIONS))
    feed.publish(SMALL, serial=5)
    talk = Conversation(feed)
    for content in found:
        message = content[:4] + len(content).to_bytes(4, "big") + content[8:]
        answer = talk.answer(message)
        for each in messages(b"".join(answer.pieces)):
            assert isinstance(
                read(each), (ErrorReport, CacheReset, CacheResponse, EndOfData, Told)
            )
        if answer.ends:
            break
