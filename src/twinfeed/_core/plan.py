"""A pipeline as a list of steps, whatever library built it."""

from __future__ import annotations

import math
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
class Leaf:
    """One tensor of the elements that leave a step.

    Attributes:
        dtype: The numpy name of its values, e.g. ``"uint8"``; ``"string"`` for text,
            ``"variant"`` for ragged and sparse ones.
        shape: The shape of one element, batch axis included; ``None`` for an axis that
            varies, and for a shape whose rank is not known.
        low: Smallest value that the steps so far can make, roughly; ``None`` if not known.
        high: Largest such value.
        reaches: Paths of the feed's leaves that are made from it, e.g. ``("x", 'y["mask"]')``.
    """

    dtype: str
    shape: tuple[int | None, ...] | None = None
    low: float | None = None
    high: float | None = None
    reaches: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int | None:
        """Bytes of one element; ``None`` where its shape or the size of its values varies."""
        item = _ITEM_BYTES.get(self.dtype)
        if item is None or self.shape is None or None in self.shape:
            return None
        return item * math.prod(side for side in self.shape if side is not None)


_ITEM_BYTES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2,
    "int32": 4, "uint32": 4, "float32": 4, "int64": 8, "uint64": 8, "float64": 8,
    "complex64": 8, "complex128": 16,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that a step's function does to values.

    Attributes:
        op: The library's name of it, e.g. ``"ResizeBilinear"``.
        settings: What is known of how: constants, ``low`` and ``high`` of what comes in, seeds.
        takes: Numbers of the leaves, among those that reach the step, that it is made from.
        gives: Numbers of the leaves, among those that leave the step, that are made from it.
        reaches: Paths of the feed's leaves that are made from it.
    """

    op: str
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    takes: tuple[int, ...] = ()
    gives: tuple[int, ...] = ()
    reaches: tuple[str, ...] = ()

    def number(self, setting: str) -> float | None:
        """The setting as a number, or ``None`` if it is absent or something else."""
        value = self.settings.get(setting)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None


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
        leaves: The tensors of an element that leaves it; empty where the library hides them.
        per_element: Examples in an element that leaves it; ``None`` if that varies or is unknown.
        acts: What its functions do to values, in order, where the library shows it.
        mentions: Functions of libraries that the user's own function names, e.g.
            ``"numpy.random.uniform"``.
        joined: The steps of each further pipeline that it joins to the one followed.
        inner: The steps of each pipeline that its functions build for an element.
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
    leaves: tuple[Leaf, ...] = ()
    per_element: int | None = None
    acts: tuple[Act, ...] = ()
    mentions: tuple[str, ...] = ()
    joined: tuple[tuple[Step, ...], ...] = ()
    inner: tuple[tuple[Step, ...], ...] = ()

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

    def everything(self) -> Iterator[Step]:
        """Every step, those of joined and of inner pipelines in front of the step that uses them."""
        waiting = list(reversed(self.steps))
        seen: set[int] = set()
        while waiting:
            step = waiting[-1]
            others = [one for part in (*step.joined, *step.inner) for one in part]
            if others and id(step) not in seen:
                seen.add(id(step))
                waiting += reversed(others)
                continue
            yield waiting.pop()

    def of_kind(self, *kinds: StepKind) -> Iterator[Step]:
        """The steps of these kinds, source first."""
        return (step for step in self.steps if step.kind in kinds)

    def before(self, step: Step) -> tuple[Step, ...]:
        """The steps that an example meets before ``step``, source first."""
        return self.steps[: self.steps.index(step)]

    def after(self, step: Step) -> tuple[Step, ...]:
        """The steps that an example meets after ``step``, source first."""
        return self.steps[self.steps.index(step) + 1 :]
