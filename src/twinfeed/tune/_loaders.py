"""Tuning loaders without a graph: their arguments are tried in turn with their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

import numpy as np

from twinfeed._core.optional import is_instance
from twinfeed.feeds import as_feed
from twinfeed.graph.recipe import Recipe
from twinfeed.stats.resample import typical
from twinfeed.tune._candidates import Candidate
from twinfeed.tune._forms import Form, Forms
from twinfeed.tune._race import Duel, Entry, Race
from twinfeed.tune._reader import Reader
from twinfeed.tune._tell import counted, trials_of
from twinfeed.tune.outcome import Tuned

_HOMES = (
    ("torch", "utils.data.DataLoader", "_torch"),
    ("keras", "utils.PyDataset", "_pydataset"),
    ("grain", "MapDataset", "_grain"),
)
_ITERATORS = "keras.src.legacy.preprocessing.image"


def forms_of(feed: object, cores: int, *, unsafe: bool) -> Forms | None:
    """What can be tried of a loader; ``None`` if nothing is known of its type."""
    if is_image_iterator(feed):
        return _home("_keras_image").forms_of(feed, cores, unsafe=unsafe)
    for library, path, module in _HOMES:
        if is_instance(feed, library, path):
            return _home(module).forms_of(feed, cores, unsafe=unsafe)
    return None


def is_image_iterator(feed: object) -> bool:
    """Whether it is an iterator of Keras's ``ImageDataGenerator``, which has no public path."""
    return any(kind.__module__.startswith(_ITERATORS) for kind in type(feed).__mro__)


def _home(module: str) -> Any:
    return import_module(f"twinfeed.tune._bindings.{module}")


@dataclass(kw_only=True)
class LoaderTuner:
    """Tunes one loader.

    Attributes:
        feed: The loader.
        forms: What can be tried.
        cores: Cores to count on.
        seconds: Seconds to spend, about.
        say: Called with what is being done.
    """

    feed: Any
    forms: Forms
    cores: int
    seconds: float
    say: Callable[[str], None]
    entries: list[Entry] = field(default_factory=list[Entry])
    kept: Entry | None = None

    def run(self) -> Tuned:
        """Measure, try in turn, keep what wins and feeds the same."""
        self.begin = time.perf_counter()
        self.per_element = 1
        self.paces_s: list[float] = []
        try:
            return self._run()
        except KeyboardInterrupt:
            return self._partial()

    def _run(self) -> Tuned:
        self.say("measuring the original")
        self.per_element = next((batch.size for batch in as_feed(self.feed).open_epoch()), 1)
        limit_s = max(2.0, self.seconds / 10)
        original = Reader(self.forms.open_epoch(self.feed))
        original.warm(limit_s)
        by_name = {form.name: form for form in self.forms.forms}
        race = Race(
            original=original,
            entries=[
                Entry(Candidate(name=form.name, recipe=Recipe(()), changes=(form.name,)))
                for form in self.forms.forms
            ],
            open_one=lambda one: Reader(self.forms.open_epoch(by_name[one.name].build())),
            turn_s=min(1.0, max(0.1, self.seconds / 60)),
            warm_s=limit_s,
            deadline=self.begin + self.seconds * 0.85,
            say=self.say,
        )
        self.entries, self.paces_s = race.entries, race.paces_s

        def differs(candidate: Candidate) -> str:
            self.say("looking at both")
            return self.forms.differs(by_name[candidate.name].build())

        won = race.decide(differs)
        if won is not None:
            entry, duel = won
            return self._won(entry, by_name[entry.candidate.name], duel)
        return self._lost(race)

    def _won(self, entry: Entry, form: Form, duel: Duel) -> Tuned:
        self.kept = entry
        before, after = (rate * self.per_element for rate in duel.elements_per_s)
        return replace(
            self._told(),
            kind="faster",
            text=(
                f"{duel.ratio.value:.2f} times as fast as it was (95 % interval "
                f"{duel.ratio.low:.2f} to {duel.ratio.high:.2f}): {after:,.0f} examples/s instead "
                f"of {before:,.0f} on {counted(self.cores)}, with {form.name}. Measured in turn "
                "with the original."
            ),
            dataset=form.build(),
            code=form.code,
            changes=(form.name,),
            ratio=duel.ratio,
            examples_per_s=(before, after),
            step_ms=duel.step_ms,
            rounds=duel.rounds_ms,
            proof="both were read and feed the same",
            notes=(self.forms.note,) if self.forms.note else (),
        )

    def _lost(self, race: Race) -> Tuned:
        if not self.entries:
            text = f"Left as it is: {self.forms.why}."
        else:
            best = max(entry.typical for entry in self.entries)
            text = (
                f"Left as it is: none of {len(self.entries)} other settings of this "
                f"{self.forms.kind} is surely faster on {counted(self.cores)}; the best was "
                f"measured at {best:.2f} times its speed."
            )
        if not race.paces_s:
            race.paces_s += [one.seconds / max(1, one.elements) for one in self._turns(race)]
        return replace(self._told(), text=text)

    def _turns(self, race: Race) -> list[Any]:
        return [race.original.turn(race.turn_s) for _ in range(3)]

    def _partial(self) -> Tuned:
        text = f"Interrupted before anything was sure: your own {self.forms.kind} is left as it is."
        best = max(self.entries, key=lambda one: one.typical, default=None)
        if best is not None and len(best.ratios) >= 2 and min(best.ratios) > 1.0:
            text = (
                f"Interrupted. The best so far, {best.candidate.name}, was {best.typical:.2f} times "
                f"as fast in {len(best.ratios)} turns; it was not compared to the end."
            )
        return replace(self._told(), kind="partial", text=text, complete=False)

    def _told(self) -> Tuned:
        step = typical(np.array(self.paces_s) * 1e3) if self.paces_s else None
        rate = 0.0 if step is None else self.per_element * 1e3 / step.value
        return Tuned(
            kind="as-it-is",
            text="",
            dataset=self.feed,
            trials=trials_of(self.entries, 1.0, self.kept),
            cores=self.cores,
            examples_per_step=self.per_element,
            examples_per_s=(rate, rate),
            step_ms=() if step is None else (step,),
            took_s=time.perf_counter() - self.begin,
        )
