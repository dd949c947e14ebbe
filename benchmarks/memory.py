"""Peak memory of observing a feed, against the feed's length.

Each length runs in a process of its own; batches are made on the fly, so that all memory that
grows is ours.

    python benchmarks/memory.py [--most 1000000]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed.observe import Budget, observe


def made_feed(examples: int) -> Feed:
    """Images of 64 x 64 x 3 that cost nothing to make and are never the same."""

    def open_epoch() -> Iterator[Batch]:
        base = np.random.default_rng(0).random((100, 64, 64, 3), dtype=np.float32)
        for start in range(0, examples, 100):
            yield Batch(base + np.float32(start), np.arange(100) % 10)

    return Feed(
        name="made", open_epoch=open_epoch, examples=examples, fresh=lambda: made_feed(examples)
    )


def peak_mb(examples: int) -> float:
    """Peak resident megabytes of this process after one observation."""
    trace = observe(made_feed(examples), budget=Budget(seconds=600, timing_s=0.5))
    assert len(trace.rows)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the peak per length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--one", type=int, help="measure this length in this process")
    options = parser.parse_args()
    if options.one:
        print(f"{peak_mb(options.one):.0f}")
        return
    lengths = [n for n in (1_000, 10_000, 100_000, 1_000_000) if n <= options.most]
    for length in lengths:
        ran = subprocess.run(
            [sys.executable, __file__, "--one", str(length)],
            check=True,
            capture_output=True,
            text=True,
        )
        print(f"{length:>9,} examples: peak {ran.stdout.strip()} MB")


if __name__ == "__main__":
    main()
