"""What came of tuning as a page."""

from __future__ import annotations

from twinfeed._core.version import __version__
from twinfeed.observe.environment import environment
from twinfeed.report._html import charts
from twinfeed.report._html.frame import Line, Lines, page, rendered
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import counted, number, percent, size
from twinfeed.stats.resample import Interval
from twinfeed.tune._training import said
from twinfeed.tune.outcome import Cost, Trial, Tuned

_MOST_TRIALS = 24
_HEADLINES = {
    "faster": ("Faster", "same"),
    "as-it-is": ("Left as it is", "same"),
    "not-input-bound": ("Not input-bound", "framework"),
    "cannot": ("Cannot be tuned", "undecided"),
    "partial": ("The best so far", "undecided"),
}


def to_html(done: Tuned, *, name: str) -> str:
    """The answer as one file: no network, no script needed, light and dark, printable.

    Args:
        done: What came of tuning.
        name: What the user calls the pipeline.
    """
    headline, kind = _HEADLINES[done.kind]
    tables = [
        _before_and_after(done),
        _trials(done.trials),
        _costs("What each step costs", done.costs),
        _costs("What each step costs once tuned, its caches full", done.costs_after),
        _ceilings(done),
    ]
    return page(
        "tune.html",
        headline=headline,
        kind=kind,
        verdict=done.text,
        complete=done.complete,
        version=__version__,
        environment=environment(),
        sides=[("pipeline", name)],
        code=clean(done.code),
        code_before=clean(done.code_before) if done.code else "",
        changes=[one_line(change) for change in done.changes],
        proof=f"Proof: {one_line(done.proof)}." if done.proof else "",
        bottleneck=one_line(done.bottleneck),
        training=f"Training: {one_line(said(done.training))}." if done.training else "",
        tables=[table for table in tables if table.rows],
        notes=[one_line(note) for note in done.notes],
    )


def to_notebook(done: Tuned) -> str:
    """The answer and the code as part of a notebook: no script, own style."""
    return rendered(
        "notebook.html",
        complete=done.complete,
        headline=_HEADLINES[done.kind][0],
        verdict=clean(done.text),
        sides=[],
        causes=[],
        samples=[],
        open_questions=0,
        code=clean(done.code),
    )


def _before_and_after(done: Tuned) -> Lines:
    """Milliseconds per batch of both, and their ratio."""
    most = max((one.high for one in done.step_ms), default=0.0) or 1.0
    rows = [
        Line(
            name=label,
            cells=(f"{number(one.value)} ms", f"{number(one.low)} to {number(one.high)} ms"),
            bar=charts.bar(
                0, one.value / most, one.low / most, one.high / most, style=style,
                says=f"{label} {number(one.value)} ms",
            ),
        )
        for label, one, style in zip(("original", "tuned"), done.step_ms, "ab", strict=False)
    ]  # fmt: skip
    told = f"Median over the rounds, {counted(done.examples_per_step, 'example')} per step."
    if done.ratio:
        before, after = done.examples_per_s
        told += (
            f" {number(done.ratio.value)} times as fast, 95 % interval {number(done.ratio.low)} to"
            f" {number(done.ratio.high)}: {before:,.0f} and {after:,.0f} examples per second."
        )
    if done.cache_bytes:
        told += f" Caches take {size(done.cache_bytes)}."
    if done.took_s:
        told += f" Found in {done.took_s:.0f} s."
    heads = ("pipeline", "time per step", "95 % interval", "from zero")
    return Lines(title="Time per step", heads=heads, rows=tuple(rows), told=told)


def _trials(trials: tuple[Trial, ...]) -> Lines:
    """The candidates that were run, each beside the original."""
    ran = [one for one in trials if one.measured is not None][:_MOST_TRIALS]
    ends = [end for one in ran for end in (one.measured or 0.0, *(_ends(one.interval)))]
    most = max([1.2, *ends])

    def line(one: Trial) -> Line:
        measured = one.measured or 0.0
        low, high = (end / most for end in _ends(one.interval)) if one.interval else (None, None)
        expected = "-" if one.predicted is None else f"{one.predicted:.2f}"
        told = [one_line(one.note)] if one.note else []
        if one.cache_bytes:
            told.append(f"caches {size(one.cache_bytes)}")
        return Line(
            name=("kept: " if one.kept else "") + one_line(one.name),
            cells=(f"{measured:.2f}", _between(one.interval), expected, str(one.turns)),
            bar=charts.bar(
                1 / most, measured / most, low, high, style="a" if one.kept else "both",
                mark=1 / most, says=f"{measured:.2f} times as fast",
            ),
            says="; ".join(told),
            mark=one.kept,
        )  # fmt: skip

    left_out = len(trials) - len(ran)
    told = "Speed over that of the original, run in turn with it; the line is the original."
    if left_out:
        told += f" {left_out} more were expected to be slower and not run to their end."
    heads = ("candidate", "times", "95 % interval", "expected", "turns", "slower or faster")
    return Lines(title="Candidates", heads=heads, rows=tuple(map(line, ran)), told=told)


def _ends(interval: Interval | None) -> tuple[float, ...]:
    return (interval.low, interval.high) if interval else ()


def _between(interval: Interval | None) -> str:
    return f"{interval.low:.2f} to {interval.high:.2f}" if interval else "too few turns"


def _costs(title: str, costs: tuple[Cost, ...]) -> Lines:
    rows = tuple(
        Line(
            name=one_line(one.step),
            cells=(f"{one.ms_per_example:.4f}", percent(one.share)),
            bar=charts.bar(0, min(1.0, one.share), says=f"{percent(one.share)} of all work"),
            says=one.resource,
        )
        for one in costs
    )
    return Lines(title=title, heads=("step", "ms per example", "share", "of all work"), rows=rows)


def _ceilings(done: Tuned) -> Lines:
    by_size = sorted(done.ceilings.items(), key=lambda one: one[1])
    most = by_size[-1][1] if by_size else 1.0
    rows = tuple(
        Line(
            name=one_line(name),
            cells=(f"{value:,.0f}",),
            bar=charts.bar(
                0, value / most if most else 0, says=f"{value:,.0f} examples per second"
            ),
        )
        for name, value in by_size
    )
    return Lines(
        title="Ceilings",
        heads=("resource", "examples per second", "from zero"),
        rows=rows,
        told=f"What each would allow if nothing else took time, on {counted(done.cores, 'core')}.",
    )
