"""What does a monitor see? The validator's state in the text form of Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.rtr.feed import Feed
    from madang.rpki.engine.rtr.server import RouterServer
    from madang.rpki.engine.service.live import Live


def metrics(live: Live, feed: Feed, routers: RouterServer) -> str:
    """Everything that is worth an alarm, in one page."""
    lines: list[str] = []
    for name, kind, told, samples in _families(live, feed, routers):
        lines += [f"# HELP madang_rpki_{name} {told}", f"# TYPE madang_rpki_{name} {kind}"]
        lines += [f"madang_rpki_{name}{labels} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


_Family = tuple[str, str, str, list[tuple[str, float]]]


def _families(live: Live, feed: Feed, routers: RouterServer) -> Iterator[_Family]:
    ready = live.is_ready
    yield "ready", "gauge", "Whether a round has ended.", [("", int(ready))]
    counts = routers.counts
    yield "routers", "gauge", "Routers connected now.", [("", len(routers.routers))]
    yield (
        "router_connections_total",
        "counter",
        "Connections since the start.",
        [
            ('{result="accepted"}', counts.accepted),
            ('{result="refused"}', counts.refused),
            ('{result="failed"}', counts.failed),
        ],
    )
    edition = feed.edition
    if edition is not None:
        yield "serial", "gauge", "Serial number of the router feed.", [("", edition.serial)]
    if ready:
        yield from _of_round(live)


def _of_round(live: Live) -> Iterator[_Family]:
    now = live.round
    outcome, payloads = now.outcome, now.payloads
    yield (
        "payloads",
        "gauge",
        "What is believed now.",
        [
            ('{kind="vrp"}', len(payloads.vrps)),
            ('{kind="aspa"}', len(payloads.aspas)),
            ('{kind="router_key"}', len(payloads.router_keys)),
        ],
    )
    by_anchor: dict[str, int] = dict.fromkeys(outcome.anchors, 0)
    for visit in outcome.visits:
        count = sum(len(each.vrps) for each in visit.verdict.accepted.values())
        by_anchor[visit.authority.anchor] += count
    yield (
        "anchor_vrps",
        "gauge",
        "VRPs below each trust anchor, one for each object that says it.",
        [(f'{{anchor="{_plain(name)}"}}', count) for name, count in by_anchor.items()],
    )
    yield (
        "round_age_seconds",
        "gauge",
        "Seconds since the last round.",
        [("", round(clock.epoch_s() - outcome.at, 1))],
    )
    yield "round_seconds", "gauge", "What the last round took.", [("", round(now.took_s, 3))]
    yield from _of_repositories(live)


def _of_repositories(live: Live) -> Iterator[_Family]:
    outcome = live.round.outcome
    yield "points", "gauge", "Publication points judged.", [("", len(outcome.visits))]
    refused = sum(1 for _ in outcome.refused())
    yield "refused", "gauge", "Objects not believed.", [("", refused)]
    kept = sum(visit.verdict.from_last_good for visit in outcome.visits)
    yield "last_good", "gauge", "Points that stand by their last good state.", [("", kept)]
    repositories = live.status()["repositories"]
    yield (
        "repository_up",
        "gauge",
        "Whether the last fetch succeeded.",
        [
            (f'{{source="{_plain(each["source"])}"}}', int(each["failure"] is None))
            for each in repositories
        ],
    )


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
