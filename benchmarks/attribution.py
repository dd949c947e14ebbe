"""How often the intervals of an attribution hold the truth: the command prints its table.

    python benchmarks/attribution.py --bank bank.npz --seeds 120
    python benchmarks/attribution.py --bank bank.npz --draws 4000

Faults of known place are planted in a pipeline; a small network is trained on A and on B without
each combination of them, with hundreds of paired seeds. These real results are kept in the bank,
and their mean is the truth. Studies are then drawn from it as a user would run them: a few paired
seeds each, the same estimator, the same intervals. A share is right when its interval holds the
mean of the whole bank. The level of the intervals was chosen with the seeds 0 to 119; the bank is
trained with others. What is the same in every seed, such as an unexplained of nothing, is no matter
of chance and left out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.calibration.material import draw
from tests.calibration.pipelines import FAULTS, Pipeline
from twinfeed import as_feed
from twinfeed.attribute._causes import causes_of, separable
from twinfeed.attribute._chance import ORDER, order_is_chance
from twinfeed.attribute._evaluation import held_out
from twinfeed.attribute._feeds import Pair
from twinfeed.attribute._identity import trace_of
from twinfeed.attribute._plan import FIRST_SEEDS
from twinfeed.attribute._prepare import forms_of
from twinfeed.diff import diff
from twinfeed.stats.shares import mean_interval, seeds_for, shapley

EXAMPLES, EPOCHS = 500, 4
SCENARIOS = {
    "not scaled": ("not scaled",),
    "channels reversed": ("channels reversed",),
    "not scaled, not shuffled": ("not scaled", "not shuffled"),
    "labels, flips, batch size": ("a twentieth of labels", "random flips", "other batch size"),
}
PLANS = {"4 seeds": 4, "6 seeds": 6, "12 seeds": 12, "--precision": None}
FIRST_SEED = 1000
GATE = (0.93, 0.97)


@dataclass(frozen=True)
class Bank:
    """Real results of one scenario.

    Attributes:
        bits: The causes, in the order of the bits.
        a: Accuracy of A in percent, shape ``(seeds,)``.
        table: That of B without each combination, shape ``(seeds, 2 ** causes)``.
    """

    bits: tuple[str, ...]
    a: np.ndarray
    table: np.ndarray

    @property
    def quantities(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Names and per-seed values of what an attribution states."""
        names = ("gap", *self.bits, "unexplained")
        columns = [self.a - self.table[:, 0], *shapley(self.table).T, self.a - self.table[:, -1]]
        return names, np.column_stack(columns)


def trained(name: str, seeds: int, say: Callable[[str], None]) -> Bank:
    """Train a scenario with so many paired seeds."""
    from twinfeed.train._frameworks._keras import KerasTrainer

    faults = {fault.name: fault for fault in FAULTS}
    images, labels = draw(np.random.default_rng(0), "digits", EXAMPLES)
    images = images[:, ::2, ::2]
    plain = other = Pipeline()
    for fault in SCENARIOS[name]:
        other = faults[fault].plant(other)

    def feeds(seed: int) -> Pair:
        a, b = plain.build(images, labels, 2 * seed), other.build(images, labels, 2 * seed + 1)
        return Pair(
            a=as_feed(a), b=as_feed(b), epochs=EPOCHS, examples=EXAMPLES + 1,
            say=lambda _what, _count: None,
        )  # fmt: skip

    first = feeds(0)
    report = diff(plain.build(images, labels, 0), other.build(images, labels, 1))
    found = separable(causes_of(report.findings)[0], can_thaw=False)
    recordings = first.recordings(0)
    forms = forms_of(
        (trace_of(recordings[0], "A"), trace_of(recordings[1], "B")), recordings, found
    )
    bits = tuple(cause.key for cause in found)
    whole = first.made(
        recordings,
        (trace_of(recordings[0], "A"), trace_of(recordings[1], "B")),
        0, forms, both_frozen=False,
    )  # fmt: skip
    always = {ORDER} if order_is_chance(whole, report.findings, report.undecided) else set[str]()
    trainer = KerasTrainer(None, forms.classes)
    rows: list[list[float]] = []
    began = time.monotonic()
    for number in range(seeds):
        seed = FIRST_SEED + number
        world = feeds(seed).draw(seed, forms, both_frozen=False, hold=True)
        evaluation = held_out(world)
        results = [
            trainer.train(world.of_a(), evaluation.of_a(world), seed=seed, every_epoch=False)
        ]
        for arm in range(1 << len(bits)):
            without = frozenset(key for bit, key in enumerate(bits) if arm >> bit & 1) | always
            results.append(
                trainer.train(
                    world.of_b(without),
                    evaluation.of_b(world, without),
                    seed=seed,
                    every_epoch=False,
                )
            )
        rows.append([100 * one.metrics["accuracy"][-1] for one in results])
        left = (time.monotonic() - began) / (number + 1) * (seeds - number - 1)
        say(f"{name}: {', '.join(bits)}; {number + 1} of {seeds} seeds, {left:.0f} s left")
    table = np.array(rows)
    return Bank(bits, table[:, 0], table[:, 1:])


