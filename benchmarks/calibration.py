"""How often twinfeed is wrong: equal pairs, planted faults, two at once, and its statistics.

Every trial draws its data, sizes, seeds, batch sizes and augmentations from its own name, so
that it can be run again alone. Results are appended to a file, one line per trial, and a later
call goes on from there; a trial that was cut short leaves no line. Several processes take a shard
each and a file each; the table is of all that the files hold.

    python benchmarks/calibration.py [--out calibration.jsonl] [--budget-s 600]
    python benchmarks/calibration.py --shard 1/2 --out one.jsonl    # beside --shard 2/2 --out two.jsonl
    python benchmarks/calibration.py --table --out one.jsonl two.jsonl
    python benchmarks/calibration.py --again "equal/torch, digits/17"
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from tests.calibration.feeds import KINDS
from tests.calibration.material import LARGE, kinds
from tests.calibration.pipelines import FAULTS
from tests.calibration.sizes import SIZES, below, sized, stated
from tests.calibration.statistics import CLAIMS
from tests.calibration.trial import equal, planted
from twinfeed.stats.intervals import exact

BY_NAME = {fault.name: fault for fault in FAULTS}
CHUNK = 100  # trials of a statistic per line
DATA_SETS = kinds()
HEADS = {
    "equal": "equal pairs with a false finding",
    "speed": "the same with a finding of speed, which a busy machine gives",
    "planted": "a planted fault that is not named",
    "size": "a fault of the size that its page names that is not found",
    "small": "the same with a quarter of the examples that meets with silence",
    "together": "two planted faults that are not both named",
    "claim": "errors of the statistics",
}


def every(options: argparse.Namespace) -> Iterator[str]:
    """Names of all trials, so ordered that a run cut short has tried some of each study."""
    pairs = [f"{a.name} + {b.name}" for a, b in combinations(FAULTS, 2) if a.beside(b)]
    rounds = max(options.equal, options.planted, options.together, options.claims)
    for number in range(options.first, rounds):
        if number < options.claims:
            yield from (f"claim/{name}/{number}" for name in CLAIMS)
        if number < options.equal:
            yield from (f"equal/{kind}, {data}/{number}" for kind in KINDS for data in DATA_SETS)
        if number < options.planted:
            yield from (f"planted/{name}/{number}" for name in BY_NAME)
            yield from (f"{study}/{code}/{number}" for code in SIZES for study in ("size", "small"))
        # Spread over the rounds: there are hundreds of pairs of faults.
        share = -(-len(pairs) * options.together // options.planted)
        yield from (
            f"together/{pairs[n % len(pairs)]}/{n // len(pairs)}"
            for n in range(number * share, min((number + 1) * share, len(pairs) * options.together))
        )


def tried(name: str) -> dict[str, Any]:
    """Run one trial."""
    study, group, _ = name.split("/")
    random = np.random.default_rng(zlib.crc32(name.encode()))
    if study == "claim":
        wrong = sum(CLAIMS[group].errs(random) for _ in range(CHUNK))
        return {"name": name, "wrong": int(wrong), "of": CHUNK}
    if study == "equal":
        found = equal(random, *group.split(", "))
        wrong = found.false
        return {"name": name, "wrong": int(bool(wrong)), "of": 1, "codes": wrong,
                "speed": [c for c in found.found if c.startswith("SPD2")],
                "says": found.sentences if wrong else ()}  # fmt: skip
    if study in {"size", "small"}:
        examples = stated(group) if study == "size" else below(group)
        found = sized(random, group, examples, kinds=[one for one in DATA_SETS if one != LARGE])
        hit = group in found.found if study == "size" else found.answers(group)
        return {
            "name": name,
            "wrong": int(not hit),
            "of": 1,
            "says": () if hit else found.sentences,
        }
    faults = tuple(BY_NAME[one] for one in group.split(" + "))
    found = planted(random, faults)
    missed = [fault.name for fault in faults if not found.names(fault)]
    return {"name": name, "wrong": int(bool(missed)), "of": 1, "codes": missed,
            "says": found.sentences if missed else ()}  # fmt: skip


def table(lines: Iterable[dict[str, Any]]) -> str:
    """What the trials say, with exact 95 % intervals."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    codes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for line in lines:
        study, group, _ = line["name"].split("/")
        for one in _groups(study, group):
            counts[study, one][0] += line["wrong"]
            counts[study, one][1] += line["of"]
            codes[study, one].update(line.get("codes", ()))
        if study == "equal":
            counts["speed", "all"][0] += bool(line["speed"])
            counts["speed", "all"][1] += 1
    made: list[str] = []
    for study, head in HEADS.items():
        rows = [(group, *found) for (one, group), found in counts.items() if one == study]
        if rows:
            made.append(f"\n{head}\n{'':34}{'wrong':>7}{'of':>8}  exact 95 % interval")
        cells = [of for group, _, of in rows if "," in group]
        made += [
            _row(study, group, wrong, of, codes[study, group])
            for group, wrong, of in sorted(rows)
            if wrong or "," not in group
        ]
        if cells:
            made.append(
                f"{len(cells)} kinds with a data set, {min(cells):,} to {max(cells):,} pairs of each"
            )
    return "\n".join(made)


