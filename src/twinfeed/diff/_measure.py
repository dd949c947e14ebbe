"""The shape of a measure: one cause that a pair of traces can show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from twinfeed._core.finding import Evidence, Finding, Fix, Severity, Strength, Undecided
from twinfeed.diff._reach import Enough, Reach
from twinfeed.diff._twins import Twins

Answer: TypeAlias = Finding | Undecided
Look: TypeAlias = Callable[[Twins], Iterator[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One entry of the catalogue.

    Attributes:
        code: Family and number, e.g. ``"AUG202"``; never reused once released.
        name: Reads after "allow", e.g. ``"frozen-augmentation"``.
        severity: How much it matters to training, unless a finding says otherwise.
        tags: The tags of the vocabulary of causes that it stands for.
        since: The version that added it.
        look: Reads a pair of traces and yields findings, or what it could not decide.
        page: Its documentation: the docstring of its module.
        reach: From how many examples on it finds what its page names, where it rests on counts;
            else what is enough for it.
        prior_cost: What literature says it costs, with the source; never measured here.
    """

    code: str
    name: str
    severity: Severity
    tags: tuple[str, ...]
    since: str
    look: Look
    page: str | None
    reach: Reach | Enough
    prior_cost: str | None = None

    def finding(
        self,
        sentence: str,
        *,
        strength: Strength = Strength.MEASURED,
        evidence: Evidence | None = None,
        fix: Fix | None = None,
        size: float = 0.5,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this cause.

        Args:
            sentence: One sentence with the numbers in it; lower case, no full stop, no advice.
            strength: What it rests on.
            evidence: The numbers behind it, by name, units in the names.
            fix: The argument to change, in the user's own API.
            size: How large the effect is among findings of one severity, 0 to 1.
            severity: Where this one matters more or less than its kind.
        """
        return Finding(
            code=self.code,
            name=self.name,
            tags=self.tags,
            severity=severity or self.severity,
            strength=strength,
            sentence=sentence,
            evidence=evidence or {},
            fix=fix,
            size=size,
        )

    def undecided(self, question: str, needs: str) -> Undecided:
        """A question of this cause that could not be settled."""
        return Undecided(code=self.code, question=question, needs=needs)
