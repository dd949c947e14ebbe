"""What came of fixing a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twinfeed._core.finding import Finding, Safety
from twinfeed._core.results import LintReport, Report


@dataclass(frozen=True, slots=True)
class Applied:
    """A finding that was taken away.

    Attributes:
        finding: The finding.
        rewrite: The id of the rewrite.
        safety: What it may have changed besides.
        said: What was done, in one line.
    """

    finding: Finding
    rewrite: str
    safety: Safety
    said: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A finding that is still there.

    Attributes:
        finding: The finding.
        why: Why it was not taken away.
    """

    finding: Finding
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Fixed:
    """A corrected pipeline and the proof.

    Attributes:
        dataset: The corrected ``tf.data.Dataset``; the user's own where nothing was changed.
        applied: Findings that were taken away.
        refused: Findings that are still there, each with the reason.
        before: What was found in the user's dataset.
        after: What is found in the corrected one.
        difference: The user's dataset compared with the corrected one, less how each is built
            and how fast it is; ``None`` where nothing was changed.
        code: The corrected pipeline in the user's own API.
    """

    dataset: Any
    applied: tuple[Applied, ...]
    refused: tuple[Refused, ...]
    before: LintReport
    after: LintReport
    difference: Report | None
    code: str

    def __repr__(self) -> str:
        """A line per finding, then the pipeline."""
        lines = [f"<Fixed: {len(self.applied)} applied, {len(self.refused)} refused"]
        lines += [
            f"  {one.safety.value}: {one.finding.code} {one.finding.name}: {one.said}"
            for one in self.applied
        ]
        lines += [
            f"  refused: {one.finding.code} {one.finding.name}: {one.why}" for one in self.refused
        ]
        return "\n".join([*lines, self.code]) + ">"
