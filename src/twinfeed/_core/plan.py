"""A pipeline as a list of steps, whatever library built it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

StepKind: TypeAlias = Literal[
    "source", "decode", "resize", "map", "augment", "shuffle", "cache", "batch",
    "repeat", "prefetch", "take", "shard", "other",
]  # fmt: skip
Setting: TypeAlias = int | float | str | bool | None

AUTOTUNE = -1
"""``parallel_calls`` of a step whose parallelism the library chooses itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the user's code a step is written.

    Attributes:
        file: The file, as Python names it.
        line: The line of the call, from 1.
        end_line: The line where the call ends, from 1.
        end_column: The column behind its closing parenthesis, in bytes of UTF-8, from 0.
    """

    file: str
    line: int
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a pipeline.

    Attributes:
        kind: What the step does.
        where: How a user finds it, e.g. ``"shuffle, step 2 of 5"``.
        name: What the library calls it, e.g. ``"ShuffleDatasetV3"``.
        settings: The step's own arguments under the library's names, e.g. ``{"buffer_size": 1000}``.
        examples_in: Examples that reach this step in one epoch; ``None`` if unknown or infinite.
        random: Whether the step draws random numbers that change values (not order).
        parallel_calls: Calls that run at once; 1 is sequential, ``AUTOTUNE`` is chosen by the library.
        ops: Names of operations inside the step's function, where the library shows them.
        node: Its name in the library's own graph; empty where there is none.
        place: Where it is written, if somebody watched while the pipeline was built.
    """

    kind: StepKind
    where: str
    name: str = ""
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    examples_in: int | None = None
    random: bool = False
    parallel_calls: int = 1
    ops: tuple[str, ...] = ()
    node: str = ""
    place: Place | None = None

    def integer(self, setting: str) -> int | None:
        """The setting as an integer, or ``None`` if it is absent or something else."""
        value = self.settings.get(setting)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Plan:
    """A pipeline's steps, source first.

    Attributes:
        steps: The steps in the order in which an example meets them.
        library: Which library built the pipeline, e.g. ``"tf.data"``.
    """

    steps: tuple[Step, ...]
    library: str = ""

    def of_kind(self, *kinds: StepKind) -> Iterator[Step]:
        """The steps of these kinds, source first."""
        return (step for step in self.steps if step.kind in kinds)

    def before(self, step: Step) -> tuple[Step, ...]:
        """The steps that an example meets before ``step``, source first."""
        return self.steps[: self.steps.index(step)]

    def after(self, step: Step) -> tuple[Step, ...]:
        """The steps that an example meets after ``step``, source first."""
        return self.steps[self.steps.index(step) + 1 :]
