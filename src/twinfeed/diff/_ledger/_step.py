"""The shape of a step of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from twinfeed._core.batch import Array
from twinfeed._core.finding import Evidence
from twinfeed.diff._ledger._ground import Ground
from twinfeed.diff._ledger._stage import Stage
from twinfeed.diff._twins import Twins

Judge: TypeAlias = Literal["always", "shape", "values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a step would make of both sides' pictures.

    Attributes:
        step: The kind of step.
        says: What it is in this pair of feeds.
        left: A's pictures behind it.
        right: B's pictures behind it; another size only.
        judge: What decides whether it pays: the difference itself, or the difference behind
            the best line of each picture, so that another scale has no say.
        least: Share of what is left that it must take away to be kept.
        facts: Numbers that a finding may cite, units in the names.
        stage: How A's pictures are replayed behind it, where it changes that.
        concerned: Pairs that it can change, shape ``(pairs,)``, where files tell: they alone judge it.
    """

    step: str
    says: str
    left: Array
    right: Array
    judge: Judge
    least: float = 0.02
    stage: Stage | None = None
    concerned: Array | None = None
    facts: Evidence = field(default_factory=dict[str, int | float | str | bool | None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A step that pays.

    Attributes:
        step: The kind of step.
        says: What it is in this pair of feeds.
        share: Share of the whole squared difference that goes with it.
        taken: Share that it takes of what was left before it, by what judges it.
        facts: Numbers that a finding may cite.
    """

    step: str
    says: str
    share: float
    taken: float
    facts: Mapping[str, int | float | str | bool | None]


Step: TypeAlias = Callable[[Twins, Ground], Change | None]
