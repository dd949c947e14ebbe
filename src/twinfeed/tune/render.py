"""An answer as text, and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from textwrap import wrap
from typing import Any

from twinfeed._core.version import __version__
from twinfeed.observe.environment import environment
from twinfeed.report import HEADER
from twinfeed.report.clean import clean
from twinfeed.tune._training import said
from twinfeed.tune.outcome import Tuned
from twinfeed.tune.page import to_html

SCHEMA_VERSION = "1.0"
_MOST_TRIALS = 8
_TITLES = {
    "faster": "FASTER",
    "as-it-is": "LEFT AS IT IS",
    "not-input-bound": "NOT INPUT-BOUND",
    "cannot": "CANNOT BE TUNED",
    "partial": "PARTIAL: interrupted",
}


def rendered(done: Tuned, name: str, form: str) -> str:
    """The answer in a form of ``--output-format``, to be written to a file."""
    if form == "html":
        return to_html(done, name=name)
    return to_json(done, name=name) + "\n" if form == "json" else to_text(done, name=name)


def to_text(done: Tuned, *, name: str, width: int = 80) -> str:
    """The answer for a terminal: verdict, bottleneck, ceilings, what was tried, code."""
    parts = [
        [f"{HEADER} (version {__version__})", f"  tune {clean(name)}"],
        [_TITLES[done.kind], *_folded(done.text, width)],
    ]
    if done.training is not None and done.kind != "not-input-bound":
        parts.append(_folded(f"Training: {said(done.training)}.", width))
    if done.bottleneck:
        parts.append(["Bottleneck", *_folded(done.bottleneck, width, "  ")])
    parts += [_costs(done), _ceilings(done), _trials(done)]
    if done.proof:
        parts.append(_folded(f"Proof: {done.proof}.", width))
    if done.code:
        parts.append(["Write it so", *(f"  {line}" for line in clean(done.code).splitlines())])
    parts.append([line for note in done.notes for line in _folded(f"Note: {note}.", width)])
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _folded(text: str, width: int, indent: str = "") -> list[str]:
    return wrap(
        clean(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _costs(done: Tuned) -> list[str]:
    rows = [
        f"  {cost.ms_per_example:>10.4f}  {cost.share:>5.0%}  {clean(cost.step)} ({cost.resource})"
        for cost in done.costs
    ]
    head = ["What each step costs", f"  {'ms/example':>10}  {'share':>5}  step"]
    return [*head, *rows] if rows else []


def _ceilings(done: Tuned) -> list[str]:
    by_size = sorted(done.ceilings.items(), key=lambda one: one[1])
    rows = [f"  {value:>12,.0f}  {name}" for name, value in by_size]
    return [f"Ceilings, examples/s ({done.cores} cores)", *rows] if rows else []


def _trials(done: Tuned) -> list[str]:
    ran = [trial for trial in done.trials if trial.measured is not None]
    rows = [
        f"  {trial.measured or 0:>6.2f}  {_expected(trial.predicted):>8}  {clean(trial.name)}"
        + (f" ({clean(trial.note)})" if trial.note else "")
        for trial in ran[:_MOST_TRIALS]
    ]
    if len(done.trials) > len(rows):
        rows.append(f"  ... and {len(done.trials) - len(rows)} more")
    head = ["Measured in turn with the original", f"  {'times':>6}  {'expected':>8}  what"]
    return [*head, *rows] if rows else []


def _expected(times: float | None) -> str:
    return "-" if times is None else f"{times:.2f}"


def to_json(done: Tuned, *, name: str) -> str:
    """The answer as JSON; the same keys whatever the answer is."""
    plain = asdict(replace(done, dataset=None))
    plain.pop("dataset")
    whole = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "twinfeed", "version": __version__},
        "environment": dict(environment()),
        "command": "tune",
        "feed": name,
        "complete": plain.pop("complete"),
        "verdict": {"kind": plain.pop("kind"), "text": plain.pop("text")},
        **plain,
    }
    return json.dumps(_finite(whole), indent=2, sort_keys=True, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return value
