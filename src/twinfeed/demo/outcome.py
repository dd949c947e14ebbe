"""What a short training came to, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from twinfeed.stats.intervals import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One network trained on one pipeline.

    Attributes:
        label: What the report calls the pipeline.
        right: Held-out examples that it classified rightly.
        tested: Held-out examples.
        epoch_s: Seconds of each epoch, compilation in the first.
    """

    label: str
    right: int
    tested: int
    epoch_s: tuple[float, ...]

    @property
    def accuracy(self) -> float:
        """Share of the held-out examples that is right."""
        return self.right / self.tested

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy of this one network, over draws of the test set."""
        return wilson(self.right, self.tested)

    @property
    def steady_epoch_s(self) -> float:
        """Median seconds of the epochs after the first, which compiles."""
        return median(self.epoch_s[1:] or self.epoch_s)
