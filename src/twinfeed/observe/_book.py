"""Everything that was seen of one object in one role, over all calls that used it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twinfeed._core.batch import Batch
from twinfeed._core.plan import Place, Plan, Setting
from twinfeed._core.spec import FeedSpec
from twinfeed._core.trace import Fit, ModelScaling, Role, Trace
from twinfeed.observe._governor import Governor
from twinfeed.observe._held import Held
from twinfeed.observe.budget import Budget
from twinfeed.observe.look import Seen
from twinfeed.observe.recorder import Recorder


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The object given to a call, as far as it shows itself without being read.

    Attributes:
        name: Its type.
        arguments: The call's own arguments that concern the feed.
        spec: Its leaves, or ``None``.
        plan: Its steps, or ``None``.
        examples: Examples per epoch as it states, or ``None``.
        infinite: Whether it says that an epoch never ends.
        backend: Keras's backend.
        place: Where in the user's code the call is written.
        model_scaling: The layers at the model's front that scale its input.
        model_inputs: The names by which the model takes its inputs.
    """

    name: str
    arguments: Mapping[str, Setting]
    spec: FeedSpec | None
    plan: Plan | None
    examples: int | None
    infinite: bool
    backend: str
    place: Place | None = None
    model_scaling: tuple[ModelScaling, ...] = ()
    model_inputs: tuple[str, ...] = ()


class Book:
    """Books the batches of one object in one role.

    Args:
        role: The Keras call that uses the object.
        handed: What the object shows of itself.
        budget: How much is looked at and kept.
        every_value: Count every value instead of a sample of each image.
    """

    def __init__(
        self, role: Role, handed: Handed, *, budget: Budget, every_value: bool = False
    ) -> None:
        self.role: Role = role
        self.handed = handed
        self.batches: int | None = None
        self.batch_size: int | None = None
        self.feeder: object = None  # kept here for the seam, which makes it once per book
        self.calls = 1
        self.fetched = 0
        self.complete = True
        self.blind = False
        self.notes: list[str] = []
        self.metrics: dict[str, list[float]] = {}
        self.recorder = Recorder(budget=budget, every_value=every_value)
        self.governor = Governor()
        self._budget = budget
        self._epochs = 0
        self._open = False
        self._booking = False
        self._room = True
        self._broken = False
        self._held = Held()
        self._usual = 0
        self._batches = self._examples = self._booked = 0
        self._whole: tuple[int, int] | None = None  # batches and examples of a whole epoch

    @property
    def epochs(self) -> int:
        """Epochs begun."""
        return self._epochs

    @property
    def usual_batches(self) -> int:
        """Batches of an epoch that was seen to its end; 0 before."""
        return self._whole[0] if self._whole else 0

    @property
    def trained_batches(self) -> int:
        """Batches of the current epoch that reached a step."""
        return self._batches

    def note(self, text: str) -> None:
        """Something a report must say, once."""
        if text not in self.notes:
            self.notes.append(text)

    def begin_epoch(self) -> None:
        """A new pass begins."""
        self._room = self._epochs < self._budget.epochs
        self._booking = False
        self.governor.begin_epoch()
        self._open = True
        self._epochs += 1
        self._batches = self._examples = 0

    def end_epoch(self, *, ended: bool) -> None:
        """The pass is over; ``ended`` says whether the feed ended it by itself."""
        if not self._open:
            return
        self._book_epoch()
        if self._held:
            self._settle(ended=ended)
        elif ended and not self.blind:
            self._whole = self._batches, self._examples
        self._open = False
        self.recorder.end_epoch(ended=ended)

    def drop_epoch(self) -> None:
        """The call broke off: close what was begun as unfinished, if a batch was trained on."""
        if self._batches:
            self.end_epoch(ended=False)
        self._open = False

    def looks(self) -> bool:
        """Whether the next batch is to be looked at."""
        if not self._open or not self._room or self._broken:
            return False
        was_over = self.governor.over
        if self.governor.may_look():
            return True
        if not was_over:
            self.note(
                f"epoch {self._epochs}: the first {self._examples:,} examples were looked at;"
                " looking at more would have slowed the training"
            )
        return False

    def look(self, make: Callable[[], Batch]) -> Seen | None:
        """Look at a batch; a fault in looking is noted and never reaches the training."""
        began = time.perf_counter()
        try:
            return self.recorder.look(make())
        except Exception as error:  # noqa: BLE001 - the observer's fault must not end the training
            self._broken = True
            first = (str(error).splitlines() or [""])[0]
            self.note(f"batches could not be looked at: {type(error).__name__}: {first}")
            return None
        finally:
            self.governor.spent(time.perf_counter() - began)

    def take(self, seen: Seen | None, size: int, *, wait_s: float, step_s: float) -> None:
        """Book a batch that reached a step."""
        if not self._open:
            return
        self._book_epoch()
        self._batches += 1
        self._examples += size
        self._usual = max(size, self._usual)
        if self._held:
            self._held.add_seen(size, wait_s, step_s)
        elif seen is None:
            self.recorder.skip(size, wait_s=wait_s, step_s=step_s)
        else:
            began = time.perf_counter()
            self._room = self.recorder.take(seen, wait_s=wait_s, step_s=step_s) and self._room
            self.governor.spent(time.perf_counter() - began)

    def take_unseen(self, batches: int, *, step_s: float) -> None:
        """Book batches that nobody saw; their sizes follow from what is known."""
        if not self._open:
            return
        self._book_epoch()
        if not self._held:
            self._booked = self._examples
        self.fetched += batches
        self._batches += batches
        for _ in range(batches):
            self._held.add_unseen(step_s)

    def trace(self, name: str) -> Trace:
        """What was booked, as a value."""
        notes = list(self.notes)
        if self.calls > 1:
            notes.append(f"{self.calls} calls of {self.role} used the same object; read as one")
        metrics = {name: tuple(values) for name, values in self.metrics.items()}
        return self.recorder.trace(
            name=name,
            role=self.role,
            plan=self.handed.plan,
            batches=self.batches,
            examples=self.handed.examples,
            infinite=self.handed.infinite,
            fit=Fit(
                handed=self.handed.name,
                arguments=dict(self.handed.arguments),
                spec=self.handed.spec,
                batches=self.batches,
                backend=self.handed.backend,
                metrics=metrics,
                fetched_batches=self.fetched,
                place=self.handed.place,
                model_scaling=self.handed.model_scaling,
                model_inputs=self.handed.model_inputs,
            ),
            complete=self.complete,
            notes=notes,
        )

    def _settle(self, *, ended: bool) -> None:
        """Book what was held back, now that the epoch is over."""
        expected = None
        if ended and self._whole and self._whole[0] == self._batches:
            expected = self._whole[1]
        elif ended and self._batches == self.batches:
            expected = self.handed.examples
        usual = self._usual or self.batch_size or self._planned_size()
        left = None if expected is None else expected - self._booked
        for size, wait_s, step_s in self._held.settle(usual, left):
            self.recorder.skip(size, wait_s=wait_s, step_s=step_s)
        self._held = Held()

    def _planned_size(self) -> int:
        steps = list(self.handed.plan.of_kind("batch")) if self.handed.plan else []
        return (steps[-1].integer("batch_size") or 0) if steps else 0

    def _book_epoch(self) -> None:
        """Open the recorder's epoch with its first batch: only then is it known what can be seen."""
        if not self._booking:
            self.recorder.begin_epoch(looked=self._room and not self.blind)
            self._booking = True
