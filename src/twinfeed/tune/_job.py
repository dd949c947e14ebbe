"""What the watching process hands to the tuning one."""

from __future__ import annotations

from dataclasses import dataclass

RESULT = "tuned.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneJob:
    """What the tuning process has to do.

    Attributes:
        given: The factory as the user named it.
        memory: Bytes that caches may take; ``None`` for the default.
        cores: Cores to count on; ``None`` for all.
        seconds: Seconds to spend, about.
        any_order: Whether the order may change.
        unsafe: Whether Python code may run in several threads.
        cache_dir: A folder for a file cache, or ``None``.
    """

    given: str
    memory: int | None
    cores: int | None
    seconds: float
    any_order: bool
    unsafe: bool
    cache_dir: str | None
