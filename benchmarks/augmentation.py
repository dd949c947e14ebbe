"""True against recovered augmentation, from 500 photos and 4 epochs of a black box.

Every parameter alone and mixtures, by three kinds of source: ``ImageDataGenerator``, Keras's random
layers in ``tf.data``, and transforms in numpy as a torch user writes them. An error is the distance
of a bound from the truth, as a share of half of the true range.

    python benchmarks/augmentation.py [--data flowers grocery cifar10] [--only NAME] [--side 96]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from tests.calibration.augmenting import CASES, Case
from tests.calibration.photos import photos
from twinfeed._core.trace import Trace
from twinfeed.diff._policy import Policy, policy
from twinfeed.diff._twins import Twins
from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, observe

PARAMETERS = (
    "zoom_x",
    "zoom_y",
    "rotation_degrees",
    "shear_degrees",
    "shift_x",
    "shift_y",
    "brightness",
    "contrast",
    "flip_x",
    "flip_y",
    "channel_shift",
    "erased",
    "erased_height",
    "erased_width",
    "erased_area",
)
BUDGET = Budget(epochs=4, timing_s=0.0)


def errors(case: Case, found: Policy) -> list[tuple[str, str, float]]:
    """What is true and recovered of each parameter, in words, and the larger error of its bounds."""
    rows: list[tuple[str, str, float]] = []
    for name, truth in case.truth.items():
        seen = getattr(found, name, None)
        if seen is None:
            rows.append((name, "MISSING", 1.0))
            continue
        if isinstance(truth, str):
            rows.append((name, f"{truth} / {seen}", 0.0 if truth == seen else 1.0))
        elif isinstance(truth, float):
            rows.append(
                (name, f"{truth:.2f} / {seen.low:.2f}", abs(seen.low - truth) / max(truth, 0.5))
            )
        else:
            low, high = truth
            half = (high - low) / 2
            worst = max(abs(seen.low - low), abs(seen.high - high)) / half
            said = f"{low:.3g}..{high:.3g} / {seen.low:.3g}..{seen.high:.3g}"
            rows.append((name, said, worst if seen.random else 1.0))
    wrong = [
        name
        for name in PARAMETERS
        if getattr(found, name).random and name not in case.truth and name not in case.beside
    ]
    rows += [(name, f"nothing / {getattr(found, name)}", 1.0) for name in wrong]
    return rows


def main() -> None:
    """Print a line per parameter, and the share of bounds within 10 %."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=["flowers", "grocery", "cifar10"])
    parser.add_argument("--only", default="")
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for data in options.data:
        images = photos(data, 500, side=32 if data == "cifar10" else options.side)
        plain = observe(as_feed(images), budget=Budget(timing_s=0.0))
        every: list[float] = []
        for case in CASES:
            if options.only in case.name:
                np.random.seed(options.seed)  # noqa: NPY002 - ImageDataGenerator draws from it
                begin = time.process_time()
                trace: Trace = observe(as_feed(case.make(images)), budget=BUDGET)
                read = time.process_time()
                found = policy(Twins(plain, trace), "B")
                took = time.process_time() - read
                rows = errors(case, found)
                print(
                    f"{data} {case.name}: {found.views} of {found.tried} views, {found.basis}, {read - begin:.1f} + {took:.1f} s CPU"
                )
                for name, said, error in rows:
                    print(
                        f"    {name:18} {said:50} {error:7.1%}{'' if error <= 0.1 else '  <<<'}",
                        flush=True,
                    )
                    every.append(error)
        if every:
            good = sum(error <= 0.1 for error in every)
            print(
                f"{data}: {good} of {len(every)} within 10 %, median {np.median(every):.1%}, worst {max(every):.1%}\n",
                flush=True,
            )


if __name__ == "__main__":
    main()
