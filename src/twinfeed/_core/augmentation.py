"""The augmentation of a feed as it was recovered from its examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ShapeName: TypeAlias = Literal[
    "constant", "uniform", "normal", "discrete", "share", "other", "undecided"
]
Per: TypeAlias = Literal["example", "batch", "undecided"]
Between: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a policy.

    Attributes:
        name: The parameter, with its unit at the end where it has one: ``rotation_degrees``;
            shifts, brightness and sizes are shares, zooms and contrast are factors.
        drawn: Whether it varies at random; ``False`` for one that is only stated.
        low: Lower bound; the share itself of a ``share``.
        high: Upper bound.
        low_between: 95 % interval of the lower bound; NaN where nothing is known of it.
        high_between: That of the upper bound.
        shape: ``uniform``; ``normal``: falls off to both sides, and the bounds hold 98 % of
            it; ``discrete``: a few values; ``share``: done or not; ``constant``; ``other``: none
            of these; ``undecided``: the number of views does not tell.
        scale: What has that shape: the value itself (``""``), its ``log`` or its ``inverse``.
        untouched: Share of the examples that are left as they are.
        values: The values of a ``discrete`` one.
        shares: The share of the examples at each of them.
        per: What has a draw of its own.
        views: Views that it rests on.
        draws: Independent draws that they show.
        deviation: Standard deviation of one draw.
        stated: Bounds that the feed's arguments or graph state; ``None`` where they do not.
    """

    name: str
    drawn: bool
    low: float
    high: float
    low_between: Between
    high_between: Between
    shape: ShapeName
    scale: str = ""
    untouched: float = 0.0
    values: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    per: Per = "undecided"
    views: int = 0
    draws: int = 0
    deviation: float = float("nan")
    stated: Between | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """What one feed does to its examples at random.

    Attributes:
        label: ``"A"`` or ``"B"``.
        state: ``none``; ``fresh``: drawn anew each epoch; ``frozen``: drawn once per build and
            replayed; ``repeated``: the same draws in every epoch and build; ``unknown``.
        known: Whether enough views could be laid over what they were made from.
        basis: What they were laid over: ``plain``: the same feed without augmentation, ``other
            plain``, ``other``: the other feed, or ``epochs``: the same examples in another
            epoch, so that bounds are those of the difference of two draws; ``none``.
        views: Views that were laid over it.
        tried: Views that were tried.
        parameters: Those that are drawn or stated.
        fill: What is put where a view shows more than its picture has; ``""`` if unknown.
        fill_value: The constant, as a share of the range from black; NaN for other modes.
        stated_fill: The mode that is stated; ``""`` where none is.
        filling: What erased rectangles hold; ``""`` where nothing is erased.
        pivot: The value that a factor leaves alone.
    """

    label: str
    state: str
    known: bool
    basis: str
    views: int
    tried: int
    parameters: tuple[Parameter, ...]
    fill: str = ""
    fill_value: float = float("nan")
    stated_fill: str = ""
    filling: str = ""
    pivot: str = ""

    @property
    def relative(self) -> bool:
        """Whether bounds are those of the difference of two draws."""
        return self.basis == "epochs"
