"""A finding becomes a script: run with numpy alone, it prints the difference."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.diff.conftest import traced
from tests.diff.test_catalogue import FENCE
from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed.diff import CATALOGUE, compare
from twinfeed.repro import is_script, write_script

SHOWS = {
    "AUG202": r"B, epoch_2: 100% of 8 examples are as in epoch 1.*\n.*B, fresh_build: (?!100)",
    "AUG204": r"flip_x of [AB]: mean 0\.[3-6]",
    "BAT202": r"A: (\d+) examples.*\nB: (?!\1 )\d+ examples",
    "BAT205": r"only in A: [1-9]",
    "BAT206": r"[AB]: (\d+) examples, (?!\1 )\d+ distinct",
    "FIT203": r"\n[-+]",
    "GEO201": r"the shapes differ",
    "GEO202": r"B's channels reversed and mirrored: 0 on average",
    "LBL202": r"is \d+ in B.*\n.*\n*100% of|\d+% of \d+ paired examples have another label",
    "LBL203": r"A gives y .* and B gives y ",
    "ORD201": r"[AB]: the longest stretch of one class is (40|[4-9]\d|\d{3,}) of",
    "ORD204": r"100% of the examples keep their order in epoch 2",
    "PIP202": r"\n[-+]prefetch",
    "PIX201": r"of the values differ, by",
    "SPD202": r"A: first batch .*\nB: first batch ",
    "VAL203": r"from 0 to 255.*\n.*from 0 to 1,|most at",
}
"""A cause of each kind, and what running its script must print."""


@pytest.mark.parametrize("code", SHOWS)
def test_the_script_of_a_page_shows_its_fault(
    code: str, names: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    bad, _good = FENCE.findall(CATALOGUE[code].page or "")
    built = names()
    exec(bad, built)
    left, right = traced(built["a"]), traced(built["b"])
    measure = CATALOGUE[code]
    # How fast a busy machine is depends on the day; the script shows what was timed.
    found = (
        measure.finding("B is slower")
        if code.startswith("SPD")
        else compare(left, right, measures=[measure]).findings[0]
    )
    target = tmp_path / "shows.py"
    write_script([left], [right], found, target)
    text = target.read_text("utf-8")
    assert found.code in text
    assert is_script(target)
    assert len(text.splitlines()) <= 32
    said = ran(target)
    assert re.search(SHOWS[code], said), said


def test_a_script_shows_one_that_changed_where_few_do(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1), dtype=np.uint8)
    epochs = count(1)

    def changed() -> Iterator[Batch]:
        shown = images.copy()
        shown[30] = (shown[30].astype(int) + next(epochs)) % 256
        yield Batch(shown, ids=np.arange(40).astype(np.str_))

    feed = Feed(name="few", open_epoch=changed, fresh=lambda: feed)
    left, right = traced((images, np.arange(40))), traced(feed)
    target = tmp_path / "shows.py"
    write_script([left], [right], CATALOGUE["AUG201"].finding("B changes one"), target)
    assert re.search(r"B, epoch_2: 88% of 8 .*\nB, fresh_build: 88% of 8", ran(target))


def ran(script: Path) -> str:
    """What a script prints where nothing of ours is to be found."""
    command = [sys.executable, "-I", "-S", "-c", ALONE, str(Path(np.__file__).parents[1]), script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


ALONE = """
import runpy, sys
sys.path.append(sys.argv[1])
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"twinfeed", "tensorflow", "keras"}:
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
runpy.run_path(sys.argv[2], run_name="__main__")
"""


def test_names_of_others_are_comments_and_never_code(tmp_path: Path) -> None:
    hostile = 'x"""\nprint("ran"); \\ \r\u2028print("ran") #'
    images = np.arange(4 * 6, dtype=np.float32).reshape(4, 6)
    left = traced((images, np.arange(4)))
    right = replace(left, name=hostile, environment={hostile: hostile})
    found = CATALOGUE["ENV201"].finding(hostile)
    target = tmp_path / "shows.py"
    write_script([left], [right], found, target)
    assert "ran\n" not in ran(target).replace('print("ran")', "")
    assert compile(target.read_text("utf-8"), "shows.py", "exec")
