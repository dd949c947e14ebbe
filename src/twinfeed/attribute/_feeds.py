"""Draws of two feeds: recorded, told apart, and with what is held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from twinfeed._core.batch import Array
from twinfeed._core.feed import Feed
from twinfeed._core.trace import Trace
from twinfeed.attribute._evaluation import hold_out
from twinfeed.attribute._forms import Forms
from twinfeed.attribute._identity import identify, trace_of
from twinfeed.attribute._world import World
from twinfeed.train.recording import Recording, record


@dataclass(kw_only=True)
class Pair:
    """Two feeds that are drawn from again and again.

    Attributes:
        a: Feed A.
        b: Feed B.
        thawed: B with its augmentation drawn anew in each epoch, or ``None``.
        epochs: Epochs of a training.
        examples: Examples of an epoch at most.
        say: Called with what is being done and how far it is.
    """

    a: Feed
    b: Feed
    epochs: int
    examples: int
    say: Callable[[str, int], None]
    thawed: Feed | None = None
    notes: list[str] = field(default_factory=list[str])
    _plain: dict[str, tuple[Array, Array]] = field(default_factory=dict[str, tuple[Array, Array]])

    def recordings(self, number: int) -> tuple[Recording, Recording]:
        """The epochs of a fresh build of each; of the same one where there is no other."""
        return self._record(self.a, number, "a"), self._record(self.b, number, "b")

    def draw(self, number: int, forms: Forms, *, both_frozen: bool, hold: bool) -> World:
        """All draws of a seed.

        Args:
            number: The seed.
            forms: How both write the same content.
            both_frozen: As in ``World``.
            hold: Whether examples are held out to evaluate on.
        """
        drawn = self.recordings(number)
        traces = trace_of(drawn[0], "A"), trace_of(drawn[1], "B")
        world = self.made(drawn, traces, number, forms, both_frozen=both_frozen)
        if hold:
            world.held = hold_out(world)
        return world

    def made(
        self,
        drawn: tuple[Recording, Recording],
        traces: tuple[Trace, Trace],
        number: int,
        forms: Forms,
        *,
        both_frozen: bool,
    ) -> World:
        """What is known of draws that were recorded and observed."""
        world = World(
            a=drawn[0], b=drawn[1], ids=identify(*traces), forms=forms, seed=number,
            both_frozen=both_frozen,
        )  # fmt: skip
        if self.thawed is not None:
            recording = self._record(self.thawed, number, "thawed")
            numbers = identify(traces[0], trace_of(recording, "B"))
            world.thawed = recording, numbers.b
        return world

    def _record(self, feed: Feed, number: int, side: str) -> Recording:
        if number and feed.fresh is None:
            note = f"{feed.name} can be built only once: every seed trains on the same draws of it"
            if note not in self.notes:
                self.notes.append(note)
        drawn = feed if feed.fresh is None or not number else feed.fresh()
        # What has no augmentation is the same in every build.
        known = self._plain.get(side)
        if known is not None:
            drawn = replace(drawn, plain=None)
        recorded = record(drawn, self.epochs, most_examples=self.examples, say=self.say)
        if known is not None:
            recorded = replace(recorded, plain=known)
        elif recorded.plain is not None:
            self._plain[side] = recorded.plain
        if max(map(sum, recorded.sizes)) >= self.examples:
            note = f"epochs were cut at {self.examples:,} examples"
            if note not in self.notes:
                self.notes.append(note)
        return recorded
