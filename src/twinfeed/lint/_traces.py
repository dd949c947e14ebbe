"""What was recorded of a run, as rules see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from twinfeed._core.plan import Place, Setting
from twinfeed._core.trace import Role as Call, Trace
from twinfeed.lint._subject import Role, Subject, Use

_ROLES: Mapping[Call, Role] = {
    "feed": "unknown",
    "fit": "training",
    "validation": "evaluation",
    "evaluate": "evaluation",
    "predict": "predict",
}


_ABOUT_TIMING = "steps were too short to time"
"""How a note begins that says nothing where nothing is timed."""


def subjects_of(
    traces: Sequence[Trace],
    *,
    role: Role | None = None,
    fit: Mapping[str, Setting] | None = None,
    homes: Sequence[Place | None] = (),
) -> list[Subject]:
    """The feeds of a run; nothing more is read of them.

    Args:
        traces: What was recorded.
        role: What feeds are for that no Keras call used.
        fit: The arguments of the call that they are meant for.
        homes: Where the function is written that made each feed, for what has no place of its own.
    """
    subjects = [_subject(trace, role, fit) for trace in traces]
    for subject, home in zip(subjects, homes, strict=False):
        subject.place = subject.place or home
    for subject in subjects:
        subject.others = tuple(other for other in subjects if other is not subject)
    return subjects


def _subject(trace: Trace, role: Role | None, fit: Mapping[str, Setting] | None) -> Subject:
    use = Use(role=_ROLES[trace.role], call="" if trace.role == "feed" else trace.role)
    if trace.fit is not None:
        use = replace(use, arguments=trace.fit.arguments)
    elif trace.role == "feed":
        use = Use(role=role or ("training" if fit is not None else "unknown"), arguments=fit)
    whole = any(epoch.ended and epoch.looked for epoch in trace.epochs)
    return Subject(
        name=trace.name,
        plan=trace.plan,
        use=use,
        spec=trace.fit.spec if trace.fit and trace.fit.spec else trace.spec,
        batches=trace.fit.batches if trace.fit else trace.batches,
        examples=trace.examples,
        infinite=trace.infinite,
        read=(lambda: trace) if len(trace.rows) else None,
        read_epoch=(lambda: trace) if whole and len(trace.rows) else None,
        notes=tuple(note for note in trace.notes if not note.startswith(_ABOUT_TIMING)),
        place=trace.fit.place if trace.fit else None,
    )
