"""How often twinfeed is wrong: equal pipelines, planted faults, and two faults at once.

Every pair is drawn anew: data, size, seed, batch size and augmentation.

    python benchmarks/calibration.py [--equal 200] [--planted 20] [--together 1] [--seed 0]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from tests.calibration.material import draw
from tests.calibration.pipelines import FAULTS, Fault, Pipeline
from tests.calibration.trial import findings, some_pipeline
from twinfeed.stats.intervals import wilson


def equal(random: np.random.Generator, pairs: int) -> None:
    """The same pipeline with two seeds."""
    for kind in ("digits", "textures"):
        false: Counter[str] = Counter()
        wrong = 0
        for _ in range(pairs):
            pipeline = some_pipeline(random)
            data = draw(random, kind, int(random.integers(100, 600)))
            found = {f.code for f in findings(random, data, pipeline, pipeline)}
            found = {code for code in found if not code.startswith("ORD")}
            false.update(found)
            wrong += bool(found)
        high = wilson(wrong, pairs)[1]
        print(
            f"equal, {kind:9} {pairs} pairs, {wrong} with a false finding (95 %: below {high:.1%}) {dict(false)}",
            flush=True,
        )


def rate(
    random: np.random.Generator, faults: tuple[Fault, ...], pairs: int
) -> tuple[int, list[str]]:
    """Pairs in which every one of some faults is named, and what was not."""
    named, missed = 0, []
    for _ in range(pairs):
        kind = str(random.choice(["digits", "textures"]))
        pipeline = Pipeline(batch=32)
        other = pipeline
        for fault in faults:
            other = fault.plant(other)
        found = {f.code for f in findings(random, draw(random, kind, 600), pipeline, other)}
        unnamed = [fault.name for fault in faults if not found & fault.codes]
        named += not unnamed
        missed += unnamed
    return named, missed


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--equal", type=int, default=200)
    parser.add_argument("--planted", type=int, default=20)
    parser.add_argument("--together", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    if options.equal:
        equal(random, options.equal)
    if options.planted:
        for fault in FAULTS:
            named, _ = rate(random, (fault,), options.planted)
            print(f"planted  {fault.name:22} named in {named} of {options.planted}", flush=True)
    if options.together:
        together, named, unnamed = 0, 0, Counter[str]()
        for one, other in combinations(FAULTS, 2):
            if one.beside(other):
                good, missed = rate(random, (one, other), options.together)
                together, named = together + options.together, named + good
                if missed:
                    print(f"together {one.name} + {other.name}: not named: {missed}", flush=True)
                unnamed.update(missed)
        low, high = wilson(named, together)
        print(
            f"together both named in {named} of {together} ({low:.1%} to {high:.1%}) {dict(unnamed)}"
        )


if __name__ == "__main__":
    main()
