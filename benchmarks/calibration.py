"""How often twinfeed is wrong: equal pairs, planted faults, two at once, and its statistics.

Every trial draws its data, sizes, seeds, batch sizes and augmentations from its own name, so
that it can be run again alone. Results are appended to a file, one line per trial, and a later
call goes on from there; the table is of all that the file holds.

    python benchmarks/calibration.py [--out calibration.jsonl] [--budget-s 600] [--table]
    python benchmarks/calibration.py --again "equal/torch/17"
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from tests.calibration.feeds import KINDS
from tests.calibration.material import kinds
from tests.calibration.pipelines import FAULTS
from tests.calibration.statistics import CLAIMS
from tests.calibration.trial import equal, planted
from twinfeed.stats.intervals import exact

BY_NAME = {fault.name: fault for fault in FAULTS}
CHUNK = 100  # trials of a statistic per line
DATA_SETS = kinds()


def every(options: argparse.Namespace) -> Iterator[str]:
    """Names of all trials, so ordered that a run cut short has tried some of each study."""
    pairs = [f"{a.name} + {b.name}" for a, b in combinations(FAULTS, 2) if a.beside(b)]
    small = [fault.name for fault in FAULTS if fault.small]
    rounds = max(options.equal, options.planted, options.together, options.claims)
    for number in range(rounds):
        if number < options.claims:
            yield from (f"claim/{name}/{number}" for name in CLAIMS)
        if number < options.equal:
            yield from (f"equal/{kind}/{number}" for kind in KINDS)
        if number < options.planted:
            yield from (f"planted/{name}/{number}" for name in BY_NAME)
            yield from (f"small/{name}/{number}" for name in small)
        # Spread over the rounds: there are hundreds of pairs of faults.
        share = -(-len(pairs) * options.together // options.planted)
        yield from (
            f"together/{pairs[n % len(pairs)]}/{n // len(pairs)}"
            for n in range(number * share, min((number + 1) * share, len(pairs) * options.together))
        )


def tried(name: str) -> dict[str, Any]:
    """Run one trial."""
    study, group, number = name.split("/")
    random = np.random.default_rng(zlib.crc32(name.encode()))
    if study == "claim":
        wrong = sum(CLAIMS[group].errs(random) for _ in range(CHUNK))
        return {"name": name, "wrong": int(wrong), "of": CHUNK}
    if study == "equal":
        data = DATA_SETS[int(number) % len(DATA_SETS)]
        found = equal(random, group, data)
        wrong = found.false
        return {"name": name, "data": data, "wrong": int(bool(wrong)), "of": 1, "codes": wrong,
                "speed": [c for c in found.found if c.startswith("SPD2")],
                "says": found.sentences if wrong else ()}  # fmt: skip
    faults = tuple(BY_NAME[one] for one in group.split(" + "))
    found = planted(random, faults, small=study == "small")
    answered = found.asks if study == "small" else found.names
    missed = [fault.name for fault in faults if not answered(fault)]
    return {"name": name, "wrong": int(bool(missed)), "of": 1, "codes": missed,
            "says": found.sentences if missed else ()}  # fmt: skip


def table(lines: list[dict[str, Any]]) -> str:
    """What the trials say, with exact 95 % intervals."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    codes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for line in lines:
        study, group, _ = line["name"].split("/")
        groups = ["every pair"] if study == "together" else [group]
        if study == "equal":
            groups += [f"data: {line['data']}", "all"]
        for one in groups:
            counts[study, one][0] += line["wrong"]
            counts[study, one][1] += line["of"]
            codes[study, one].update(line.get("codes", ()))
    heads = {
        "equal": "equal pairs with a false finding",
        "planted": "a planted fault that is not named",
        "small": "a fault below the stated size that meets with silence",
        "together": "two planted faults that are not both named",
        "claim": "errors of the statistics",
    }
    made: list[str] = []
    for study, head in heads.items():
        rows = [(group, *found) for (one, group), found in counts.items() if one == study]
        if rows:
            made.append(f"\n{head}\n{'':34}{'wrong':>7}{'of':>8}  exact 95 % interval")
        for group, wrong, of in sorted(rows):
            low, high = exact(wrong, of)
            said = ""
            if study == "claim":
                claim = CLAIMS[group]
                held = low <= claim.rate + claim.slack
                said = f"  stated {claim.rate:.1%}{'' if held else '  DOES NOT HOLD'}"
            elif wrong:
                said = "  " + ", ".join(f"{c} {n}" for c, n in codes[study, group].most_common(5))
            made.append(f"{group:34}{wrong:7,}{of:8,}  {low:6.1%} to {high:.1%}{said}")
    return "\n".join(made)


def main() -> None:
    """Go on with the trials, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("calibration.jsonl"))
    parser.add_argument("--budget-s", type=float, default=float("inf"), help="seconds to go on for")
    parser.add_argument("--equal", type=int, default=200, help="pairs of each kind of feed")
    parser.add_argument("--planted", type=int, default=20, help="pairs of each fault")
    parser.add_argument("--together", type=int, default=1, help="pairs of each two faults")
    parser.add_argument(
        "--claims", type=int, default=20, help="hundreds of trials of each statistic"
    )
    parser.add_argument("--only", default="", help="trials whose name starts so")
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--again", action="append", default=[], help="run this trial and print it")
    options = parser.parse_args()
    for name in options.again:
        print(json.dumps(tried(name), indent=1))
    if options.again:
        return
    kept: list[str] = options.out.read_text().splitlines() if options.out.exists() else []
    lines = [json.loads(line) for line in kept]
    done = {line["name"] for line in lines}
    end = time.monotonic() + (0 if options.table else options.budget_s)
    with options.out.open("a", encoding="utf-8") as out:
        for name in every(options):
            if time.monotonic() > end:
                break
            if name in done or not name.startswith(options.only):
                continue
            lines.append(tried(name))
            out.write(json.dumps(lines[-1]) + "\n")
            out.flush()
    print(table(lines))


if __name__ == "__main__":
    main()
