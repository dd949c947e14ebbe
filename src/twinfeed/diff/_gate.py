"""Is this still the feed that was approved? A comparison with tolerances."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import starmap

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Finding, Fix, Safety, Severity
from twinfeed._core.results import Report, Suppressed, Verdict
from twinfeed._core.trace import Trace
from twinfeed.diff._catalogue import CATALOGUE
from twinfeed.diff._measure import Measure
from twinfeed.diff._runs import compare_runs, main_trace, role_of
from twinfeed.diff._twins import Twins
from twinfeed.diff._verdict import causes_in_words
from twinfeed.errors import UsageError
from twinfeed.report.numbers import counted

_ABOUT_VALUES = ("VAL", "PIX")
_ABOUT_SPEED = "SPD"
_GRAVITY = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """What a feed may change without being another one.

    Attributes:
        fail_on: The least severity that fails.
        values: How far a value of the main input may be from the approved one, in the units of
            the feed. Within it, findings about values and pictures do not count.
        speed: How many times slower the feed may be; ``None`` leaves speed out, since the
            machine of a test is seldom the one of the approved trace.
    """

    fail_on: Severity = Severity.WARNING
    values: float = 0.0
    speed: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot mean anything."""
        if not 0 <= self.values < float("inf"):
            given = f"a tolerance of values of {self.values}"
            raise UsageError(given, "0 or more", "give it in the units of the feed: 0.01")
        if self.speed is not None and not 1 <= self.speed < float("inf"):
            given = f"a tolerance of speed of {self.speed}"
            raise UsageError(given, "1 or more", "1.5 lets a feed be half as slow again")


