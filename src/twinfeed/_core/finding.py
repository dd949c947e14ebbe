"""What a unit of the catalogue reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from twinfeed._core.plan import Setting

Evidence: TypeAlias = Mapping[str, int | float | str | bool | None]


class Severity(StrEnum):
    """How much a finding matters to training."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Strength(StrEnum):
    """What a finding rests on, strongest first."""

    PROVEN = "proven"
    """An intervention removed the effect."""
    MEASURED = "measured"
    """Seen in the data."""
    READ = "read"
    """Seen in the plan or graph only."""
    PRIOR = "prior"
    """Known from literature, not seen here."""


class Safety(StrEnum):
    """What applying a fix can change."""

    SAFE = "safe"
    """The examples, their order and their values stay as they are."""
    UNSAFE = "unsafe"
    """The feed changes: that is the point, and the user decides."""
    SHOW = "show"
    """Needs the user's own code; shown, never applied."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A proposed change.

    Attributes:
        title: What to do, in one line.
        code: The argument or call to change, in the user's own API.
        safety: What applying it can change.
        rewrite: Which rewrite makes this change, in the graph and in the source; empty where
            only the user can make it.
        arguments: What the rewrite needs to know beside the step, e.g. ``{"buffer_size": 50000}``.
    """

    title: str
    code: str
    safety: Safety = Safety.SHOW
    rewrite: str = ""
    arguments: Mapping[str, Setting] = field(default_factory=dict[str, Setting])


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where in a pipeline, and where in the user's code, a finding is.

    Attributes:
        where: The step, as ``Step.where`` names it.
        step: Its index in the plan's steps; ``None`` for the feed as a whole.
        feed: Index of the feed in the report's feeds.
        file: The file that builds the step, if that was watched.
        line: The line in it, from 1.
    """

    where: str
    step: int | None = None
    feed: int = 0
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A cause seen in a feed or a pair of feeds.

    Attributes:
        code: The catalogue's code, e.g. ``"AUG202"``.
        name: The catalogue's name, e.g. ``"frozen-augmentation"``.
        tags: The tags of the vocabulary of causes that it stands for.
        severity: How much it matters to training.
        strength: What the finding rests on.
        sentence: One sentence with the numbers in it; lower case, no full stop, no advice.
        evidence: The numbers behind the sentence, by name, units in the names.
        fix: A proposed change, if there is one.
        size: How large the effect is among findings of one severity, 0 to 1; orders a report.
        at: Where it is; ``None`` for a cause seen in a pair of feeds.
    """

    code: str
    name: str
    tags: tuple[str, ...]
    severity: Severity
    strength: Strength
    sentence: str
    evidence: Evidence = field(default_factory=dict[str, int | float | str | bool | None])
    fix: Fix | None = None
    size: float = 0.0
    at: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A question that the observation could not settle.

    Attributes:
        code: The unit that asked.
        question: What could not be decided, in one sentence.
        needs: What it would take to decide it.
    """

    code: str
    question: str
    needs: str
