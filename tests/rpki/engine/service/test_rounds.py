"""A round brings what members want to the routers, and notes what changed and why."""

from __future__ import annotations

import pytest

from madang.rpki.engine.fetch.policy import Policy as Ways
from madang.rpki.engine.service.picture import Picture
from tests.rpki.engine.service.conftest import INTENDED, Country, Watch


@pytest.fixture
def watch(country: Country) -> Watch:
    country.taken += 1
    return Watch(country, f"watch{country.taken}")


def test_a_first_round_tells_routers_exactly_what_members_want(watch: Watch) -> None:
    found = watch.rounds.run()

    assert found.payloads == INTENDED
    assert found.anchors == {}
    assert [each.way for each in found.fetched] == ["snapshot"]
    edition = watch.feed.edition
    assert edition is not None
    assert (edition.serial, len(edition)) == (found.serial, len(INTENDED))
    assert list(found.outcome.refused()) == []


def test_an_unchanged_world_is_not_judged_again_and_makes_no_serial(watch: Watch) -> None:
    first = watch.rounds.run()

    again = watch.rounds.run()

    assert (again.outcome.judged, again.serial) == (0, first.serial)
    assert [each.way for each in again.fetched] == ["unchanged"]
    assert again.payloads == first.payloads


def test_one_authorisation_costs_one_point_one_turn_and_one_serial(
    country: Country, watch: Watch
) -> None:
    first = watch.rounds.run()

    vrp = country.want("agency", "198.51.100.0/26", 64501)
    added = watch.rounds.run()
    country.want("agency", "198.51.100.0/26", 64501, remove=True)
    gone = watch.rounds.run()

    # Waves before and after the fetch: what was judged anew is the agency's point alone.
    judged = [wave.outcome.judged for wave in watch.waves]
    assert judged[-4:] == [0, 1, 0, 1]
    assert added.outcome.payloads.vrps == first.outcome.payloads.vrps | {vrp}
    assert (added.serial, gone.serial) == (first.serial + 1, first.serial + 2)
    turns = watch.history.of(vrp)
    assert [(turn.come, turn.cause) for turn in turns] == [(False, "withdrawn"), (True, "issued")]
    assert all("/agency/" in turn.manifest for turn in turns)
    assert int(turns[0].number) == int(turns[1].number) + 1


def test_what_stood_at_the_first_round_is_no_turn(watch: Watch) -> None:
    found = watch.rounds.run()

    assert watch.history.latest() == ()
    assert watch.history.began() == found.outcome.at
    totals = watch.history.totals()
    assert totals[-1].vrps in (0, len(INTENDED.vrps))


def test_a_repository_that_is_gone_takes_nothing_away(country: Country, watch: Watch) -> None:
    first = watch.rounds.run()
    notification = country.land.server.folder / "rrdp" / "notification.xml"
    away = notification.rename(notification.with_suffix(".away"))

    try:
        found = watch.rounds.run()
    finally:
        away.rename(notification)

    assert found.payloads == first.payloads
    assert found.serial == first.serial
    (failed,) = found.fetched
    assert failed.way == "failed"
    assert "404" in failed.failure.en


def test_a_tampered_object_lets_the_last_good_state_speak(country: Country, watch: Watch) -> None:
    first = watch.rounds.run()
    victim = next(
        visit.authority
        for visit in first.outcome.visits
        if "/agency/" in visit.authority.certificate.manifest
    )
    roa = next(uri for uri in _uris(watch, victim.certificate.repository) if uri.endswith(".roa"))
    source = first.fetched[0].source
    held = watch.store.digest(source, roa)
    state = watch.store.state(source)
    with watch.store.update(source, whole=False) as update:
        update.publish(roa, b"no object at all", over=held)
        update.commit(state.mark)

    found = watch.rounds._wave(_Nothing(), {}, 0.0)

    assert found.payloads == first.payloads
    (failure,) = [visit.verdict for visit in found.outcome.visits if visit.verdict.failure]
    assert failure.from_last_good
    assert failure.failure.fault.code == "file-hash"
    assert dict(found.outcome.refused()).keys() == {roa}


class _Nothing:
    """A gathering to which nothing came."""

    came = ()
    asked = ()


def _uris(watch: Watch, repository: str) -> list[str]:
    state = watch.waves[-1].outcome
    return [
        repository + name
        for visit in state.visits
        if visit.authority.certificate.repository == repository
        for name in visit.verdict.files
    ]


def test_without_a_trust_anchor_routers_keep_what_they_have(country: Country) -> None:
    lost = Watch(country, "lost-anchor")
    # Hosts of this machine are dubious: the certificate cannot be fetched.
    lost.rounds._with.fetcher.policy = Ways(dubious=False)

    found = lost.rounds.run()

    assert not found.outcome.is_usable
    assert found.outcome.anchors["demo"].code == "anchor-missing"
    assert "demo" in found.anchors
    assert found.serial is None
    assert lost.feed.edition is None


def test_the_picture_shows_what_the_round_saw(country: Country, watch: Watch) -> None:
    picture = Picture(watch.workspace.picture)
    vrp = country.want("school", "203.0.113.0/26", 64504)
    first = watch.rounds.run()
    picture.draw(first)

    with picture.rows() as rows:
        told = rows.execute("SELECT family, address, length, max_length, asn FROM vrp").fetchall()
        points = rows.execute("SELECT count(*) FROM point").fetchone()[0]
    assert {
        (row[0], int.from_bytes(row[1], "big"), *row[2:]) for row in told
    } == first.payloads.vrps
    assert points == len(first.outcome.visits) == 4

    country.want("school", "203.0.113.0/26", 64504, remove=True)
    picture.draw(watch.rounds.run())

    with picture.rows() as rows:
        left = rows.execute("SELECT count(*) FROM vrp WHERE asn = ?", (vrp.asn,)).fetchone()[0]
        points = rows.execute("SELECT count(*) FROM point").fetchone()[0]
    assert (left, points) == (2, 4)
    assert picture.meta()["vrps"] == len(INTENDED.vrps)


def test_a_history_goes_on_after_its_process(country: Country, watch: Watch) -> None:
    first = watch.rounds.run()
    vrp = country.want("carrier", "192.0.2.0/26", 64497)

    again = Watch.again(watch, country)
    again.rounds.run()

    # A new process judges everything anew, yet only what is new has turned.
    assert [turn.payload for turn in again.history.latest()] == [str(vrp)]
    assert again.history.began() <= first.outcome.at
    country.want("carrier", "192.0.2.0/26", 64497, remove=True)
