from __future__ import annotations

import sqlite3

import pytest

from madang.kernel.errors import Unavailable
from madang.rpki.engine.payloads import Aspa, Change, Payloads, Vrp, change
from madang.rpki.engine.rtr.editions import Bounds
from madang.rpki.engine.rtr.feed import Feed, FeedSetting
from madang.rpki.engine.rtr.memory import Memory
from madang.rpki.engine.rtr.pdu import Timing
from madang.rpki.engine.rtr.records import payloads_of
from tests.rpki.engine.rtr.asking import SMALL

ONE, TWO, THREE = (Vrp(4, number << 24, 8, 8, number) for number in (1, 2, 3))


def _of(*vrps):
    return Payloads(frozenset(vrps))


def _held(feed):
    return payloads_of(feed.edition)


def test_nothing_is_told_before_something_was_published():
    feed = Feed()

    assert feed.edition is None
    feed.publish(Payloads())
    assert len(feed.edition) == 0


def test_only_differences_make_a_new_serial_number():
    feed = Feed()
    heard = []
    feed.listen(lambda: heard.append(feed.edition.serial))

    first = feed.publish(SMALL)
    assert feed.publish(SMALL) == first
    second = feed.publish(_of(ONE))

    assert second == first + 1
    assert heard == [first, second]
    assert _held(feed) == _of(ONE)


def test_a_given_change_is_used_where_it_leads():
    feed = Feed()
    feed.publish(_of(ONE))
    feed.publish(_of(ONE, TWO), Change(_of(TWO), Payloads()))

    assert _held(feed) == _of(ONE, TWO)


@pytest.mark.parametrize(
    "wrong",
    [
        Change(_of(THREE), Payloads()),
        Change(_of(ONE), Payloads()),
        Change(_of(TWO), _of(THREE)),
        Change(Payloads(), Payloads()),
        Change(_of(ONE, TWO), Payloads()),
    ],
)
def test_a_change_that_leads_elsewhere_is_found_out(wrong):
    feed = Feed()
    feed.publish(_of(ONE))
    feed.publish(_of(ONE, TWO), wrong)

    assert _held(feed) == _of(ONE, TWO)


def test_a_serial_number_may_be_given_and_must_be_newer():
    feed = Feed()
    feed.publish(_of(ONE), serial=0xFFFFFFFE)

    assert feed.publish(_of(TWO), serial=3) == 3
    assert feed.edition.since(0xFFFFFFFE, 1)
    for old in (3, 2, 0xFFFFFFFF):
        with pytest.raises(ValueError, match="does not come after"):
            feed.publish(_of(ONE), serial=old)
    assert _held(feed) == _of(TWO)


def test_sessions_differ_by_version_and_may_be_shared_with_a_stand_by():
    feed = Feed()
    sessions = (1, 2, 3)
    first, second = Feed(FeedSetting(sessions=sessions)), Feed(FeedSetting(sessions=sessions))
    for each in (first, second):
        each.publish(SMALL, serial=9)
        each.publish(_of(ONE), serial=10)

    assert len(set(feed.sessions)) == 3
    assert first.sessions == second.sessions == sessions
    assert list(first.edition.everything(2)) == list(second.edition.everything(2))
    assert first.edition.since(9, 2) == second.edition.since(9, 2)


@pytest.mark.parametrize(
    "setting",
    [
        FeedSetting(timing=Timing(expire_s=1)),
        FeedSetting(sessions=(1, 2, 65536)),
        FeedSetting(sessions=(1, 2)),
    ],
)
def test_settings_outside_the_standard_are_refused(setting):
    with pytest.raises(ValueError, match=r"RFC 8210|16 bits"):
        Feed(setting)


