"""One trial: two pipelines over the same examples, compared."""

from __future__ import annotations

import numpy as np

from tests.calibration.pipelines import Pipeline
from twinfeed import as_feed
from twinfeed._core.finding import Finding
from twinfeed.diff import compare
from twinfeed.observe import Budget, observe


def findings(
    random: np.random.Generator,
    data: tuple[np.ndarray, np.ndarray],
    left: Pipeline,
    right: Pipeline,
) -> tuple[Finding, ...]:
    """What is found between two pipelines, each with a seed of its own; speed left out.

    Speed has a study of its own: on a busy machine one trial says little about it.
    """
    traces = [
        observe(
            as_feed(pipeline.build(*data, seed=int(random.integers(1 << 30)))),
            budget=Budget(timing_s=0.05),
        )
        for pipeline in (left, right)
    ]
    return tuple(f for f in compare(*traces).findings if not f.code.startswith("SPD"))


def some_pipeline(random: np.random.Generator) -> Pipeline:
    """A pipeline without a planted fault, drawn at random."""
    flip = bool(random.random() < 0.5)
    return Pipeline(
        scale=float(random.choice([1.0, 1 / 255, 1 / 127.5])),
        one_hot=bool(random.random() < 0.5),
        flip=flip,
        bright=float(random.choice([0.0, 0.2])),
        batch=int(random.integers(8, 65)),
        drop=bool(random.random() < 0.3),
        prefetch=bool(random.random() < 0.7),
    )