def check_runs(
    approved: Sequence[Trace],
    now: Sequence[Trace],
    *,
    tolerances: Tolerances | None = None,
    kept: bool = True,
    measures: Iterable[Measure] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Compare what is fed now with what was approved.

    Args:
        approved: The traces of the baseline.
        now: The traces of the feed.
        tolerances: What may differ.
        kept: Whether the baseline was approved and kept, so that the verdict calls it that.
        measures: What to look for; the whole catalogue by default.
        progress: Called with the name of each measure before it looks.

    Returns:
        A report whose verdict is ``same`` if nothing that was found fails the check.

    Raises:
        UsageError: If a side holds no trace.
    """
    allowed = tolerances or Tolerances()
    asked = [
        measure
        for measure in (CATALOGUE.values() if measures is None else measures)
        if allowed.speed is not None or not measure.code.startswith(_ABOUT_SPEED)
    ]
    report = compare_runs(approved, now, measures=asked, progress=progress)
    passes = {
        **dict.fromkeys(_ABOUT_VALUES, _values_pass(report, approved, now, allowed.values)),
        _ABOUT_SPEED: _speed_passes(report, allowed.speed),
    }
    within = [found for found in report.findings if passes.get(found.code[:3], False)]
    left = tuple(found for found in report.findings if found not in within)
    if kept:
        left = tuple(replace(found, fix=_of_the_feed(found.fix)) for found in left)
    judged = replace(
        report,
        findings=left,
        suppressed=tuple(Suppressed(found, "tolerance") for found in within),
        command="check",
    )
    return replace(judged, verdict=_verdict(judged, allowed.fail_on, kept=kept))


def _of_the_feed(fix: Fix | None) -> Fix | None:
    """A change of the feed alone: what was approved is a file, and is the side to keep.

    >>> _of_the_feed(Fix("Fill B as A does", "", Safety.UNSAFE)).title
    'Fill the feed as the baseline does'
    """
    if fix is None:
        return None
    named = {side for side in "AB" if re.search(rf"\b{side}\b", fix.title)}
    if named == {"A"}:  # the other side would do as well for a pair of feeds, but not here
        return Fix(
            "Take back what changed in the feed, or approve it with --update", "", Safety.SHOW
        )
    title = re.sub(r"\bB\b", "the feed", fix.title)
    title = re.sub(r"\bA\b|the other side", "the baseline", title)
    title = title[:1].upper() + title[1:]
    return replace(fix, title=title)


def _values_pass(
    report: Report, approved: Sequence[Trace], now: Sequence[Trace], most: float
) -> bool:
    """Whether every value of the examples that both hold is near enough."""
    if not most or not any(found.code.startswith(_ABOUT_VALUES) for found in report.findings):
        return False
    pairs = [(main_trace(approved), main_trace(now))]
    checks = role_of(approved, "validation"), role_of(now, "validation")
    if checks[0] is not None and checks[1] is not None and checks[0] is not pairs[0][0]:
        pairs.append((checks[0], checks[1]))
    distances = [one for left, right in pairs for one in _distances(left, right)]
    return bool(distances) and max(distances) <= most


def _distances(left: Trace, right: Trace) -> list[float]:
    """The largest distance within each paired example that was kept whole; infinite without one."""
    twins = Twins(left, right)
    places: zip[tuple[int, int]] = zip(*(one.tolist() for one in twins.kept_pairs), strict=True)
    values = ((left.kept.values[a], right.kept.values[b]) for a, b in places)
    return list(starmap(_distance, values)) or [float("inf")]


def _distance(a: Array, b: Array) -> float:
    if a.shape != b.shape:
        return float("inf")
    apart = np.abs(a.astype(np.float64) - b.astype(np.float64))
    equal = (
        (a == b) | (np.isnan(a) & np.isnan(b)) if a.dtype.kind == b.dtype.kind == "f" else a == b
    )
    apart = np.where(equal, 0.0, np.nan_to_num(apart, nan=np.inf))
    return float(apart.max(initial=0.0))


def _speed_passes(report: Report, most: float | None) -> bool:
    """Whether the feed is not slower than allowed; a faster one always passes."""
    before, now = report.left.examples_per_s, report.right.examples_per_s
    return most is not None and bool(before) and bool(now) and before <= most * now  # pyright: ignore[reportOptionalOperand]


def _verdict(report: Report, fail_on: Severity, *, kept: bool) -> Verdict:
    failing = [found for found in report.findings if _fails(found, fail_on)]
    names = f"B ({report.right.name})", f"A ({report.left.name})"
    no_longer, still = "does not feed the same as", "feeds the same as"
    if kept:
        no_longer = "is no longer the feed that was approved,"
        still = "is still the feed that was approved,"
    if failing:
        told = causes_in_words(failing)
        causes = counted(len(failing), "cause")
        return Verdict(
            "different",
            f"{names[0]} {no_longer} {names[1]}, for {causes}: {told}. {_basis(report)}",
        )
    if report.verdict.kind == "undecided":
        return report.verdict
    if not report.complete or (not report.pairing.pairs and report.right.examples_read):
        return Verdict(
            "undecided",
            f"Nothing that fails was found, but {_basis(report).lower()}"
            + ("" if report.complete else " The work was interrupted."),
        )
    also = (
        f" {counted(len(report.findings), 'finding')} below {_bar(fail_on)}."
        if report.findings
        else ""
    )
    left_out = len(report.suppressed)
    also += f" {counted(left_out, 'finding')} within the tolerances." if left_out else ""
    text = f"{names[0]} {still} {names[1]}. {_basis(report)}{also}"
    return Verdict("same", text)


def _fails(found: Finding, fail_on: Severity) -> bool:
    return _GRAVITY[found.severity] >= _GRAVITY[fail_on]


def _bar(fail_on: Severity) -> str:
    return "an error" if fail_on is Severity.ERROR else f"a {fail_on.value}"


def _basis(report: Report) -> str:
    pairing = report.pairing
    if not pairing.pairs:
        return "No example of one could be recognised in the other."
    return f"{counted(pairing.pairs, 'example')} paired by {pairing.method}."
