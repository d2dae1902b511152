"""At which gate does an adopted solution stand, and may the next one open?

    waiting ── open ──▶ running ── advance ──▶ running at the next gate … live
                        │  ▲  │
                  pause │  │  │ a rule trips, or somebody stops
                        ▼  │  ▼
                    paused ┘  stopped ── roll back ──▶ paused at the shadow
                        │        │
                        └── end ─┴──▶ ended

A gate opens (`open`, `advance`, `resume`) only while the consultation is ready: both signatures on
the minutes in force and every condition settled. A tripped rule stops the pilot at once; the only
ways on are back to the shadow, with a reason, or the end. Going back begins a new attempt with
empty tallies, which spends less of alpha than the one before (`stop_rule`). The agency moves the
pilot; the company may only pause or stop it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.stats.sequential import Tally
from madang.kernel.words import Words, words
from madang.trials.engine.adoption_moves import FROM, MOVES, STATES, Event, Hand, Move, State
from madang.trials.engine.adoption_plan import AdoptionPlan, Batch, Gate
from madang.trials.engine.errors import MoveRefused, RecordError
from madang.trials.engine.period import korean_time
from madang.trials.engine.record import Record
from madang.trials.engine.stop_rule import Reading

if TYPE_CHECKING:
    from madang.trials.engine.consultation import Consultation


@dataclass(frozen=True, kw_only=True)
class Adoption(Record):
    """One solution on its way into use at one agency."""

    demand: str
    agency: str
    company: str
    solution: str
    """Digest of the adopted submission."""
    plan: AdoptionPlan
    state: State = "waiting"
    place: int = -1
    """Position of the gate in the plan; -1 before the first."""
    attempt: int = 1
    opened: datetime | None = None
    """When the present gate opened."""
    tallies: Mapping[str, Any] = field(default_factory=dict)
    """Measure → plain tally of the present gate and attempt."""
    seen_until: Mapping[str, str] = field(default_factory=dict)
    """Measure → end of the last window reported, so that no case counts twice."""
    batches: tuple[str, ...] = ()
    history: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        begun = self.state not in ("waiting", "ended")
        if not -1 <= self.place < len(self.plan.gates) or (begun and self.place < 0):
            raise RecordError(
                words(f"계획에 없는 단계 {self.place}", f"a gate {self.place} outside the plan"),
                words("계획에 있는 단계", "a gate of the plan"),
            )

    @property
    def gate(self) -> Gate | None:
        """The present gate; None before the first."""
        return self.plan.gates[self.place] if self.place >= 0 else None

    @property
    def share(self) -> float:
        """Share of the cases that the solution serves now; 0 unless it runs."""
        return self.gate.share if self.gate and self.state == "running" else 0.0

    @property
    def is_live(self) -> bool:
        """Does it serve all cases now?"""
        return self.state == "running" and self.place == len(self.plan.gates) - 1

    @property
    def is_established(self) -> bool:
        """Does it serve all cases, every rule shown to be kept at that?"""
        return self.is_live and all(each.standing == "kept" for each in self.readings())

    def tally(self, measure: str) -> Tally:
        """What was observed of a measure at the present gate.

        Raises:
            MoveRefused: The plan has no such measure.
            RecordError: What is kept is no tally.
        """
        known = self.plan.measure(measure)
        if measure not in self.tallies:
            return Tally.empty(known.low, known.high)
        try:
            return Tally.from_plain(self.tallies[measure])
        except ValueError as fault:
            raise RecordError(
                words("읽을 수 없는 측정 기록", "a tally that cannot be read"),
                words("측정값의 집계", "a tally of the measure"),
            ) from fault

    def readings(self) -> tuple[Reading, ...]:
        """Every rule held against what was observed at the present gate."""
        return tuple(
            rule.read(
                self.tally(rule.measure),
                alpha=rule.part(gates=len(self.plan.gates), attempt=self.attempt),
            )
            for rule in self.plan.rules
        )

    def open(self, consultation: Consultation, *, hand: Hand) -> Adoption:
        """Open the first gate.

        Raises:
            MoveRefused: Begun already, not by the agency, or the consultation is not ready.
        """
        self._require("open", hand)
        self._require_ready(consultation)
        return self._at_gate(0, "running", self.attempt, hand, "open", consultation=consultation)

    def advance(self, consultation: Consultation, *, hand: Hand) -> Adoption:
        """Open the next gate.

        Raises:
            MoveRefused: It does not run, is live already, or something is wanting.
        """
        self._require("advance", hand)
        if self.is_live:
            raise MoveRefused(
                words("전면 운영의 다음 단계", "a gate after live"),
                words("전면 운영 전의 단계", "a gate before live"),
            )
        self._require_ready(consultation)
        wanting = self.wanting(at=hand.at)
        if wanting:
            raise MoveRefused(
                words(
                    "다음 단계에 모자란 것: " + ", ".join(each.ko for each in wanting),
                    "a gate that still wants " + "; ".join(each.en for each in wanting),
                ),
                words("모든 규칙이 한도 안으로 확인된 단계", "every rule shown to be kept"),
            )
        return self._at_gate(
            self.place + 1, "running", self.attempt, hand, "advance", consultation=consultation
        )

    def report(self, batch: Batch, *, hand: Hand) -> Adoption:
        """Take in observations; a rule that trips stops the pilot at once.

        Raises:
            MoveRefused: It neither runs nor pauses, or the batch was reported before, overlaps an
                earlier one, lies outside the gate's time or does not fit its measure.
        """
        self._require("report", hand)
        measure = self.plan.measure(batch.measure)
        self._check_window(batch, hand.at)
        tally = batch.added_to(self.tally(batch.measure), measure)
        until = dict(batch.plain())["observed_until"]
        told = replace(
            self,
            tallies={**self.tallies, batch.measure: tally.plain()},
            seen_until={**self.seen_until, batch.measure: until},
            batches=(*self.batches, batch.name),
        )._noted(hand, "report", batch=batch.digest)
        tripped = [each for each in told.readings() if each.standing == "tripped"]
        if not tripped:
            return told
        reason = ", ".join(f"{each.measure} > {each.limit:g}" for each in tripped)
        return replace(told, state="stopped")._noted(hand, "trip", reason=reason)

    def pause(self, *, hand: Hand, reason: str) -> Adoption:
        """Serve no case for the time being; agency or company.

        Raises:
            MoveRefused: It does not run, not by a party, or no reason.
        """
        self._require("pause", hand, reason=reason)
        return replace(self, state="paused")._noted(hand, "pause", reason=reason)

    def resume(self, consultation: Consultation, *, hand: Hand) -> Adoption:
        """Serve again at the gate where it paused.

        Raises:
            MoveRefused: It is not paused, not by the agency, or the consultation is not ready.
        """
        self._require("resume", hand)
        self._require_ready(consultation)
        resumed = replace(self, state="running", opened=self.opened or hand.at)
        return resumed._noted(hand, "resume", minutes=consultation.minutes.digest)

    def stop(self, *, hand: Hand, reason: str) -> Adoption:
        """Stop for harm that no rule watches; agency or company.

        Raises:
            MoveRefused: It neither runs nor pauses, not by a party, or no reason.
        """
        self._require("stop", hand, reason=reason)
        return replace(self, state="stopped")._noted(hand, "stop", reason=reason)

    def roll_back(self, to: str, *, hand: Hand, reason: str) -> Adoption:
        """Back to an earlier gate, paused there, in a new attempt with empty tallies.

        Args:
            to: The gate's name; after a stop only the first.
            hand: Who moves.
            reason: Why; after a stop also what was mended.

        Raises:
            MoveRefused: Not begun or ended, not by the agency, no reason, or no earlier gate.
        """
        self._require("roll_back", hand, reason=reason)
        names = [gate.name for gate in self.plan.gates]
        last = 0 if self.state == "stopped" else max(self.place - 1, 0)
        if to not in names[: last + 1]:
            raise MoveRefused(
                words(f"단계 {to!r}(으)로 되돌리기", f"a way back to {to!r}"),
                words(
                    f"{', '.join(names[: last + 1])} 가운데 하나",
                    f"one of {', '.join(names[: last + 1])}",
                ),
            )
        return self._at_gate(
            names.index(to), "paused", self.attempt + 1, hand, "roll_back", reason=reason
        )

    def end(self, *, hand: Hand, reason: str) -> Adoption:
        """Give the adoption up, for good.

        Raises:
            MoveRefused: Ended already, not by the agency, or no reason.
        """
        self._require("end", hand, reason=reason)
        return replace(self, state="ended")._noted(hand, "end", reason=reason)

    def follow(self, consultation: Consultation, *, hand: Hand) -> Adoption:
        """Pause where a condition no longer holds; else nothing changes.

        Call it whenever a condition was reopened or the minutes were amended. Missing signatures
        alone stop no running gate: they keep the next one shut.
        """
        if self.state != "running" or not consultation.unsettled:
            return self
        reason = ", ".join(condition.name for condition in consultation.unsettled)
        return replace(self, state="paused")._noted(hand, "pause", reason=reason)

    def wanting(self, *, at: datetime) -> tuple[Words, ...]:
        """What the present gate still lacks before the next may open, the consultation aside."""
        gate = self.gate
        if gate is None or self.opened is None:
            return (words("첫 단계 열기", "the first gate to be open"),)
        found = [
            each.lack(self.plan.measure(each.measure).title)
            for each in self.readings()
            if each.standing != "kept"
        ]
        earliest = self.opened + timedelta(days=gate.fewest_days)
        if at < earliest:
            found.append(
                words(f"최소 {gate.fewest_days}일의 운영", f"{gate.fewest_days} days at this gate")
            )
        return (*found, *self.silent(at=at))

    def silent(self, *, at: datetime) -> tuple[Words, ...]:
        """Measures of which nothing was reported for too long; a reason to pause."""
        if self.opened is None or self.state != "running":
            return ()
        limit = timedelta(days=self.plan.silence_days)
        found = []
        for measure in self.plan.measures:
            until = self.seen_until.get(measure.name)
            last = max(self.opened, clock.read_stamp(until) if until else self.opened)
            if at - last > limit:
                found.append(
                    words(
                        f"{measure.title.ko}의 최근 {self.plan.silence_days}일 보고",
                        f"a report of {measure.title.en} within {self.plan.silence_days} days",
                    )
                )
        return tuple(found)

    def _require(self, move: Move, hand: Hand, *, reason: str | None = None) -> None:
        if self.state not in FROM[move]:
            possible = " / ".join(STATES[each].ko for each in STATES if each in FROM[move])
            possible_en = " or ".join(STATES[each].en for each in STATES if each in FROM[move])
            raise MoveRefused(
                words(
                    f"'{STATES[self.state].ko}' 상태에서의 {MOVES[move].ko}",
                    f"an attempt to {MOVES[move].en} while {STATES[self.state].en}",
                ),
                words(f"{possible} 상태", f"an adoption that is {possible_en}"),
            )
        parties = (self.agency, self.company) if move in ("pause", "stop") else (self.agency,)
        if hand.organisation not in parties:
            raise MoveRefused(
                words(f"{hand.organisation!r}의 요청", f"a request by {hand.organisation!r}"),
                words(f"{', '.join(parties)}의 요청", f"one by {' or '.join(parties)}"),
            )
        if reason is not None and not reason.strip():
            raise MoveRefused(words("사유 없는 요청", "no reason"), words("사유", "the reason"))
        if self.history and hand.at < self.history[-1].at:
            raise MoveRefused(
                words("지난 기록보다 이른 시각", "a moment before the last move"),
                words("그 뒤의 시각", "a later one"),
            )

    def _require_ready(self, consultation: Consultation) -> None:
        minutes = consultation.minutes
        here = (self.demand, self.agency, self.company, self.solution)
        if here != (minutes.demand, minutes.agency, minutes.company, minutes.solution):
            raise MoveRefused(
                words("다른 건의 협의", "the consultation of another adoption"),
                words(
                    "같은 수요, 기관, 기업, 해법의 협의",
                    "one of the same demand, agency, company and solution",
                ),
            )
        if minutes.plan and minutes.plan != self.plan.digest:
            raise MoveRefused(
                words("협의한 것과 다른 도입 계획", "another plan than the one agreed on"),
                words(f"지문 {minutes.plan}의 계획", f"the plan {minutes.plan}"),
            )
        if not consultation.is_ready:
            wanting = consultation.wanting
            raise MoveRefused(
                words(
                    "협의에 모자란 것: " + ", ".join(each.ko for each in wanting),
                    "a consultation that still wants " + "; ".join(each.en for each in wanting),
                ),
                words(
                    "양쪽이 서명하고 모든 조건을 처리한 협의",
                    "both signatures, and every condition met or waived",
                ),
            )

    def _check_window(self, batch: Batch, at: datetime) -> None:
        if batch.name in self.batches:
            raise MoveRefused(
                words(f"이미 받은 보고 {batch.name!r}", f"the batch {batch.name!r} once more"),
                words("아직 보고하지 않은 것", "one that was not reported yet"),
            )
        opened = self.opened
        if opened is None:
            raise MoveRefused(
                words("열리지 않은 단계의 보고", "a report of a gate that has not opened"),
                words("열린 단계의 관찰", "observations of an open gate"),
            )
        until = self.seen_until.get(batch.measure)
        earliest = max(opened, clock.read_stamp(until)) if until else opened
        if batch.observed_from < earliest or batch.observed_until > at:
            raise MoveRefused(
                words("이 단계의 새 관찰이 아닌 보고", "observations that are not this gate's"),
                words(
                    f"{korean_time(earliest)}부터 지금까지의, 앞선 보고와 겹치지 않는 기간",
                    f"a window from {korean_time(earliest)} KST until now that overlaps no "
                    "earlier one",
                ),
            )

    def _at_gate(
        self,
        place: int,
        state: State,
        attempt: int,
        hand: Hand,
        move: Move,
        *,
        reason: str = "",
        consultation: Consultation | None = None,
    ) -> Adoption:
        minutes = consultation.minutes.digest if consultation else ""
        moved = replace(
            self,
            state=state,
            place=place,
            attempt=attempt,
            opened=hand.at if state == "running" else None,
            tallies={},
            seen_until={},
        )
        return moved._noted(hand, move, reason=reason, minutes=minutes)

    def _noted(self, hand: Hand, move: Move, **more: str) -> Adoption:
        event = Event(
            at=hand.at,
            by=hand.by,
            organisation=hand.organisation,
            move=move,
            gate=self.gate.name if self.gate else "",
            attempt=self.attempt,
            **more,
        )
        return replace(self, history=(*self.history, event))
