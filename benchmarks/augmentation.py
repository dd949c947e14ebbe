"""True against recovered augmentation, from 500 photos and 4 epochs of a black box.

Every parameter alone and mixtures, by three kinds of source: ``ImageDataGenerator``, Keras's random
layers in ``tf.data``, and transforms in numpy as a torch user writes them. An error is the distance
of a bound from the truth, as a share of half of the true range.

    python benchmarks/augmentation.py [--data flowers grocery cifar10] [--only NAME] [--side 64]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from tests.calibration.augmenting import CASES, Case
from tests.calibration.photos import photos
from twinfeed.diff._policy._recovered import SPREADS, Policy, policy
from twinfeed.diff._policy._spread import Spread
from twinfeed.diff._twins import Twins
from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, observe

BUDGET = Budget(epochs=4, timing_s=0.0)
ENOUGH = 0.1


def errors(case: Case, found: Policy) -> list[tuple[str, str, float]]:
    """What is true and recovered of each parameter, in words, and the larger error of its bounds."""
    rows: list[tuple[str, str, float]] = []
    for name, truth in case.truth.items():
        seen: Spread | str = getattr(found, name)
        if isinstance(seen, str) or isinstance(truth, str):
            rows.append((name, f"{truth} / {seen or 'unknown'}", float(truth != seen)))
        elif isinstance(truth, float | int):
            rows.append((name, f"{truth:.2f} / {seen.low:.2f}", abs(seen.low - truth) / truth))
        else:
            low, high = truth
            worst = max(abs(seen.low - low), abs(seen.high - high)) / ((high - low) / 2)
            said = f"{low:.3g}..{high:.3g} / {seen.low:.3g}..{seen.high:.3g}"
            rows.append((name, said, worst if seen.random else 1.0))
    for name in SPREADS:
        one: Spread = getattr(found, name)
        if one.random and name not in case.truth and name not in case.beside:
            rows.append((name, f"nothing / {one.low:.3g}..{one.high:.3g}", 1.0))
    return rows


def main() -> None:
    """Print a line per parameter, and the share of bounds within 10 %."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=["flowers", "grocery", "cifar10"])
    parser.add_argument("--only", default="")
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for data in options.data:
        images = photos(data, 500, side=32 if data == "cifar10" else options.side)
        plain = observe(as_feed(images), budget=Budget(timing_s=0.0))
        every: list[float] = []
        for case in (case for case in CASES if options.only in case.name):
            np.random.seed(options.seed)  # noqa: NPY002, TID251 - ImageDataGenerator draws from it
            trace = observe(as_feed(case.make(images)), budget=BUDGET)
            begin = time.process_time()
            found = policy(Twins(plain, trace), "B")
            took = time.process_time() - begin
            seen = f"{found.views} of {found.tried} views against {found.basis}"
            print(f"{data}, {case.name}: {seen}, {took:.1f} s CPU")
            for name, said, error in errors(case, found):
                mark = "" if error <= ENOUGH else "  <<<"
                print(f"    {name:18} {said:44} {error:7.1%}{mark}", flush=True)
                every.append(error)
        if every:
            good = sum(error <= ENOUGH for error in every)
            middle = f"median {np.median(every):.1%}, worst {max(every):.1%}"
            print(f"{data}: {good} of {len(every)} within {ENOUGH:.0%}, {middle}\n", flush=True)


if __name__ == "__main__":
    main()
