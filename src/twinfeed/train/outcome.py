"""What a training is given, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One epoch as a train loop takes it.

    Attributes:
        x: Inputs, a tree of arrays whose first axis is the example, in the order trained.
        y: Targets in the same form, or ``None``.
        weight: Sample weights, or ``None``.
        sizes: Examples of each batch.
    """

    x: Any
    y: Any
    weight: Any
    sizes: tuple[int, ...]

    @property
    def batch_size(self) -> int | None:
        """The size of every batch but a smaller last one; ``None`` where sizes vary."""
        first, *rest = self.sizes
        whole = all(size == first for size in rest[:-1])
        return first if whole and (not rest or rest[-1] <= first) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """One training.

    Attributes:
        metrics: Each metric on the evaluation set, by name, one value per evaluated epoch; the
            last epoch always is one.
        epoch_s: Seconds of each epoch; empty where the same had been trained before.
    """

    metrics: dict[str, tuple[float, ...]]
    epoch_s: tuple[float, ...]


class Trainer(Protocol):
    """Something that can be trained many times."""

    def train(
        self, epochs: Sequence[Epoch], evaluation: Epoch, *, seed: int, every_epoch: bool
    ) -> Trained:
        """Train from new weights.

        Args:
            epochs: What is trained on.
            evaluation: What is evaluated on.
            seed: Of weights and dropout.
            every_epoch: Evaluate after each epoch, not only after the last.
        """
        ...

    @property
    def told(self) -> str:
        """What is trained, in words."""
        ...
