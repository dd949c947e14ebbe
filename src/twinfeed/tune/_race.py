"""Running candidates in turn with the original, dropping the slower half again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.stats.resample import Interval, paired_ratio, typical
from twinfeed.tune._candidates import Candidate

_HEAT = 4
"""Candidates between two turns of the original."""
_LEAST_OPENED = 8
_FINALISTS = 3
_LEAST_FINALS, _MOST_FINALS = 4, 12
_LEAST_ROUNDS, _MOST_ROUNDS = 10, 20
_SHARE_OF_FIRST_HEAT = 0.5
"""Of the time. A choice between few that had many turns is surer than one between many that had one."""
_NEAR = 0.97
"""Candidates within 3 % of the best are as good; the one with fewer changes is taken."""


class Turned(Protocol):
    """What a turn tells."""

    @property
    def seconds(self) -> float: ...
    @property
    def elements(self) -> int: ...


class Runner(Protocol):
    """Something that is read in turns."""

    def warm(self, seconds: float) -> bool: ...
    def turn(self, seconds: float) -> Turned: ...


@dataclass(slots=True)
class Entry:
    """A candidate in the race.

    Attributes:
        candidate: The candidate.
        ratios: Its speed over that of the original, a number per turn.
        note: Why it left the race.
    """

    candidate: Candidate
    ratios: list[float] = field(default_factory=list[float])
    note: str = ""
    runner: Runner | None = None

    @property
    def typical(self) -> float:
        """The median ratio; 0 before the first turn."""
        return float(np.median(self.ratios)) if self.ratios else 0.0


@dataclass(frozen=True, slots=True)
class Duel:
    """The original and a candidate in strict alternation.

    Attributes:
        before: Seconds per element of the original, shape ``(rounds,)``.
        after: The candidate's, shape ``(rounds,)``.
    """

    before: Array
    after: Array

    @property
    def ratio(self) -> Interval:
        """Speed of the candidate over that of the original, with its 95 % interval."""
        return paired_ratio(self.before, self.after)

    @property
    def elements_per_s(self) -> tuple[float, float]:
        """Median speeds, that of the original first."""
        return 1 / float(np.median(self.before)), 1 / float(np.median(self.after))

    @property
    def step_ms(self) -> tuple[Interval, Interval]:
        """Milliseconds per element, that of the original first."""
        return typical(self.before * 1e3), typical(self.after * 1e3)

    @property
    def rounds_ms(self) -> tuple[tuple[float, float], ...]:
        """Milliseconds per element of both, a pair per round."""
        both = zip((self.before * 1e3).tolist(), (self.after * 1e3).tolist(), strict=True)
        return tuple(both)


@dataclass(slots=True)
class Race:
    """The turns of an original and its candidates.

    Attributes:
        original: Reads the original.
        entries: The candidates, at least one, that expected to be fastest first.
        open_one: Builds the reader of a candidate when its first turn comes.
        turn_s: Length of a turn.
        warm_s: Longest warm-up of a candidate.
        deadline: When the last turn must be over, as the clock tells it.
        say: Called with what is being done.
        clock: What time it is, in seconds.
        paces_s: Seconds per element of the original in the turns it had in heats.
    """

    original: Runner
    entries: list[Entry]
    open_one: Callable[[Candidate], Runner]
    turn_s: float
    warm_s: float
    deadline: float
    say: Callable[[str], None]
    clock: Callable[[], float] = time.perf_counter
    paces_s: list[float] = field(default_factory=list[float])
    open_until: float = field(init=False)

    def __post_init__(self) -> None:
        begin = self.clock()
        self.open_until = begin + _SHARE_OF_FIRST_HEAT * (self.deadline - begin)

    def rank(self) -> list[Entry]:
        """Heats until three are left, then more turns of these; the best first."""
        field_now = list(self.entries)
        # However late it is, those that are expected to be fastest have their turn.
        while not self.entries[0].ratios or (
            len(field_now) > _FINALISTS and not self._is_late(reserve=_LEAST_ROUNDS)
        ):
            self._heat(field_now)
            field_now = [one for one in field_now if one.ratios]
            field_now = _best(field_now)[: max(_FINALISTS, len(field_now) // 2)]
            for entry in self.entries:
                if entry not in field_now:
                    entry.runner = None  # its caches go with it
        for number in range(_MOST_FINALS):
            if self._is_late(reserve=_LEAST_ROUNDS if number < _LEAST_FINALS else _MOST_ROUNDS):
                break
            self._heat(field_now)
        ranked = _best(field_now)
        near = [one for one in ranked if one.typical >= _NEAR * ranked[0].typical]
        near.sort(key=lambda one: len(one.candidate.changes))
        return [*near, *(one for one in ranked if one not in near)]

    def decide(self, differs: Callable[[Candidate], str]) -> tuple[Entry, Duel] | None:
        """The first of the best two that is surely faster and feeds the same, if one is.

        Args:
            differs: In which way a candidate feeds something else; empty where it does not.
        """
        ranked = [one for one in self.rank() if one.typical > 1.0] if self.entries else []
        for entry in ranked[:2]:
            duel = self.duel(entry)
            if duel.ratio.low <= 1.0:
                entry.note = (
                    f"no surer gain than {duel.ratio.low:.2f} to {duel.ratio.high:.2f} times"
                )
            elif otherwise := differs(entry.candidate):
                entry.note = f"it feeds something else: {otherwise}"
            else:
                return entry, duel
        return None

    def duel(self, entry: Entry) -> Duel:
        """The original and one candidate in strict alternation."""
        reader = self._reader(entry)
        sides: tuple[list[float], list[float]] = ([], [])
        for number in range(_MOST_ROUNDS):
            if number >= _LEAST_ROUNDS and self._is_late():
                break
            self.say(f"comparing with the original, round {number + 1}")
            order = ((0, self.original), (1, reader))
            for side, one in order if number % 2 else order[::-1]:
                sides[side].append(_pace(one.turn(self.turn_s)))
        return Duel(np.array(sides[0]), np.array(sides[1]))

    def _heat(self, entries: Sequence[Entry]) -> None:
        for start in range(0, len(entries), _HEAT):
            if start >= _LEAST_OPENED and not entries[start].ratios and self._opening_is_over():
                return
            before = _pace(self.original.turn(self.turn_s))
            paces: list[tuple[Entry, float]] = []
            for entry in entries[start : start + _HEAT]:
                self.say(entry.candidate.name)
                try:
                    paces.append((entry, _pace(self._reader(entry).turn(self.turn_s))))
                except Exception as error:  # noqa: BLE001 - a pipeline that fails is out, no more
                    entry.note = f"it failed: {str(error).splitlines()[0][:120]}"
                    paces.append((entry, float("inf")))
            after = _pace(self.original.turn(self.turn_s))
            self.paces_s += [before, after]
            for entry, pace in paces:
                entry.ratios.append(float(np.sqrt(before * after)) / pace)
            if self._is_late(reserve=_LEAST_ROUNDS):
                return

    def _reader(self, entry: Entry) -> Runner:
        if entry.runner is None:
            entry.runner = self.open_one(entry.candidate)
            if not entry.runner.warm(self.warm_s) and entry.candidate.cached:
                entry.note = "its cache was not full yet when it was measured"
        return entry.runner

    def _opening_is_over(self) -> bool:
        return self.clock() > self.open_until

    def _is_late(self, reserve: int = 0) -> bool:
        return self.clock() + 2 * reserve * self.turn_s > self.deadline


def _best(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda one: -one.typical)


def _pace(turn: Turned) -> float:
    """Seconds per element."""
    return turn.seconds / max(1, turn.elements)
