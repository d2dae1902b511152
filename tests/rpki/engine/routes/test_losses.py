from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.words import speaking
from madang.rpki.engine.routes.alarms import Alarm, Repository
from madang.rpki.engine.routes.losses import Losses, Thresholds

START = datetime(2026, 11, 24, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def looked(losses: Losses, *counts: int, scope: str = "all") -> list[list[Alarm]]:
    return [
        losses.look({scope: count}, (), at=after(minute)) for minute, count in enumerate(counts)
    ]


def test_a_sudden_loss_is_told_and_a_small_one_is_not() -> None:
    assert looked(Losses(), 1000, 950) == [[], []]

    lost = looked(Losses(), 1000, 890)[1]
    assert [(each.kind, each.scope) for each in lost] == [("payload-loss", "all")]
    assert lost[0].facts == {"before": 1000, "now": 890, "silent": []}


def test_both_thresholds_must_be_passed() -> None:
    assert looked(Losses(), 20, 15)[1] == []  # 25 %, but only five
    assert looked(Losses(Thresholds(least=5)), 20, 15)[1] != []


def test_a_member_who_loses_one_of_few_is_told() -> None:
    assert looked(Losses(), 3, 2, scope="member:kt")[1][0].member == "kt"


def test_slow_losses_add_up_within_the_window() -> None:
    assert [bool(each) for each in looked(Losses(), 1000, 960, 920, 880)] == [0, 0, 0, 1]


def test_what_was_long_ago_counts_no_longer() -> None:
    losses = Losses(Thresholds(window_s=600))
    losses.look({"all": 1000}, (), at=after(0))
    losses.look({"all": 950}, (), at=after(5))

    assert losses.look({"all": 880}, (), at=after(11)) == []


def test_a_loss_ends_when_half_of_it_is_back() -> None:
    alarms = looked(Losses(), 1000, 500, 890, 940, 960, 1000)

    assert [bool(each) for each in alarms] == [0, 1, 1, 1, 0, 0]


def test_a_scope_that_vanishes_is_lost_and_a_loss_that_was_meant_is_accepted() -> None:
    losses = Losses()
    losses.look({"anchor:apnic": 500}, (), at=after(0))

    assert losses.look({}, (), at=after(1))[0].scope == "anchor:apnic"

    losses.accept("anchor:apnic")
    assert losses.look({}, (), at=after(2)) == []


def test_trouble_of_a_repository_is_told_apart_from_a_loss() -> None:
    silent = Repository("https://rrdp.example/", False, frozenset({"member:kt"}))
    losses = Losses()
    before = {"all": 1000, "member:kt": 300, "member:skb": 200}
    losses.look(before, (), at=after(0))

    now = {"all": 600, "member:kt": 0, "member:skb": 100}
    found = {each.scope: each for each in losses.look(now, (silent,), at=after(1))}

    assert {scope: each.kind for scope, each in found.items()} == {
        "all": "repository-trouble",
        "member:kt": "repository-trouble",
        "member:skb": "payload-loss",
    }
    with speaking("en"):
        assert str(found["member:kt"].sentence) == (
            "member kt: payloads fell from 300 to 0 (100%) while https://rrdp.example/ does not"
            " answer"
        )
    assert found["member:kt"].sentence.ko == (
        "회원 kt: 저장소 https://rrdp.example/의 응답이 없어 인가 정보가 300건에서 0건으로"
        " 줄어듦 (100%)"
    )


@given(st.lists(st.integers(0, 200), max_size=20), st.integers(0, 20))
def test_a_new_process_goes_on_where_the_old_one_stopped(counts: list[int], cut: int) -> None:
    one, first = Losses(), Losses()
    expected = looked(one, *counts)

    looked(first, *counts[:cut])
    second = Losses()
    second.remember(first.plain())
    rest = [
        second.look({"all": count}, (), at=after(minute))
        for minute, count in enumerate(counts)
        if minute >= cut
    ]

    assert rest == expected[cut:]
