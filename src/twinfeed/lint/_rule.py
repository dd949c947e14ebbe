"""The shape of a rule: one fault that a single feed can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from twinfeed._core.finding import (
    Evidence,
    Finding,
    Fix,
    Location,
    Severity,
    Strength,
    Undecided,
)
from twinfeed._core.plan import Step
from twinfeed.lint._subject import Subject

Answer: TypeAlias = Finding | Undecided
Check: TypeAlias = Callable[[Subject], Iterator[Answer]]


class Needs(IntEnum):
    """What a rule costs to ask; a subject pays for each at most once."""

    PLAN = 0
    """The steps, the spec, the role and the arguments of ``fit``: nothing is read."""
    SAMPLE = 1
    """Some batches of two epochs are read."""
    EPOCH = 2
    """A whole epoch is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One entry of the catalogue.

    Attributes:
        code: Family and number, e.g. ``"ORD101"``; rules are numbered from 101, measures of a
            pair from 201; never reused once released.
        name: Reads after "allow", e.g. ``"short-shuffle-buffer"``.
        severity: How much it matters to training, unless a finding says otherwise.
        tags: The tags of the vocabulary of causes that it stands for.
        since: The version that added it.
        check: Asks a subject and yields findings, or what it could not decide. It is silent
            where the fault depends on a role or an argument that is not known.
        page: Its documentation: the docstring of its module.
        needs: What ``check`` cannot do without; of more than that it makes use where it is allowed.
        rewrite: The rewrite of the graph and of the source that takes the fault away; ``None``
            where only the user can.
    """

    code: str
    name: str
    severity: Severity
    tags: tuple[str, ...]
    since: str
    check: Check
    page: str | None
    needs: Needs = Needs.PLAN
    rewrite: str | None = None

    def finding(
        self,
        subject: Subject,
        sentence: str,
        *,
        step: Step | None = None,
        strength: Strength = Strength.READ,
        evidence: Evidence | None = None,
        fix: Fix | None = None,
        size: float = 0.5,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this rule.

        Args:
            subject: The feed.
            sentence: One sentence with the numbers in it; lower case, no full stop, no advice.
            step: The step at fault, one of the plan's; ``None`` for the feed as a whole.
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
            at=_location(subject, step),
        )

    def undecided(self, question: str, needs: str) -> Undecided:
        """A question of this rule that could not be settled."""
        return Undecided(code=self.code, question=question, needs=needs)


def _location(subject: Subject, step: Step | None) -> Location:
    index = outer = None
    if step is not None and subject.plan is not None:
        # By identity: two steps of one plan may be equal in everything that they say.
        index = next(
            (i for i, other in enumerate(subject.plan.steps) if _holds(other, step)),
            None,
        )
        outer = None if index is None else subject.plan.steps[index]
    place = (step.place if step else None) or (outer.place if outer else None) or subject.place
    return Location(
        where=step.where if step else subject.name,
        step=index,
        file=place.file if place else None,
        line=place.line if place else None,
    )


def _holds(outer: Step, step: Step) -> bool:
    """Whether a step is another one or lies in a pipeline that the other joins or builds."""
    return outer is step or any(
        _holds(one, step) for part in (*outer.joined, *outer.inner) for one in part
    )
