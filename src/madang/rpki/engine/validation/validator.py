"""What may be believed now? From the trust anchors down, judging only what has changed.

A run is a function of the store, the moment and the policy. What an earlier run found about a
point is used again where nothing that it rested on is different, so that the outcome is the same
as that of a run that remembers nothing.
"""

from __future__ import annotations

import gc
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.validation.anchors import judge_anchor
from madang.rpki.engine.validation.crew import WORTH_IT, Crew
from madang.rpki.engine.validation.issued import Window
from madang.rpki.engine.validation.ledger import Ledger
from madang.rpki.engine.validation.outcome import Outcome, Turned, Visit
from madang.rpki.engine.validation.point import judge_point
from madang.rpki.engine.validation.verdicts import FOREVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from madang.rpki.engine.objects.tal import Tal
    from madang.rpki.engine.store.point import Store
    from madang.rpki.engine.validation.policy import Policy
    from madang.rpki.engine.validation.verdicts import Authority, PointVerdict


class _Step(NamedTuple):
    """A CA to be visited."""

    authority: Authority
    parent: int
    expires: int


class Validator:
    """Judges the same trust anchors again and again, under one policy."""

    def __init__(
        self, store: Store, tals: Sequence[Tal], policy: Policy, *, workers: int = 1
    ) -> None:
        self._store, self._tals, self._policy = store, tuple(tals), policy
        self._workers = workers
        self._known: dict[tuple[object, ...], PointVerdict] = {}
        self._ledger = Ledger()
        self._standing: dict[int, Visit] = {}

    def run(self, at: int) -> Outcome:
        """Judge everything at this moment, in seconds since 1970."""
        walk = _Walk(self._store, self._policy, at, self._known)
        walk.workers = self._workers
        # Verdicts hold no cycles; looking for some among millions of them is a sixth of a run.
        collecting = gc.isenabled()
        gc.disable()
        try:
            faults = {tal.name: walk.anchor(tal) for tal in self._tals}
        finally:
            walk.close()
            if collecting:
                gc.enable()
        self._known = walk.remembered
        standing = {id(visit.verdict): visit for visit in walk.visits}
        gone = tuple(each for key, each in self._standing.items() if key not in standing)
        come = tuple(each for key, each in standing.items() if key not in self._standing)
        self._standing = standing
        payloads, change = self._ledger.apply(
            (each.verdict for each in gone), (each.verdict for each in come)
        )
        return Outcome(
            at=at,
            visits=tuple(walk.visits),
            turned=tuple(walk.turned),
            anchors=faults,
            payloads=payloads,
            change=change,
            judged=walk.judged,
            come=come,
            gone=gone,
        )


