"""How much of a feed is read."""

from __future__ import annotations

from dataclasses import dataclass

from twinfeed.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Bounds of one observation; whichever is reached first ends an epoch's reading.

    Attributes:
        examples: Examples looked at per epoch.
        epochs: Epochs of one build that are looked at; two show frozen or repeated randomness.
        seconds: Seconds for the whole observation.
        timing_s: Seconds for passes that are only timed; up to three times as many where ten batches
            take longer.
        keep_bytes: Bytes of whole examples that are kept, over all epochs; of large pictures a
            quarter of that is added for small copies.
    """

    examples: int = 10_000
    epochs: int = 2
    seconds: float = 60.0
    timing_s: float = 2.0
    keep_bytes: int = 96 << 20

    def __post_init__(self) -> None:
        for name in ("examples", "epochs"):
            if getattr(self, name) < 1:
                raise UsageError(
                    f"{name}={getattr(self, name)}",
                    "at least 1",
                    f"leave {name} out for the default",
                )
        if self.seconds <= 0:
            raise UsageError(
                f"seconds={self.seconds}", "more than 0", "leave seconds out for the default"
            )
