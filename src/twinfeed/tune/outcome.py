"""What came of tuning: frozen values that renderers only read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeAlias

from twinfeed.report import write_as
from twinfeed.stats.resample import Interval

Kind: TypeAlias = Literal["faster", "as-it-is", "not-input-bound", "cannot", "partial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one step costs while the pipeline runs.

    Attributes:
        step: How a user finds it: ``"map(load), step 2 of 6"``.
        resource: ``decode`` (with what is read for it), ``map``, ``disk``, ``source``, ``python``,
            ``memory`` or ``order``.
        ms_per_example: Time spent in it alone.
        share: Its part of all work, 0 to 1.
        ceiling: Examples per second if nothing else took time, as it is written.
        ceiling_on_all_cores: The same if it used every core.
    """

    step: str
    resource: str
    ms_per_example: float
    share: float
    ceiling: float
    ceiling_on_all_cores: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One candidate that was run.

    Attributes:
        name: What is different in it, in a line.
        predicted: Expected speed over that of the original; ``None`` where nothing was expected.
        measured: Measured speed over that of the original, median of the turns; ``None`` without
            one.
        turns: Turns in which it was measured.
        note: Why it was not kept, or what was seen.
        ratios: Its speed over that of the original, a number per turn.
        interval: The median of these with its 95 % interval; ``None`` below three turns.
        changes: What was done, a line each.
        cache_bytes: Bytes that its caches take.
        kept: Whether it is the answer.
    """

    name: str
    predicted: float | None
    measured: float | None
    turns: int
    note: str = ""
    ratios: tuple[float, ...] = ()
    interval: Interval | None = None
    changes: tuple[str, ...] = ()
    cache_bytes: int = 0
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Where a training that uses the feed spends its time.

    Attributes:
        wait_ms: Mean wait for a batch.
        step_ms: Mean train step beside it.
        waiting: Share of the time that is spent waiting, with its 95 % interval.
        steps: Steps that were timed.
        input_bound: Whether a faster feed would make it faster.
    """

    wait_ms: float
    step_ms: float
    waiting: Interval
    steps: int
    input_bound: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Tuned:
    """The measured pipeline, and the faster one where there is one.

    Attributes:
        kind: ``faster``, ``as-it-is`` (nothing wins), ``not-input-bound``, ``cannot`` or
            ``partial`` (interrupted; the best so far).
        text: The answer in a paragraph.
        dataset: The tuned dataset; the user's own where nothing wins.
        code: The tuned pipeline in the user's own API; empty where nothing wins.
        changes: What was done, a line each.
        ratio: Speed over that of the original, with its 95 % interval; ``None`` where nothing wins.
        examples_per_s: Of the original and of the tuned pipeline.
        predicted: Expected speed over that of the original.
        bottleneck: What holds the original back, in a sentence.
        ceilings: Examples per second that each resource allows on this machine.
        costs: What each step costs.
        trials: The candidates, best first.
        proof: The comparison of what both pipelines feed, in a sentence.
        cache_bytes: Bytes that the caches take.
        cores: Cores that were counted on.
        training: Where a training spends its time; ``None`` if none was watched.
        notes: What must be said about how it was measured.
        complete: ``False`` if the work was interrupted.
        step_ms: Milliseconds per element that a model is handed, median and 95 % interval: of the
            original, and of the tuned pipeline where there is one; empty if nothing was measured.
        rounds: Milliseconds per element of original and tuned pipeline in each round of their
            last comparison.
        examples_per_step: Examples in such an element.
        costs_after: What each step of the tuned pipeline costs once its caches are full.
        code_before: The pipeline as it is, in the user's own API.
        took_s: Seconds that all of this took.
    """

    kind: Kind
    text: str
    dataset: Any = None
    code: str = ""
    changes: tuple[str, ...] = ()
    ratio: Interval | None = None
    examples_per_s: tuple[float, float] = (0.0, 0.0)
    predicted: float = 1.0
    bottleneck: str = ""
    ceilings: Mapping[str, float] = field(default_factory=dict[str, float])
    costs: tuple[Cost, ...] = ()
    trials: tuple[Trial, ...] = ()
    proof: str = ""
    cache_bytes: int = 0
    cores: int = 1
    training: Training | None = None
    notes: tuple[str, ...] = ()
    complete: bool = True
    step_ms: tuple[Interval, ...] = ()
    rounds: tuple[tuple[float, float], ...] = ()
    examples_per_step: int = 1
    costs_after: tuple[Cost, ...] = ()
    code_before: str = ""
    took_s: float = 0.0

    def __repr__(self) -> str:
        """The answer and the code."""
        return f"<Tuned {self.kind}: {self.text}\n{self.code}>"

    def save(self, path: str | Path, *, name: str = "dataset") -> None:
        """Write the answer: HTML, JSON or text, by the end of the name.

        Args:
            path: Ends in ``.html``, ``.json`` or ``.txt``; a report that stands there is replaced.
            name: What the report calls the pipeline.

        Raises:
            UsageError: If the name ends otherwise, or something that is no report stands there.
        """
        forms = import_module("twinfeed.tune.render")  # which imports this
        write_as(Path(path), partial(forms.rendered, self, name))

    def _repr_html_(self) -> str:
        """The answer in a notebook."""
        return import_module("twinfeed.tune.page").to_notebook(self)