class _Walk:
    """One way down from the trust anchors."""

    def __init__(
        self,
        store: Store,
        policy: Policy,
        at: int,
        known: dict[tuple[object, ...], PointVerdict],
    ) -> None:
        self._store, self._policy, self._at, self._known = store, policy, at, known
        self.remembered: dict[tuple[object, ...], PointVerdict] = {}
        self.visits: list[Visit] = []
        self.turned: list[Turned] = []
        self.judged = 0
        self.workers = 1
        self._just_now: set[tuple[object, ...]] = set()
        """What was judged in this run already: the store may have moved on, the run has not."""
        self._crew: Crew | None = None
        self._reached: Counter[tuple[object, ...]] = Counter()
        self._authorities = 0
        self._repositories: set[str] = set()

    def anchor(self, tal: Tal) -> Fault | None:
        """Visit everything below one locator; why its trust anchor was refused, or None."""
        content = self._store.anchor(tal.uris)
        if content is None:
            return Fault("anchor-missing", -1, " ".join(tal.uris)[:200])
        try:
            authority = judge_anchor(content, tal, Window(self._at, 0, FOREVER), self._policy)
        except Fault as fault:
            return fault
        self._authorities, self._repositories = 0, set()
        level = [_Step(authority, -1, authority.certificate.not_after)]
        while level:
            self._judge_new([step.authority for step in level])
            level = [step for each in level for step in self._visit(each)]
        return None

    def close(self) -> None:
        """Let the workers go."""
        if self._crew:
            self._crew.close()

    def _judge_new(self, level: list[Authority]) -> None:
        """Deal out what nobody has judged before, where it is enough to pay."""
        new = {
            key: authority
            for authority in level
            if (key := _key(authority)) not in self._known and key not in self.remembered
        }
        most = self._policy.most_authorities
        if self.workers < 2 or not WORTH_IT <= len(new) <= most:
            return
        if self._crew is None:
            self._crew = Crew(self._store, self._policy, at=self._at, workers=self.workers)
        for (key, authority), verdict in zip(
            new.items(), self._crew.judge(list(new.values())), strict=True
        ):
            self._remember(key, authority, verdict)

    def _visit(self, step: _Step) -> Iterable[_Step]:
        """Judge one CA's point; what it leads to."""
        authority = step.authority
        fault = self._why_not(step)
        if fault:
            self.turned.append(Turned(authority.uri, fault))
            return ()
        verdict = self._verdict(authority)
        expires = min(step.expires, authority.certificate.not_after, verdict.expires)
        place = len(self.visits)
        self.visits.append(Visit(authority, verdict, expires, step.parent))
        return [_Step(child, place, expires) for child in verdict.children()]

    def _why_not(self, step: _Step) -> Fault | None:
        """Why this CA is not followed; limits keep loops and floods from growing."""
        policy, authority = self._policy, step.authority
        certificate = authority.certificate
        if authority.depth > policy.deepest:
            return Fault("too-deep", -1, f"{authority.depth} levels")
        self._authorities += 1
        if self._authorities > policy.most_authorities:
            return Fault("too-many-authorities", -1, f"more than {policy.most_authorities}")
        way = (*self._issuer(step), certificate.manifest)
        self._reached[way] += 1
        if self._reached[way] > policy.most_parents:
            return Fault("too-many-parents", -1, certificate.manifest[:200])
        place = certificate.notify or certificate.repository.partition("://")[2].partition("/")[0]
        if place not in self._repositories:
            if len(self._repositories) >= policy.most_repositories:
                return Fault("too-many-repositories", -1, f"more than {policy.most_repositories}")
            self._repositories.add(place)
        return None

    def _issuer(self, step: _Step) -> tuple[object, ...]:
        """Whose certificates are counted together: strangers must not use up a point's count."""
        if step.parent < 0:
            return ()
        above = self.visits[step.parent].authority
        return above.certificate.signed.signature, above.resources

    def _verdict(self, authority: Authority) -> PointVerdict:
        """The verdict on a point: the remembered one where it would come out the same."""
        key = _key(authority)
        known = self.remembered.get(key) or self._known.get(key)
        if key in self._just_now:
            return self.remembered[key]
        if known is None or not self._holds(known, authority):
            known = judge_point(
                authority, self._store, at=self._at, policy=self._policy, before=known
            )
            known = self._remember(key, authority, known)
        self.remembered[key] = known
        return known

    def _remember(
        self, key: tuple[object, ...], authority: Authority, verdict: PointVerdict
    ) -> PointVerdict:
        self.judged += 1
        self._just_now.add(key)
        self.remembered[key] = self._kept(authority, verdict)
        return self.remembered[key]

    def _holds(self, known: PointVerdict, authority: Authority) -> bool:
        if not known.since <= self._at < known.until:
            return False
        certificate = authority.certificate
        fresh = self._store.point(certificate.repository, certificate.notify)
        kept = self._store.last_good(certificate.manifest)
        return known.tokens == (fresh.token if fresh else None, kept.token if kept else None)

    def _kept(self, authority: Authority, verdict: PointVerdict) -> PointVerdict:
        """The verdict, after what was found whole as fetched became the last good state."""
        if verdict.number < 0 or verdict.from_last_good or verdict.failure:
            return verdict
        if not self._store.keeps:
            return verdict
        certificate, store = authority.certificate, self._store
        point = store.point(certificate.repository, certificate.notify)
        if point is None or point.token != verdict.tokens[0]:
            return verdict  # fetched anew in between: the next run judges that, and keeps it
        if not store.keep_point(certificate.manifest, point, verdict.files):
            return verdict
        kept = store.last_good(certificate.manifest)
        # Beside a last good state that is the same, the verdict would come out the same.
        return replace(verdict, tokens=(point.token, kept.token if kept else None))


def _key(authority: Authority) -> tuple[object, ...]:
    """What a verdict rests on beside the store, the moment and the policy."""
    certificate = authority.certificate
    return (
        certificate.signed.signature,
        authority.resources,
        certificate.manifest,
        authority.anchor,
        authority.depth,
    )
