"""How fast commands that need no framework start, as whole processes.

`diff` is timed on two traces of 20 examples, so that what is timed is starting, not comparing.

    python benchmarks/start_up.py [--rounds 9]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, observe, save


def seconds(arguments: list[str]) -> float:
    """Wall seconds of one command."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "twinfeed", *arguments], capture_output=True, check=False)
    return time.perf_counter() - begin


def main() -> None:
    """Print the median of each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        random = np.random.default_rng(0)
        for name in ("a", "b"):
            arrays = random.random((20, 8)), random.integers(0, 2, 20)
            trace = observe(as_feed(arrays), budget=Budget(timing_s=0.01))
            save(trace, Path(folder) / f"{name}.twin")
        commands = {
            "python -c pass": None,
            "twinfeed --help": ["--help"],
            "twinfeed explain AUG202": ["explain", "AUG202"],
            "twinfeed diff a.twin b.twin": ["diff", f"{folder}/a.twin", f"{folder}/b.twin", "-q"],
        }
        print(f"{rounds} rounds, median (lowest to highest)")
        for name, arguments in commands.items():
            found = [seconds(arguments) if arguments is not None else bare() for _ in range(rounds)]
            print(
                f"{name:30} {statistics.median(found):.3f} s ({min(found):.3f} to {max(found):.3f})"
            )


def bare() -> float:
    """The interpreter alone."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