def test_a_restart_goes_on_with_session_serial_and_history(tmp_path):
    setting = FeedSetting(memory=tmp_path / "rtr")
    feed = Feed(setting)
    feed.publish(SMALL)
    last = feed.publish(_of(ONE))
    feed.close()

    again = Feed(setting)
    assert again.edition is None
    assert again.sessions == feed.sessions
    assert again.publish(_of(ONE)) == last
    assert again.edition.since(last - 1, 2) == feed.edition.since(last - 1, 2)
    assert again.publish(_of(ONE, TWO)) == last + 1
    assert again.edition.since(last - 1, 2)
    assert list(again.edition.everything(2))
    again.close()


def test_a_change_from_nothing_after_a_restart_tells_the_true_difference(tmp_path):
    setting = FeedSetting(memory=tmp_path / "rtr")
    feed = Feed(setting)
    serial = feed.publish(_of(ONE, TWO))
    feed.close()

    again = Feed(setting)
    # A validator's first run says that everything is new.
    assert again.publish(_of(TWO, THREE), change(Payloads(), _of(TWO, THREE))) == serial + 1
    assert _held(again) == _of(TWO, THREE)
    assert len(again.edition.history[-1].entries) == 2
    again.close()


def test_an_aspa_that_took_anothers_place_is_remembered(tmp_path):
    setting = FeedSetting(memory=tmp_path / "rtr")
    feed = Feed(setting)
    feed.publish(Payloads(aspas=frozenset({Aspa(1, (2, 3))})))
    now = Payloads(aspas=frozenset({Aspa(1, (4,))}))
    serial = feed.publish(now)
    feed.close()

    again = Feed(setting)
    assert again.publish(now) == serial
    assert _held(again) == now
    again.close()


def test_the_memory_is_as_bounded_as_the_history(tmp_path):
    file = tmp_path / "rtr"
    setting = FeedSetting(memory=file, bounds=Bounds(2, 100))
    feed = Feed(setting)
    for number in range(6):
        feed.publish(_of(Vrp(4, number << 24, 8, 8, 1)))
    feed.close()

    with sqlite3.connect(file) as base:
        counted = [base.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES]
    base.close()
    assert counted == [1, 2, 4]


TABLES = ("held", "deltas", "entries")


def test_other_sessions_by_setting_begin_anew(tmp_path):
    file = tmp_path / "rtr"
    feed = Feed(FeedSetting(memory=file))
    feed.publish(SMALL, serial=77)
    feed.close()

    again = Feed(FeedSetting(memory=file, sessions=(1, 2, 3)))
    assert again.publish(SMALL) == 1
    again.close()
    third = Feed(FeedSetting(memory=file))
    assert third.sessions == (1, 2, 3)
    third.close()


def test_a_damaged_memory_is_named(tmp_path):
    file = tmp_path / "rtr"
    file.write_bytes(b"no database at all, but long enough to be read as one" * 40)

    with pytest.raises(Unavailable, match="rtr"):
        Feed(FeedSetting(memory=file))


def test_what_cannot_be_kept_is_not_told(tmp_path):
    feed = Feed(FeedSetting(memory=tmp_path / "rtr"))
    first = feed.publish(_of(ONE))
    full = sqlite3.OperationalError("database or disk is full")
    writing = feed._memory
    feed._memory = _Full(full)

    with pytest.raises(Unavailable, match="full"):
        feed.publish(_of(TWO), Change(_of(TWO), _of(ONE)))
    assert feed.edition.serial == first
    assert _held(feed) == _of(ONE)

    feed._memory = writing
    # The caller goes on from what it could not publish; the numbers alone would fit.
    feed.publish(_of(TWO, THREE), Change(_of(THREE), Payloads()))
    assert _held(feed) == _of(TWO, THREE)
    feed.close()


class _Full(Memory):
    def __init__(self, fault):
        self._fault = fault

    def keep(self, delta, *, deltas):
        raise Unavailable("the disk", reason=str(self._fault))


def test_a_listener_may_leave():
    feed = Feed()
    heard = []
    leave = feed.listen(lambda: heard.append(1))
    feed.publish(SMALL)
    leave()
    feed.publish(Payloads())

    assert heard == [1]
