"""Comparing two traces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from twinfeed._core.augmentation import Augmentation
from twinfeed._core.exhibits import Exhibits
from twinfeed._core.finding import Finding, Severity, Undecided
from twinfeed._core.results import Pairing, Report, Side
from twinfeed._core.trace import Trace
from twinfeed._core.version import __version__
from twinfeed.diff._catalogue import CATALOGUE
from twinfeed.diff._exhibits import exhibits
from twinfeed.diff._failures import Failures
from twinfeed.diff._ledger._account import Account, account
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._shown import augmentations
from twinfeed.diff._reach import Reach
from twinfeed.diff._streams._rates import rate
from twinfeed.diff._twins import SideName, Twins
from twinfeed.diff._unnamed import UNNAMED, unnamed
from twinfeed.diff._verdict import verdict
from twinfeed.stats.one_thread import one_thread

_HOW_FAST = frozenset({"PIP201", "PIP202", "PIP203", "PIP206", "PIP207"})
"""Causes of another speed, which leave alone what is learned."""
_OF_INPUTS = "VAL", "GEO", "PIX", "LBL"
_IN_PLACE = frozenset({"ORD201", "ORD203", "ORD204"})
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@one_thread()
def compare(
    left: Trace,
    right: Trace,
    *,
    measures: Iterable[Measure] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Name the causes that make two traces differ.

    Args:
        left: Feed A.
        right: Feed B.
        measures: What to look for; the whole catalogue by default.
        progress: Called with the name of each measure before it looks.
    """
    twins = Twins(left, right)
    findings: list[Finding] = []
    undecided: list[Undecided] = []
    failures = Failures()
    complete = left.complete and right.complete
    found: Account | None = None
    shown = Exhibits()
    recovered: tuple[Augmentation, ...] = ()
    chosen = list(CATALOGUE.values() if measures is None else measures)
    try:
        for measure in chosen:
            if progress:
                progress(measure.name)
            for answer in failures.run(measure.code, partial(answers, measure, twins), []):
                (findings if isinstance(answer, Finding) else undecided).append(answer)  # pyright: ignore[reportArgumentType]
        if progress:
            progress("ledger")
        # Who leaves out what speaks of such differences does not ask for them.
        if any(measure.code == UNNAMED for measure in chosen):
            undecided += failures.run(UNNAMED, lambda: list(unnamed(twins, findings)), [])
        found = failures.run(UNNAMED, lambda: account(twins), None)
        recovered = failures.run(UNNAMED, lambda: augmentations(twins), ())
        shown = failures.run(UNNAMED, lambda: exhibits(twins), shown)
    except KeyboardInterrupt:
        complete = False
    undecided += failures.told
    findings.sort(key=by_importance)
    if may_be_meant(twins, findings):
        findings.sort(key=lambda one: (_ORDER[one.severity], not one.code.startswith(_OF_INPUTS)))
    pairs = twins.pairs
    pairing = Pairing(
        method=pairs.method,
        pairs=len(pairs),
        left=len(pairs.left_rows),
        right=len(pairs.right_rows),
        confidence=pairs.confidence,
    )
    return Report(
        verdict=verdict(twins, findings, undecided, pairing, complete=complete),
        findings=tuple(findings),
        undecided=tuple(undecided),
        left=_side("A", twins),
        right=_side("B", twins),
        pairing=pairing,
        complete=complete,
        environment={**left.environment, **right.environment},
        tool_version=__version__,
        ledger=found.ledger if found else None,
        exhibits=shown,
        augmentation=recovered,
    )


def answers(measure: Measure, twins: Twins) -> list[Answer]:
    """What one measure says of two feeds, without the rest of a report.

    Args:
        measure: Any of the catalogue.
        twins: Both feeds.
    """
    return list(measure.look(twins)) or list(_too_few(measure, twins))


def _too_few(measure: Measure, twins: Twins) -> Iterator[Answer]:
    """The question that a silent measure must leave open with so few examples."""
    if isinstance(measure.reach, Reach):
        question = measure.reach.question(twins)
        if question:
            yield measure.undecided(question, measure.reach.needs)


def by_importance(found: Finding) -> tuple[int, int, float, str]:
    """What orders findings in a report: severity, what is learned before how fast, then size.

    Of the latter, why a feed is slow stands before how slow it is. Batches that Keras reads ahead
    of one that can be opened again change neither. Last of all is the order of two feeds that both
    draw theirs anew, as any two runs of one pipeline do.
    """
    later = 2 if found.code.startswith("SPD") else int(found.code in _HOW_FAST)
    if found.evidence.get("opened_again"):
        later = 2
    if found.evidence.get("both_change"):
        later = 3
    return _ORDER[found.severity], later, -found.size, found.code


def may_be_meant(twins: Twins, findings: Iterable[Finding]) -> bool:
    """Whether one feed augments and mixes and the other does neither, as for training and evaluation.

    That is as it should be then, so what else the inputs differ in is named before it. Where what
    the feeds were used for is known, no such guess is made.
    """
    if {twins.left.role, twins.right.role} != {"feed"}:
        return False
    told = [(one.code, one.evidence) for one in findings]
    drawn = {
        side["augmented_side"]
        for code, side in told
        if code == "AUG201" and side["state"] == "fresh"
    }
    kept = {side.get("side") for code, side in told if code in _IN_PLACE}
    return len(drawn | kept) == 2 and len(drawn) == len(kept) == 1


def _side(label: SideName, twins: Twins) -> Side:
    trace = twins.side(label)
    found = rate(trace)
    first = trace.ticks.wait_s[:1]
    return Side(
        label=label,
        name=trace.name,
        library=trace.plan.library if trace.plan else "",
        role=trace.role,
        spec=trace.spec,
        plan=trace.plan,
        batches=trace.batches,
        examples=trace.examples,
        examples_read=len(trace.rows),
        epochs_read=sum(epoch.looked for epoch in trace.epochs),
        metrics=trace.fit.metrics if trace.fit else {},
        notes=trace.notes,
        examples_per_s=found.examples_per_s.value if found else None,
        first_batch_s=float(first[0]) if len(first) else None,
    )
