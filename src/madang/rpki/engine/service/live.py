"""What is believed at this moment? The last round, ready to be asked from any thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from madang.kernel.clock import stamp
from madang.kernel.words import words
from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.explain.moments import moment
from madang.rpki.engine.explain.subject import explain_object
from madang.rpki.engine.payloads import Payloads, change
from madang.rpki.engine.routes.origin import OriginIndex

if TYPE_CHECKING:
    from madang.rpki.engine.explain.subject import Explanation
    from madang.rpki.engine.fetch.fetched import Fetched
    from madang.rpki.engine.resources.prefix import Prefix
    from madang.rpki.engine.routes.origin import Origin
    from madang.rpki.engine.service.history import History
    from madang.rpki.engine.service.rounds import Round
    from madang.rpki.engine.store.database import Database

_MATCHED = "At least one VRP Matches the Route Prefix"
_WRONG_AS = "At least one VRP Covers the Route Prefix, but no VRP ASN matches the route origin ASN"
_TOO_LONG = (
    "At least one VRP Covers the Route Prefix, but the Route Prefix length is greater than the"
    " maximum length allowed by VRP(s) matching this route origin ASN"
)
_NOT_FOUND = "No VRP Covers the Route Prefix"


@dataclass(slots=True)
class Live:
    """The last round, and an index over what it believed."""

    store: Database
    history: History
    _round: Round | None = None
    _index: OriginIndex = field(default_factory=OriginIndex)
    _held: Payloads = field(default_factory=Payloads)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _fetched: dict[str, Fetched] = field(default_factory=dict)

    def hear(self, round_: Round) -> None:
        """Take in what a round found."""
        with self._lock:
            if self._round is None:
                self._index = OriginIndex(round_.payloads.vrps)
            else:
                self._index.apply(change(self._held, round_.payloads))
            self._held, self._round = round_.payloads, round_
            self._fetched.update({each.source: each for each in round_.fetched})

    @property
    def round(self) -> Round:
        """The last round.

        Raises:
            Unreachable: None has ended yet.
        """
        if self._round is None:
            raise Unreachable(
                words("검증 결과", "a validation's result"),
                reason=words("첫 검증이 진행 중임", "the first round is still running"),
            )
        return self._round

    @property
    def is_ready(self) -> bool:
        """Whether a round has ended in which a trust anchor was usable."""
        return self._round is not None and self._round.outcome.is_usable

    def verdict(self, prefix: Prefix, asn: int) -> Origin:
        """The state of an announcement (RFC 6811).

        Raises:
            Unreachable: No round has ended yet.
        """
        _ = self.round
        with self._lock:
            return self._index.verdict(prefix, asn)

    def explain(self, uri: str) -> Explanation:
        """Why the object at this address is believed or not, with what happened to it."""
        return explain_object(self.round.outcome, uri, events=self.store.events(uri, limit=20))

    def validity(self, prefix: Prefix, asn: int) -> dict[str, Any]:
        """The answer of `/api/v1/validity`, in Routinator's shape."""
        origin = self.verdict(prefix, asn)
        parts: dict[str, list[dict[str, str]]] = {
            "matched": [],
            "unmatched_as": [],
            "unmatched_length": [],
        }
        for vrp in origin.covering:
            kind = "unmatched_as"
            if vrp.asn == asn and asn:
                kind = "matched" if prefix.length <= vrp.max_length else "unmatched_length"
            parts[kind].append(
                {
                    "asn": f"AS{vrp.asn}",
                    "prefix": str(vrp.prefix),
                    "max_length": str(vrp.max_length),
                }
            )
        validity: dict[str, Any] = {"state": origin.state}
        if origin.state == "invalid":
            validity["reason"] = "length" if parts["unmatched_length"] else "as"
        validity["description"] = _description(origin.state, validity.get("reason"))
        return {
            "validated_route": {
                "route": {"origin_asn": f"AS{asn}", "prefix": str(prefix)},
                "validity": {**validity, "VRPs": parts},
            },
            "generatedTime": stamp(moment(self.round.outcome.at)),
        }

    def status(self) -> dict[str, Any]:
        """How the last round went."""
        now = self.round
        outcome = now.outcome
        return {
            "at": stamp(moment(outcome.at)),
            "took_s": round(now.took_s, 3),
            "serial": now.serial,
            "vrps": len(now.payloads.vrps),
            "aspas": len(now.payloads.aspas),
            "router_keys": len(now.payloads.router_keys),
            "points": len(outcome.visits),
            "judged_anew": outcome.judged,
            "refused": sum(1 for _ in outcome.refused()),
            "anchors": {name: fault and fault.code for name, fault in outcome.anchors.items()},
            "repositories": [
                {
                    "source": each.source,
                    "way": each.way,
                    "took_s": round(each.took_s, 3),
                    "received": each.received,
                    "failure": each.failure and each.failure.en,
                }
                for each in self._fetched.values()
            ],
        }


def _description(state: str, reason: str | None) -> str:
    if state == "valid":
        return _MATCHED
    if state == "not-found":
        return _NOT_FOUND
    return _TOO_LONG if reason == "length" else _WRONG_AS
