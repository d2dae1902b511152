"""An indicator is what its statements and files prove now, down to the byte."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock, ids
from madang.portal import objects
from madang.portal.models import LogEntry, LogNode
from madang.programme.engine import lines
from madang.programme.web.models import CountedStatement, IndicatorLook, IndicatorStanding
from madang.programme.web.services import book, counted, indicators
from tests.portal.at_once import at_once
from tests.programme.web import shown_trial as trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.programme.web.services.indicators import Shown

pytestmark = pytest.mark.django_db

SOLUTION = trial.FILES["solution.py"]


def standing(name: str) -> Shown:
    """How an indicator is shown after the look that a worker would make now."""
    indicators.look()
    (found,) = [
        each for line in indicators.of_lines().values() for each in line if each.id == name
    ]
    return found


def states() -> dict[str, str]:
    indicators.look()
    return {each.id: each.state for line in indicators.of_lines().values() for each in line}


def test_on_a_new_site_nothing_is_proved_and_rooms_that_do_not_stand_say_so() -> None:
    found = states()

    assert found.pop("solutions-tried") == "unproved"
    assert found.pop("demands-adopted") == "unproved"
    assert found.pop("prognosis-models") == "unproved"
    assert found.pop("investments-made") == "unproved"
    assert found.pop("roas-published") == "unproved"
    assert set(found.values()) == {"not_built"}


def test_every_line_has_its_place_and_it_is_one_question(
    django_assert_num_queries: object,
) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = indicators.of_lines()

    assert list(found) == [line.id for line in lines.load().lines]
    assert found["not-itemised"] == []


def test_a_run_turns_its_indicators_from_unproved_to_proved() -> None:
    before = states()
    place = trial.tried()

    shown = standing("prognosis-models")

    assert before["prognosis-models"] == "unproved"
    assert (shown.value, shown.state, shown.last_entry) == (1, "proved", place)
    assert shown.last_at == LogEntry.objects.get(index=place).at
    assert shown.is_reached
    assert states()["demands-adopted"] == "unproved"


def test_a_run_for_another_task_proves_no_prognosis_model() -> None:
    trial.demand(task="trials.forecasting")
    trial.handed_in()
    trial.run()

    assert states()["prognosis-models"] == "unproved"
    assert states()["solutions-tried"] == "proved"


def test_a_rerun_counts_once() -> None:
    trial.tried()
    trial.run(part="final")

    assert standing("solutions-tried").value == 1
    assert CountedStatement.objects.filter(indicator="solutions-tried").count() == 2


def test_a_file_that_was_tampered_with_is_named_and_mending_it_proves_again() -> None:
    trial.tried()
    assert states()["prognosis-models"] == "proved"
    file = trial.place_of(SOLUTION)
    whole = file.read_bytes()

    file.write_bytes(b"def predict(): return 1")
    shown = standing("prognosis-models")
    row = IndicatorStanding.objects.get(pk="prognosis-models")

    assert (shown.state, shown.value, shown.kind) == ("broken", 0, "unproved")
    (fault,) = row.broken
    assert fault["name"] == "solution.py"
    assert fault["digest"] == ids.digest(SOLUTION)
    assert fault["found"] == ids.digest(b"def predict(): return 1")
    assert fault["state"] == "changed"
    assert ids.digest(SOLUTION)[:12] in shown.broken[0].ko

    file.write_bytes(whole)
    assert standing("prognosis-models").state == "proved"


def test_a_file_that_is_gone_is_named_and_the_others_still_count() -> None:
    trial.tried()
    trial.handed_in("s2", files={"model.onnx": b"another"})
    trial.run("s2")
    trial.place_of(b"another").unlink()

    shown = standing("solutions-tried")

    assert (shown.value, shown.state, shown.broken_count) == (1, "broken", 1)
    fault = IndicatorStanding.objects.get(pk="solutions-tried").broken[0]
    assert (fault["name"], fault["state"], fault["found"]) == ("model.onnx", "missing", "")


def test_what_everybody_reads_names_no_file_as_its_firm_does() -> None:
    trial.tried()
    trial.place_of(SOLUTION).unlink()
    shown = standing("solutions-tried")
    (fault,) = IndicatorStanding.objects.get(pk="solutions-tried").broken

    assert "solution.py" not in shown.broken[0].ko + shown.broken[0].en
    assert "file 1 of 2" in shown.broken[0].en
    assert "solution.py" in indicators.named(fault, sees=True).en


def changed(place: int, old: bytes, new: bytes) -> None:
    row = LogEntry.objects.get(index=place)
    assert old in bytes(row.content)
    row.content = bytes(row.content).replace(old, new)
    row.save()


@pytest.mark.parametrize("looked_before", [True, False])
def test_an_entry_of_the_log_that_was_changed_is_found(looked_before: bool) -> None:
    place = trial.tried()
    if looked_before:
        assert states()["solutions-tried"] == "proved"
    changed(place, b'"part":"board"', b'"part":"boerd"')

    shown = standing("solutions-tried")

    assert (shown.state, shown.value) == ("broken", 0)
    assert f"Entry {place}" in shown.broken[0].en
    changed(place, b'"part":"boerd"', b'"part":"board"')
    assert standing("solutions-tried").state == "proved"


def test_a_failed_run_that_was_rewritten_as_done_does_not_count() -> None:
    trial.demand()
    trial.handed_in()
    place = trial.run(state="failed")
    changed(place, b'"failed"', b'"done"')

    assert standing("solutions-tried").value == 0
    assert standing("solutions-tried").state == "broken"


def test_an_entry_that_was_removed_is_found() -> None:
    place = trial.tried()
    states()
    LogEntry.objects.filter(index=place).delete()

    assert standing("solutions-tried").state == "broken"


def test_the_entry_of_the_submission_proves_itself_too() -> None:
    trial.demand()
    place = trial.handed_in()
    trial.run()
    states()
    changed(place, b"solution.py", b"solutiom.py")

    shown = standing("solutions-tried")

    assert shown.state == "broken"
    assert f"Entry {place}" in shown.broken[0].en


def test_a_tree_that_no_longer_fits_its_checkpoint_proves_nothing() -> None:
    trial.tried()
    states()
    LogNode.objects.all().update(hash=b"\0" * 32)

    assert standing("solutions-tried").state == "broken"


def test_values_typed_into_the_database_do_not_stand() -> None:
    place = trial.tried()
    states()
    IndicatorStanding.objects.filter(pk="solutions-tried").update(value=900, state="proved")
    CountedStatement.objects.filter(indicator="solutions-tried").update(counts_for="0" * 64)
    CountedStatement.objects.create(
        indicator="solutions-tried", entry=place - 1, counts_for="1" * 64, holds=True
    )

    assert standing("solutions-tried").value == 1
    assert CountedStatement.objects.filter(indicator="solutions-tried").count() == 1


def test_a_row_made_to_count_for_something_else_is_set_right() -> None:
    trial.tried()
    trial.run(part="final")
    states()
    row = CountedStatement.objects.filter(indicator="solutions-tried").first()
    assert row is not None
    row.counts_for = "1" * 64
    row.files = []
    row.save()

    assert standing("solutions-tried").value == 1
    row.refresh_from_db()
    assert len(row.files) == 2


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_come_at_the_same_moment_one_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[int] = []
    monkeypatch.setattr(indicators, "look", lambda: looks.append(1))

    at_once(lambda _: indicators.tick(), range(4))

    assert looks == [1]


def test_a_standing_that_changes_renews_the_pages_and_one_that_does_not_leaves_them() -> None:
    states()
    before = book.token()
    indicators.look()
    same = book.token()
    trial.tried()
    indicators.look()

    assert same == before
    assert book.token() != before


def test_another_rule_begins_anew() -> None:
    trial.tried()
    states()
    IndicatorStanding.objects.filter(pk="solutions-tried").update(rule="another")
    CountedStatement.objects.filter(indicator="solutions-tried").update(faults=["old"])

    assert standing("solutions-tried").state == "proved"
    assert CountedStatement.objects.get(indicator="solutions-tried").faults == []


def test_what_does_not_fit_into_one_look_is_taken_in_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trial.demand()
    for number in range(3):
        trial.handed_in(f"s{number}", files={"a": b"%d" % number})
        trial.run(f"s{number}")
    monkeypatch.setattr(counted.take_in, "__kwdefaults__", {"most": 2})

    assert standing("solutions-tried").value == 2
    assert standing("solutions-tried").value == 3


def test_a_look_whose_time_is_over_goes_on_with_the_next_and_leaves_nothing_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trial.demand()
    for number in range(3):
        trial.handed_in(f"s{number}", files={"a": b"%d" % number})
        trial.run(f"s{number}")
    monkeypatch.setattr(indicators, "WORKER_S", 0.0)

    values = [standing("solutions-tried").value for _ in range(3)]
    trial.place_of(b"1").unlink()
    seen = [standing("solutions-tried").state for _ in range(6)]

    assert values == [1, 2, 3]
    assert seen[-1] == "broken"


def test_an_act_of_many_bookings_is_looked_at_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.programme.web.hands import booked, spent, two

    act = booked(spent(*two()[:1]), *two())
    monkeypatch.setattr(indicators, "BOOKINGS_AT_ONCE", 1)
    start = clock.now()
    seen = []
    for minutes in (0, 2, 4):
        with clock.stopped_at(start + timedelta(minutes=minutes)):
            indicators.tick()
        act.refresh_from_db()
        seen.append(act.looked_at)

    # Three bookings where a minute has time for one: every third minute.
    assert seen[0] == seen[1]
    assert seen[2] == start + timedelta(minutes=4)


def test_entries_far_apart_are_found_as_those_that_are_near(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from madang.programme.web.services import statements

    monkeypatch.setattr(statements, "NEAR", 0)
    trial.tried()

    assert standing("solutions-tried").value == 1


class CountedObjects:
    """The object store, with a count of what is read from it."""

    def __init__(self) -> None:
        self.read = 0
        self._real = objects.objects()

    def open(self, digest: str) -> object:
        self.read += 1
        return self._real.open(digest)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[CountedObjects]:
    fake = CountedObjects()
    monkeypatch.setattr(objects, "objects", lambda: fake)
    yield fake


def test_each_look_reads_a_file_once_however_many_lean_on_it(store: CountedObjects) -> None:
    monkey = store._real
    for content in trial.FILES.values():
        monkey.put(content)
    trial.said("demand", "demand/heart", demand="heart", task={"name": "prognosis.survival"})
    kept = {name: ids.digest(content) for name, content in trial.FILES.items()}
    trial.said("submission", "submission/s1", id="s1", demand="heart", files=kept, digest="0" * 64)
    trial.run()
    trial.run(part="final")

    indicators.look()

    # Two runs for each of two indicators lean on the same two files.
    assert store.read == 2


def test_the_tick_works_once_a_minute_and_reads_only_what_its_turn_is(
    django_assert_max_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.demand()
    for number in range(6):
        trial.handed_in(f"s{number}", files={"a": b"%d" % number})
        trial.run(f"s{number}")
    indicators.tick()
    fake = CountedObjects()
    monkeypatch.setattr(objects, "objects", lambda: fake)
    monkeypatch.setattr(counted, "FILES_AT_ONCE", 4)

    with django_assert_max_num_queries(1):  # type: ignore[operator]
        indicators.tick()
    assert fake.read == 0

    later = clock.now() + timedelta(minutes=2)
    with (
        clock.stopped_at(later),
        django_assert_max_num_queries(27),  # type: ignore[operator]
    ):
        indicators.tick()
    assert 0 < fake.read <= 4
    assert IndicatorLook.objects.get().looked_at == later


def test_in_its_turn_everything_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    trial.demand()
    for number in range(5):
        trial.handed_in(f"s{number}", files={"a": b"%d" % number})
        trial.run(f"s{number}")
    indicators.look()
    trial.place_of(b"3").write_bytes(b"x")
    monkeypatch.setattr(counted, "FILES_AT_ONCE", 2)

    seen = [standing("solutions-tried").state for _ in range(6)]

    assert seen[-1] == "broken"


def test_the_tick_looks_at_papers_and_acts_and_renews_where_one_changed() -> None:
    from madang.programme.web.models import Booking, Paper
    from tests.programme.web.hands import RECEIPT, booked, spent, two

    maker, checker = two()
    act = booked(spent(maker), maker, checker)
    start = clock.now()
    indicators.tick()
    quiet = book.token()
    trial.place_of(RECEIPT).write_bytes(b"x")
    Booking.objects.filter(id="e-3").update(amount_krw=1)

    with clock.stopped_at(start + timedelta(minutes=2)):
        indicators.tick()

    act.refresh_from_db()
    assert Paper.objects.get().state == "changed"
    assert act.state_of_rows == "changed"
    assert book.token() != quiet
