"""A pipeline as a list of stages that can be changed and built again.

Where a ``Plan`` is for reading, a ``Recipe`` is for cooking: each stage of it knows which step of
the user's dataset it stands for, so that a changed list becomes a dataset again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from twinfeed._core.plan import AUTOTUNE, Setting, StepKind

SOURCE = "source"
_EXPAND = frozenset({"interleave", "flat_map", "unbatch", "filter", "take_while"})
_WHOLE = frozenset({"cache", "snapshot", "batch", "padded_batch", "repeat", "shuffle"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a pipeline that can be moved, changed or left out.

    Attributes:
        kind: What the stage does.
        verb: What a user writes for it: ``"map"``.
        arguments: Its arguments under the names of ``tf.data``.
        origin: Number of the step of the user's dataset that it stands for; ``None`` if it is new.
        function: Name of the user's function, or ``""``.
        random: Whether it may give something else in the next epoch: its function draws random
            numbers or keeps state, or a dataset that it joins or opens is shuffled.
        seeded: Whether what it gives depends on how often it was called: its draws have a seed of
            their own, or it keeps state.
        variables: Whether its function reads a variable.
        python: Whether its function calls back into Python.
        ops: Notable operations of its function.
        examples_in: Examples that reach it in one epoch; ``None`` if unknown or infinite.
        size_in: Examples in an element that reaches it; ``None`` if it varies.
        bytes_in: Bytes of an element that reaches it; ``None`` if shapes are not fixed.
        bytes_out: Bytes of an element that leaves it; ``None`` if shapes are not fixed.
        elements_out: Elements that leave it in one epoch; ``None`` if unknown or infinite.
        changed: Whether it is not as the user wrote it.
        written: What the user wrote for its function, or beside its numbers; ``""`` if unknown.
        unpacks: Whether its function is given the parts of an element one by one.
    """

    kind: StepKind
    verb: str
    arguments: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    origin: int | None = None
    function: str = ""
    random: bool = False
    seeded: bool = False
    variables: bool = False
    python: bool = False
    ops: tuple[str, ...] = ()
    examples_in: int | None = None
    size_in: int | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    elements_out: int | None = None
    changed: bool = False
    written: str = ""
    unpacks: bool = False

    def having(self, **arguments: Setting) -> Stage:
        """The stage with other arguments."""
        return replace(self, arguments={**self.arguments, **arguments}, changed=True)

    def integer(self, name: str) -> int | None:
        """An argument as an integer, or ``None``."""
        value = self.arguments.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def is_parallel(self) -> bool:
        """Whether several calls of its function run at once."""
        calls = self.integer("num_parallel_calls")
        return calls is not None and (calls == AUTOTUNE or calls > 1)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A pipeline's stages, source first.

    Attributes:
        stages: The stages; the first one is the source, which stays as it is.
    """

    stages: tuple[Stage, ...]

    def index(self, *verbs: str) -> int | None:
        """Where the last stage of one of these verbs stands."""
        found = [i for i, stage in enumerate(self.stages) if stage.verb in verbs]
        return found[-1] if found else None

    def moved(self, origin: int, to: int) -> Recipe:
        """With the stage at one place put to another, counted without it."""
        left = [stage for i, stage in enumerate(self.stages) if i != origin]
        left.insert(to, replace(self.stages[origin], changed=True))
        return Recipe(tuple(left))

    def put(self, at: int, stage: Stage) -> Recipe:
        """With a new stage in front of the one at a place."""
        return Recipe((*self.stages[:at], replace(stage, changed=True), *self.stages[at:]))

    def without(self, at: int) -> Recipe:
        """Without the stage at a place."""
        return Recipe((*self.stages[:at], *self.stages[at + 1 :]))

    def having(self, at: int, **arguments: Setting) -> Recipe:
        """With other arguments of the stage at a place."""
        stages = list(self.stages)
        stages[at] = stages[at].having(**arguments)
        return Recipe(tuple(stages))


def place_to_cut(recipe: Recipe) -> int | None:
    """Where a ``take`` shortens every epoch and starves no cache; ``None`` if nowhere."""
    stages = recipe.stages
    at = 1 + max((n for n, stage in enumerate(stages) if stage.verb in _EXPAND), default=0)
    return None if any(stage.verb in _WHOLE for stage in stages[:at]) else at


def cut(recipe: Recipe, like: Recipe, count: int) -> Recipe:
    """The pipeline on the first elements of its source only; as it is where that cannot be.

    Args:
        recipe: The pipeline, which may have been rewritten.
        like: The pipeline as the user wrote it, which says where the cut is.
        count: Elements that are left.
    """
    at = place_to_cut(like)
    if at is None:
        return recipe
    anchor = like.stages[at - 1].origin
    found = next((n for n, stage in enumerate(recipe.stages) if stage.origin == anchor), None)
    if found is None:
        return recipe
    take = Stage(kind="take", verb="take", arguments={"count": count})
    return recipe.put(found + 1, take)