def covered(bank: Bank, seeds: int | None, draws: int) -> Iterator[tuple[str, float, float, float]]:
    """For each quantity: its truth, how often intervals hold it, and how wide they are."""
    names, values = bank.quantities
    rng = np.random.default_rng(0)
    truth = values.mean(axis=0)
    # A precision that a user could want: half of what six seeds would give.
    half = 0.5 * 2.57 * values.std(axis=0, ddof=1).max() / np.sqrt(6)
    hits, widths = np.zeros(len(names)), np.zeros(len(names))
    for _ in range(draws):
        first = None if seeds is not None else FIRST_SEEDS
        count = seeds or FIRST_SEEDS
        rows = values[rng.integers(len(values), size=count)]
        if seeds is None:
            needed = min(max(seeds_for(column, half) for column in rows.T), 200)
            rows = np.vstack([rows, values[rng.integers(len(values), size=needed - count)]])
        for column in range(len(names)):
            _, low, high = mean_interval(rows[:, column], first=first)
            hits[column] += low - 1e-9 <= truth[column] <= high + 1e-9
            widths[column] += high - low
    yield from zip(
        names, truth.tolist(), (hits / draws).tolist(), (widths / draws).tolist(), strict=True
    )


def main() -> None:
    """Train what the bank lacks, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bank", type=Path, default=Path("attribution-bank.npz"))
    parser.add_argument("--seeds", type=int, default=0, help="train so many per scenario")
    parser.add_argument("--draws", type=int, default=2000, help="studies drawn per row")
    given = parser.parse_args()
    stored = dict(np.load(given.bank)) if given.bank.exists() else {}
    for name in SCENARIOS if given.seeds else ():
        if len(stored.get(f"{name}/a", ())) >= given.seeds:
            continue
        bank = trained(name, given.seeds, lambda text: print(text, file=sys.stderr))
        stored |= {
            f"{name}/a": bank.a,
            f"{name}/table": bank.table,
            f"{name}/bits": np.array(bank.bits),
        }
        np.savez(given.bank, **stored)
    print(f"{'scenario':<28} {'quantity':<14} {'truth':>7} ", *(f"{plan:>16}" for plan in PLANS))
    print(f"{'':<28} {'':<14} {'points':>7} ", *(f"{'held, width':>16}" for _ in PLANS))
    every: list[float] = []
    for name in SCENARIOS:
        if f"{name}/a" not in stored:
            continue
        bits = tuple(map(str, stored[f"{name}/bits"]))
        bank = Bank(bits, stored[f"{name}/a"], stored[f"{name}/table"])
        columns = [list(covered(bank, seeds, given.draws)) for seeds in PLANS.values()]
        for rows in zip(*columns, strict=True):
            if all(width == 0 for _, _, _, width in rows):
                print(f"{name:<28} {rows[0][0]:<14} {rows[0][1]:7.2f}  the same in every seed")
                continue
            cells = [f"{100 * held:5.1f} %, {width:6.2f}" for _, _, held, width in rows]
            print(f"{name:<28} {rows[0][0]:<14} {rows[0][1]:7.2f} ", *(f"{c:>16}" for c in cells))
            every += [held for _, _, held, _ in rows]
        print(f"{'':<28} {len(bank.a)} paired seeds in the bank")
    if every:
        low, high = (100 * edge for edge in (min(every), max(every)))
        outside = sum(not GATE[0] <= held <= GATE[1] for held in every)
        # A share of 0.95 of so many draws is known to about this much.
        doubt = 196 * (0.95 * 0.05 / given.draws) ** 0.5
        print(
            f"All: {100 * np.mean(every):.1f} % of the intervals hold the truth, by row and column"
            f" {low:.1f} % to {high:.1f} % (each +- {doubt:.1f}); {outside} of {len(every)} outside"
            f" {100 * GATE[0]:.0f} % to {100 * GATE[1]:.0f} %"
        )


if __name__ == "__main__":
    main()
