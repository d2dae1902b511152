from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.resources.prefix import Prefix, read_prefix
from madang.rpki.engine.routes.bgp import Update
from madang.rpki.engine.routes.live import Live, Peer, Seen
from madang.rpki.engine.routes.malformed import Malformed
from madang.rpki.engine.routes.route import MOST_PEERS, NO_ORIGIN, AsPath, Route
from tests.rpki.engine.routes.chance import prefixes

ONE, TWO = Peer(64500, "192.0.2.1"), Peer(64501, "192.0.2.2")
PREFIXES = [read_prefix(f"10.{n}.0.0/16") for n in range(4)]
PATHS = [AsPath((64500, 9)), AsPath((64500, 8)), AsPath(())]
PLACED = st.tuples(st.sampled_from(PREFIXES), st.integers(0, 1))
UPDATES = st.builds(
    lambda come, gone, path: Update(tuple(come), tuple(gone), path),
    st.lists(PLACED, max_size=4),
    st.lists(PLACED, max_size=4),
    st.sampled_from(PATHS),
)


@given(st.lists(st.tuples(st.sampled_from([ONE, TWO]), UPDATES | st.none()), max_size=20))
def test_keeps_the_latest_word_of_each_peer(story: list[tuple[Peer, Update | None]]) -> None:
    live = Live()
    model: dict[tuple[Peer, object], AsPath] = {}
    for peer, said in story:
        if said is None:
            gone = [key for key in model if key[0] == peer]
            assert live.drop(peer) == len(gone)
            for key in gone:
                del model[key]
            continue
        live.follow(peer, said)
        for placed in said.withdrawn:
            model.pop((peer, placed), None)
        for placed in said.announced:
            assert said.path is not None
            model[peer, placed] = said.path

    assert len(live) == len(model)
    assert {
        (p, placed): path for p, t in live.tables.items() for placed, path in t.items()
    } == model


def test_tells_only_what_changed() -> None:
    live = Live()
    said = Update(((PREFIXES[0], 0),), (), PATHS[0])

    assert live.follow(ONE, said) == [Seen(ONE, PREFIXES[0], 9, PATHS[0])]
    assert live.follow(ONE, said) == []
    assert live.follow(ONE, Update((), ((PREFIXES[1], 0),), None)) == []


def test_an_empty_path_originates_at_the_peer() -> None:
    live = Live()
    live.follow(ONE, Update(((PREFIXES[0], 0),), (), AsPath(())))
    live.follow(Peer(0, "::"), Update(((PREFIXES[1], 0),), (), AsPath(())))

    assert set(live.table().routes()) == {
        Route(PREFIXES[0], 64500, 1),
        Route(PREFIXES[1], NO_ORIGIN, 1),
    }


@given(st.lists(prefixes(), max_size=4), st.lists(prefixes(), max_size=10))
def test_a_table_of_some_prefixes_holds_what_lies_within_them(
    wanted: list[Prefix], seen: list[Prefix]
) -> None:
    live = Live()
    live.follow(ONE, Update(tuple((prefix, 0) for prefix in seen), (), PATHS[0]))

    found = set(live.table(within=wanted).seen)

    inside = {prefix for prefix in seen if any(each.covers(prefix) for each in wanted)}
    assert found == (inside if wanted else set(seen))


def test_more_routes_than_may_be_kept_are_refused_and_the_rest_stays() -> None:
    live = Live(most=2)
    live.follow(ONE, Update(tuple((p, 0) for p in PREFIXES[:2]), (), PATHS[0]))

    with pytest.raises(Malformed, match="many"):
        live.follow(TWO, Update(((PREFIXES[2], 0),), (), PATHS[0]))

    assert len(live) == 2
    live.follow(ONE, Update((), ((PREFIXES[0], 0),), None))
    live.follow(TWO, Update(((PREFIXES[2], 0),), (), PATHS[0]))
    assert len(live) == 2


def test_peers_cannot_be_made_up_without_end() -> None:
    live = Live()
    for number in range(MOST_PEERS):
        live.follow(Peer(number, "192.0.2.1"), Update((), (), None))

    with pytest.raises(Malformed, match="peers"):
        live.follow(Peer(MOST_PEERS, "192.0.2.1"), Update((), (), None))
