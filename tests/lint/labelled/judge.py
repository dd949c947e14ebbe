"""Lint says, the label says: what was missed, and what was named in vain."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.lint.labelled.kit import Case, Kit
from tests.lint.told import Model
from twinfeed._core.finding import Finding
from twinfeed.lint import lint_subjects
from twinfeed.lint._verb import subject_of


@dataclass(frozen=True)
class Verdict:
    """What lint said of one case."""

    case: Case
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(found.code for found in self.findings)

    @property
    def missed(self) -> frozenset[str]:
        return self.case.codes - self.codes

    @property
    def in_vain(self) -> frozenset[str]:
        return self.codes - self.case.codes


def judge(case: Case, tf: Any, *, whole_epoch: bool = True) -> Verdict:
    """Build a case and look at every feed of it."""
    with TemporaryDirectory() as folder, _seeds_kept():
        kit = Kit(tf, Path(folder), Model(whole_epoch=whole_epoch))
        returned = case.build(kit)
        subjects = kit.model.subjects or [subject_of(returned, whole_epoch=whole_epoch)]
        for subject in subjects:
            subject.others = tuple(other for other in subjects if other is not subject)
        return Verdict(case, lint_subjects(subjects).findings)


@contextmanager
def _seeds_kept() -> Generator[None]:
    """A pipeline that seeds TensorFlow leaves the next one as it was before."""
    from tensorflow.python.eager import context

    state: dict[str, Any] = vars(context.context())
    before = {name: state[name] for name in ("_seed", "_rng") if name in state}
    try:
        yield
    finally:
        for name in ("_seed", "_rng"):
            state.pop(name, None)
        state.update(before)


def rates(verdicts: Sequence[Verdict]) -> tuple[float, float]:
    """Precision and recall over pairs of pipeline and rule."""
    right = sum(len(one.case.codes & one.codes) for one in verdicts)
    said = sum(len(one.codes) for one in verdicts)
    true = sum(len(one.case.codes) for one in verdicts)
    return (right / said if said else 1.0), (right / true if true else 1.0)


def told(verdicts: Iterable[Verdict]) -> str:
    """A line per case that lint and label see differently, and the rates."""
    verdicts = list(verdicts)
    lines: list[str] = []
    for one in verdicts:
        if one.missed or one.in_vain:
            lines.append(
                f"{one.case.name}: missed {sorted(one.missed)}, in vain {sorted(one.in_vain)}"
            )
            lines += [
                f"    {found.code} {found.at.where if found.at else ''}: {found.sentence}"
                for found in one.findings
                if found.code in one.in_vain
            ]
    precision, recall = rates(verdicts)
    faulty = sum(bool(one.case.codes) for one in verdicts)
    codes = {code for one in verdicts for code in one.case.codes}
    lines.append(
        f"{len(verdicts)} pipelines, {faulty} with faults of {len(codes)} kinds,"
        f" {len(verdicts) - faulty} clean: precision {precision:.1%}, recall {recall:.1%}"
    )
    return "\n".join(lines)
