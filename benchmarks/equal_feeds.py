"""False findings on equal feeds: the same pipeline twice, over every adapter.

Every pair is the same pipeline built twice, of a random size, order and batch size, with
another seed. Notes about order are allowed; everything else is a false finding.

    python benchmarks/equal_feeds.py [--repeats 3]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.feeds.makers import MAKERS
from twinfeed.diff import compare
from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, observe
from twinfeed.stats.intervals import wilson


def main() -> None:
    """Print the false findings per adapter and over all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    false, pairs = 0, 0
    for name, maker in MAKERS.items():
        begin = time.perf_counter()
        found: list[str] = []
        for _ in range(repeats):
            left, right = (
                observe(as_feed(maker.make()), budget=Budget(timing_s=0.3)) for _ in range(2)
            )
            report = compare(left, right)
            wrong = [f.code for f in report.findings if not f.code.startswith("ORD")]
            wrong += [
                f.code for f in report.findings if f.severity != "note" and f.code not in wrong
            ]
            found += [f"{code}!" for code in wrong]
            false += bool(wrong)
            pairs += 1
        took = time.perf_counter() - begin
        print(f"{name:24} {repeats} pairs, false findings: {', '.join(found) or 0} ({took:.1f} s)")
    high = wilson(false, pairs)[1]
    print(f"\n{pairs} pairs, {false} with a false finding (95 % upper bound {high:.1%})")


if __name__ == "__main__":
    main()