def _row(study: str, group: str, wrong: int, of: int, codes: Counter[str]) -> str:
    low, high = exact(wrong, of)
    said = ""
    if study == "claim":
        claim = CLAIMS[group]
        held = low <= claim.rate + claim.slack
        said = f"  stated {claim.rate:.1%}{'' if held else '  DOES NOT HOLD'}"
    elif wrong:
        said = "  " + ", ".join(f"{code} {times}" for code, times in codes.most_common(5))
    return f"{group:34}{wrong:7,}{of:8,}  {low:6.1%} to {high:.1%}{said}"


def _groups(study: str, group: str) -> list[str]:
    """The rows of the table that a trial counts in."""
    if study == "equal":
        kind, data = group.split(", ")
        return [group, kind, f"data: {data}", "all"]
    return ["every pair"] if study == "together" else [group]


def _read(path: Path) -> list[dict[str, Any]]:
    """The trials that a file holds; a line that was cut short is taken out of it."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    whole, _, rest = text.rpartition("\n")
    if rest:
        path.write_text(whole + "\n" if whole else "", encoding="utf-8")
    return [json.loads(line) for line in whole.splitlines()]


def main() -> None:
    """Go on with the trials, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out",
        type=Path,
        nargs="+",
        default=[Path("calibration.jsonl")],
        help="where trials are kept; new ones go to the first",
    )
    parser.add_argument("--budget-s", type=float, default=float("inf"), help="seconds to go on for")
    parser.add_argument("--equal", type=int, default=200, help="pairs of each kind and data set")
    parser.add_argument("--planted", type=int, default=20, help="pairs of each fault")
    parser.add_argument("--together", type=int, default=1, help="pairs of each two faults")
    parser.add_argument(
        "--claims", type=int, default=20, help="hundreds of trials of each statistic"
    )
    parser.add_argument(
        "--first",
        type=int,
        default=0,
        help="number of the first pair: those before it are left out",
    )
    parser.add_argument("--only", default="", help="trials whose name starts so")
    parser.add_argument("--shard", default="1/1", help="which of how many shares of the trials")
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--again", action="append", default=[], help="run this trial and print it")
    options = parser.parse_args()
    for name in options.again:
        print(json.dumps(tried(name), indent=1))
    if options.again:
        return
    shard, of = (int(part) for part in options.shard.split("/"))
    found = {line["name"]: line for path in options.out for line in _read(path)}
    end = time.monotonic() + (0 if options.table else options.budget_s)
    with options.out[0].open("a", encoding="utf-8") as out:
        for number, name in enumerate(every(options)):
            if time.monotonic() > end:
                break
            if number % of != shard - 1 or name in found or not name.startswith(options.only):
                continue
            with redirect_stdout(StringIO()):
                found[name] = tried(name)
            out.write(json.dumps(found[name]) + "\n")
            out.flush()
    print(table(found.values()))


if __name__ == "__main__":
    main()
