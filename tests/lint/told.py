"""A model that is told of feeds and uses none: rules judge a feed by its role, not by a training."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from twinfeed._core.finding import Finding
from twinfeed._core.plan import Setting
from twinfeed.feeds import as_feed
from twinfeed.lint import Rule, Subject, lint_subjects
from twinfeed.lint._subject import Use
from twinfeed.lint._traces import subjects_of
from twinfeed.lint._verb import subject_of
from twinfeed.observe.tap import Watch, tapped

FIT: dict[str, Setting] = {
    "batch_size": None, "epochs": 1, "initial_epoch": 0, "steps_per_epoch": None,
    "validation_split": 0.0, "validation_steps": None, "validation_batch_size": None,
    "validation_freq": 1, "shuffle": True, "class_weight": False, "sample_weight": False,
    "validation_data": False,
}  # fmt: skip
"""The arguments of ``fit`` with their defaults, in the form in which the tap records them."""
_PRESENT = ("class_weight", "sample_weight", "validation_data")


class Model:
    """Takes feeds as a Keras model does, and keeps what it was told."""

    def __init__(self, *, whole_epoch: bool = True) -> None:
        self.subjects: list[Subject] = []
        self.whole_epoch = whole_epoch

    def fit(self, x: Any, y: Any = None, **arguments: Any) -> None:
        told = {
            name: value is not None if name in _PRESENT else value
            for name, value in arguments.items()
        }
        self._take(x, y, Use(role="training", arguments=FIT | told, call="fit"))
        validation = arguments.get("validation_data")
        if validation is not None:
            parts = validation if isinstance(validation, tuple) else (validation,)
            steps = {"steps": arguments.get("validation_steps")}
            self._take(*parts, use=Use(role="evaluation", arguments=steps, call="validation"))

    def evaluate(self, x: Any, y: Any = None, **arguments: Any) -> None:
        self._take(x, y, Use(role="evaluation", arguments=arguments, call="evaluate"))

    def predict(self, x: Any, **arguments: Any) -> None:
        self._take(x, None, Use(role="predict", arguments=arguments, call="predict"))

    def _take(self, x: Any, y: Any = None, use: Use | None = None) -> None:
        feed = as_feed(x, consume=True) if isinstance(x, Iterator) else x
        self.subjects.append(
            subject_of(feed if y is None else (feed, y), use=use, whole_epoch=self.whole_epoch)
        )


def found(code: str, names: dict[str, Any], rule: Rule) -> tuple[Finding, ...]:
    """What a rule says of the feeds that an example hands to ``model``, or of its ``ds``."""
    with warnings.catch_warnings(), tapped(Watch()) as watch:
        warnings.simplefilter("ignore")  # Keras's own, about what examples plant
        exec(code, names)
    subjects = names["model"].subjects or subjects_of(watch.traces())
    subjects = subjects or [subject_of(names["ds"], whole_epoch=True)]
    for subject in subjects:
        subject.others = tuple(other for other in subjects if other is not subject)
    return lint_subjects(subjects, rules=[rule]).findings
