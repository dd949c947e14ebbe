"""What a rule may ask of a feed; each answer is computed when it is first asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from twinfeed._core.plan import Place, Plan, Setting
from twinfeed._core.spec import FeedSpec
from twinfeed._core.trace import Trace
from twinfeed.lint._machine import memory_bytes

Role: TypeAlias = Literal["training", "evaluation", "predict", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What the feed is used for, as far as it is known.

    Attributes:
        role: What the feed is for.
        arguments: The arguments of the Keras call that concern the feed, defaults included, e.g.
            ``{"steps_per_epoch": 10, "epochs": 5, "shuffle": True, "class_weight": False}``
            (whether there are class weights); ``None`` where no call is known.
        call: The Keras call, ``fit`` or ``validation`` or ...; empty where none is known.
    """

    role: Role = "unknown"
    arguments: Mapping[str, Setting] | None = None
    call: str = ""


@dataclass(kw_only=True)
class Subject:
    """One feed under the eyes of the rules.

    Attributes:
        name: What reports call it.
        plan: Its steps, or ``None`` where the library hides them.
        use: What it is used for.
        spec: The leaves of its batches; empty where nothing tells them before a batch is read.
        batches: Batches per epoch; ``None`` if unknown or infinite.
        examples: Examples per epoch; ``None`` if unknown or infinite.
        infinite: Whether the library says that an epoch never ends.
        read: Reads some batches of two epochs; ``None`` where that is not allowed.
        read_epoch: Reads a whole epoch; ``None`` where that is not allowed.
        notes: What must be said about how it was looked at.
        place: Where in the user's code it is used or made, for what no step can be blamed for.
        others: The other feeds of the same run, e.g. what ``fit`` validates on.
    """

    name: str
    plan: Plan | None
    use: Use = field(default_factory=Use)
    spec: FeedSpec = field(default_factory=lambda: FeedSpec(()))
    batches: int | None = None
    examples: int | None = None
    infinite: bool = False
    read: Callable[[], Trace] | None = None
    read_epoch: Callable[[], Trace] | None = None
    notes: tuple[str, ...] = ()
    place: Place | None = None
    others: tuple[Subject, ...] = ()

    @property
    def trains(self) -> bool:
        """Whether it is known that a model is trained on it."""
        return self.use.role == "training"

    @property
    def evaluates(self) -> bool:
        """Whether it is known that a model is evaluated on it or predicts from it."""
        return self.use.role in {"evaluation", "predict"}

    def argument(self, name: str, default: Setting = None) -> Setting:
        """An argument of the Keras call; ``default`` where it is absent or no call is known."""
        return (self.use.arguments or {}).get(name, default)

    @cached_property
    def sample(self) -> Trace | None:
        """Some batches of two epochs; ``None`` where reading is not allowed."""
        return self.read() if self.read else None

    @cached_property
    def epoch(self) -> Trace | None:
        """A whole epoch; ``None`` where reading is not allowed."""
        return self.read_epoch() if self.read_epoch else None

    @cached_property
    def counted(self) -> int | None:
        """Examples of an epoch that was read to its end; ``None`` where none was."""
        trace = None if self.infinite else self.sample
        for index, epoch in enumerate(trace.epochs if trace else ()):
            if trace and epoch.ended:
                return int(trace.ticks.size[trace.ticks.epoch == index].sum()) or None
        return None

    @cached_property
    def memory_bytes(self) -> int:
        """The memory that a process may use on this machine, in bytes."""
        return memory_bytes()
