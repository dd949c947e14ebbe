"""How fast commands that need no framework start.

`--help` and `explain` are timed as whole processes. `diff` of two saved traces is timed twice:
from the start of the process until it opens the first of them, which is its start, and as a whole
on two traces of 20 examples.

    python benchmarks/start_up.py [--rounds 9]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, observe, save

# Tells when a saved trace is first opened, on the clock that the parent reads too.
_UNTIL_READ = """
import runpy, sys, time
def heard(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".twin"):
        print(time.clock_gettime(time.CLOCK_MONOTONIC), file=sys.stderr)
sys.addaudithook(heard)
sys.argv = ["twinfeed", *sys.argv[1:]]
runpy.run_module("twinfeed", run_name="__main__", alter_sys=True)
"""


def whole(*arguments: str) -> float:
    """Wall seconds of one process of the interpreter."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
    return time.perf_counter() - begin


def until_read(*arguments: str) -> float:
    """Wall seconds until the command opens a saved trace."""
    begin = time.clock_gettime(time.CLOCK_MONOTONIC)
    done = subprocess.run(
        [sys.executable, "-c", _UNTIL_READ, *arguments], capture_output=True, check=False, text=True
    )
    return float(done.stderr.split()[0]) - begin


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
        twins = "diff", f"{folder}/a.twin", f"{folder}/b.twin", "-q"
        ways: dict[str, Callable[[], float]] = {
            "python -c pass": lambda: whole("-c", "pass"),
            "twinfeed --help": lambda: whole("-m", "twinfeed", "--help"),
            "twinfeed explain AUG202": lambda: whole("-m", "twinfeed", "explain", "AUG202"),
            "twinfeed diff: until it reads": lambda: until_read(*twins),
            "twinfeed diff: whole": lambda: whole("-m", "twinfeed", *twins),
        }
        print(f"{rounds} rounds, median (lowest to highest)")
        for name, way in ways.items():
            found = [way() for _ in range(rounds)]
            print(
                f"{name:30} {statistics.median(found):.3f} s ({min(found):.3f} to {max(found):.3f})"
            )


if __name__ == "__main__":
    main()
