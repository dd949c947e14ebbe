"""True against recovered augmentation, from 500 pictures and 4 epochs of a black box.

Every parameter alone and mixtures, by ``ImageDataGenerator``, Keras's random layers and
``tf.image`` in ``tf.data``, OpenCV, torch, and transforms in numpy as a torch user writes them.
An error is the distance of a bound from the truth, as a share of half of the true range. Each
case runs on two of the sets of pictures in turn, or on all of those that are named.

    python benchmarks/augmentation.py [--data flowers mnist [--in-turn]] [--only NAME] [--side 64]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from tests.calibration.augmenting import CASES, Case
from tests.calibration.photos import SETS, photos
from twinfeed._core.trace import Trace
from twinfeed.diff._measures.augment.not_as_stated import contradictions
from twinfeed.diff._policy._recovered import SPREADS, Policy, policy
from twinfeed.diff._policy._spread import Spread
from twinfeed.diff._policy._stated import stated_ranges
from twinfeed.diff._policy._stated_units import in_units_of
from twinfeed.diff._twins import Twins
from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, observe

BUDGET = Budget(epochs=4, timing_s=0.0)
ENOUGH = 0.1


@dataclass(frozen=True)
class Row:
    """One parameter of one case.

    Attributes:
        name: The parameter.
        truth: What is true.
        seen: What was recovered, with its interval.
        error: The larger error of its bounds; 0 or 1 for a name.
        held: Of its two intervals, how many hold the truth; ``None`` where it has none.
        shape: The recovered kind of distribution, and a mark where it is a wrong one.
    """

    name: str
    truth: str
    seen: str
    error: float
    held: int | None = None
    shape: str = ""


def rows(case: Case, found: Policy) -> list[Row]:
    """What is true and recovered of each parameter."""
    made: list[Row] = []
    for name, truth in case.truth.items():
        seen: Spread | str = getattr(found, name)
        if isinstance(seen, str) or isinstance(truth, str):
            made.append(Row(name, str(truth), str(seen) or "unknown", float(truth != seen)))
        elif isinstance(truth, float | int):
            error = abs(seen.low - truth) / truth
            made.append(Row(name, f"{truth:.2f}", f"{seen.low:.2f}", error))
        else:
            made.append(_bounds(name, truth, seen, case.shapes.get(name, "uniform")))
    for name in SPREADS:
        one: Spread = getattr(found, name)
        if one.random and name not in case.truth and name not in case.beside:
            made.append(Row(name, "nothing", f"{one.low:.3g}..{one.high:.3g}", 1.0))
    return made


def _bounds(name: str, truth: tuple[float, float], seen: Spread, shape: str) -> Row:
    low, high = truth
    worst = max(abs(seen.low - low), abs(seen.high - high)) / ((high - low) / 2)
    ends = zip(truth, (seen.low_between, seen.high_between), strict=True)
    held = sum(start <= end <= last for end, (start, last) in ends)
    told = seen.shape.kind if seen.shape else "none"
    wrong = "" if told in {shape, "undecided"} or name.startswith("erased") else " !"
    said = " .. ".join(
        f"{end:.3g} ({between[0]:.3g} to {between[1]:.3g})"
        for end, between in ((seen.low, seen.low_between), (seen.high, seen.high_between))
    )
    whole = worst if seen.random else 1.0
    return Row(name, f"{low:.3g}..{high:.3g}", said, whole, held, told + wrong)


def run(case: Case, images: np.ndarray, plain: Trace, seed: int, title: str) -> list[Row]:
    """Recover one case and print it."""
    np.random.seed(seed)  # noqa: NPY002, TID251 - ImageDataGenerator draws from it
    trace = observe(as_feed(case.make(images)), budget=BUDGET)
    begin = time.process_time()
    twins = Twins(plain, trace)
    found = policy(twins, "B")
    took = time.process_time() - begin
    seen = f"{found.views} of {found.tried} views against {found.basis}"
    print(f"{title}, {case.name}: {seen}, {took:.1f} s CPU")
    stated = in_units_of(stated_ranges(trace) or {}, found)
    made = rows(case, found)
    for row in made:
        said = stated.get(row.name)
        more = f"  stated {said[0]:.3g}..{said[1]:.3g}" if said else ""
        mark = "" if row.error <= ENOUGH else "  <<<"
        print(
            f"    {row.name:17} {row.truth:13} {row.seen:52} {row.error:6.1%} {row.shape}{more}{mark}",
            flush=True,
        )
    for name in contradictions(twins, "B"):
        print(f"    {name} is said not to be as stated  <<<")
        made.append(Row(name, "as stated", "not as stated", 1.0))
    return made


def main() -> None:
    """Print a line per parameter, and the share of bounds within 10 %."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=[])
    parser.add_argument("--in-turn", action="store_true", help="two of the named sets per case")
    parser.add_argument("--only", default="")
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    held: dict[str, tuple[np.ndarray, Trace]] = {}
    every: dict[str, list[Row]] = defaultdict(list)
    sets = options.data or list(SETS)
    for number, case in enumerate(CASES):
        if options.only not in case.name:
            continue
        turn = [sets[(number + step) % len(sets)] for step in (0, len(sets) // 2)]
        for data in sets if options.data and not options.in_turn else dict.fromkeys(turn):
            if data not in held:
                images = photos(data, 500, side=options.side)
                held[data] = images, observe(as_feed(images), budget=Budget(timing_s=0.0))
            every[data] += run(case, *held[data], options.seed, data)
    print()
    for data, found in [*every.items(), ("all", [row for rows in every.values() for row in rows])]:
        good = sum(row.error <= ENOUGH for row in found)
        known = [row.held for row in found if row.held is not None]
        shapes = [row.shape for row in found if row.shape]
        told = sum(not shape.endswith("!") and shape != "undecided" for shape in shapes)
        print(
            f"{data}: {good} of {len(found)} within {ENOUGH:.0%}, median"
            f" {np.median([row.error for row in found]):.1%}; intervals hold {sum(known)} of"
            f" {2 * len(known)} bounds; of {len(shapes)} shapes {told} right, "
            f"{sum(shape.endswith('!') for shape in shapes)} wrong"
        )


if __name__ == "__main__":
    main()
