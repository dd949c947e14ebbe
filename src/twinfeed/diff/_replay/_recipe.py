"""How a feed made its pictures from files: what was named, and what could not be told apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One part of a recipe.

    Attributes:
        best: The candidate that leaves least.
        among: Every candidate that leaves as little, ``best`` first.
        apart_levels: Mean difference between the most unlike of them, in levels of 255.
    """

    best: str
    among: tuple[str, ...]
    apart_levels: float = 0.0

    def __str__(self) -> str:
        """The name, or the names with how far they are apart."""
        if len(self.among) == 1:
            return self.best
        apart = (
            f"{self.apart_levels:.1f} levels apart" if self.apart_levels >= 0.05 else "equal here"
        )
        return f"{' or '.join(self.among)} ({apart})"

    def excludes(self, other: Named) -> bool:
        """Whether no candidate of one is a candidate of the other."""
        return not set(self.among) & set(other.among)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The way from the files to one feed's pictures.

    Attributes:
        policy: The rule for the shape.
        kernel: The resize kernel; ``None`` where nothing was resized.
        decoder: What decoded; ``None`` where the files are no JPEGs.
        mode: Pillow's mode, or how grey or transparency was made; see ``_bindings.decoders``.
        bars: The colour of what is padded, in levels per channel; ``None`` where nothing is.
        blue_first: Whether the channels are blue, green, red.
        orientation_applied: Whether pictures are turned as their EXIF tag says; ``None`` where
            no replayed file has one.
        left_levels: Mean absolute difference that the recipe leaves, in levels of 255.
        shrinks: By how much the pictures shrink, the median over files and axes.
        pictures: Files replayed.
        turned: Files among them whose tag asks for a turn.
        transparent: Files among them that can be transparent.
    """

    policy: Named
    kernel: Named | None
    decoder: Named | None
    mode: Named
    bars: tuple[float, ...] | None
    blue_first: bool
    orientation_applied: bool | None
    left_levels: float
    shrinks: float
    pictures: int
    turned: int
    transparent: int
