"""What a rewrite of a pipeline answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from twinfeed._core.finding import Safety
from twinfeed._core.plan import AUTOTUNE
from twinfeed.graph.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Change:
    """A rewritten pipeline.

    Attributes:
        recipe: The new stages.
        safety: What may be different: ``SAFE`` keeps examples, order and distribution.
        said: What was done, in one line.
    """

    recipe: Recipe
    safety: Safety
    said: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rewrite does not apply."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a rewrite may use.

    Attributes:
        memory_bytes: Bytes for a shuffle buffer or a cache; ``None`` for no limit.
        cores: Calls that run at once; ``AUTOTUNE`` leaves it to TensorFlow.
    """

    memory_bytes: int | None = None
    cores: int = AUTOTUNE


Answer: TypeAlias = Change | Refusal
Apply: TypeAlias = Callable[[Recipe, Limits], Answer]
