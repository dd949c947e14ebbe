"""What making a page of a finished result costs: seconds and bytes, per kind of page.

The comparison is of 2,000 pictures with and without a cast of colour and a shift of labels; the page of the
demo holds two comparisons, that of attribute the same comparison below its gaps, that of tune a
pipeline of four trials. A page is to be made in less than two seconds and to take two megabytes
at most. The first page also loads the templates.

    python benchmarks/report_pages.py [--examples 2000] [--side 96]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.report.page_samples import attribution, gap, tuned
from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed.attribute.render import to_json as attribute_json, to_text as attribute_text
from twinfeed.demo.outcome import Outcome
from twinfeed.demo.page import to_html as demo_html
from twinfeed.demo.run import Answer
from twinfeed.diff import compare
from twinfeed.lint import lint_subjects
from twinfeed.lint._traces import subjects_of
from twinfeed.observe import Budget, observe
from twinfeed.report import attribution_html, to_html, to_json, to_notebook, to_text
from twinfeed.tune.page import to_html as tune_html

MOST_SECONDS, MOST_BYTES = 2.0, 2_000_000
BATCH = 50


def feed(name: str, images: np.ndarray, labels: np.ndarray) -> Feed:
    """Pictures in their order, again and again."""

    def open_epoch() -> Iterator[Batch]:
        for start in range(0, len(images), BATCH):
            part = slice(start, start + BATCH)
            yield Batch(images[part], labels[part], None, np.arange(len(images))[part])

    return Feed(
        name=name, open_epoch=open_epoch, batches=-(-len(images) // BATCH), examples=len(images)
    )


def main() -> None:
    """Print a row per page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--examples", type=int, default=2_000)
    parser.add_argument("--side", type=int, default=96)
    given = parser.parse_args()
    random = np.random.default_rng(3)
    coarse = random.integers(0, 256, (given.examples, 12, 12, 3)).astype(np.uint8)
    images = np.repeat(np.repeat(coarse, given.side // 12, axis=1), given.side // 12, axis=2)
    labels = np.arange(given.examples) % 10
    cast = np.minimum(images, 200) + np.array([0, 20, 40], np.uint8)
    budget = Budget(timing_s=0.5)
    traces = [
        observe(one, budget=budget)
        for one in (feed("plain", images, labels), feed("cast", cast, (labels + 1) % 10))
    ]
    report = compare(*traces)
    lint = lint_subjects(subjects_of(traces))
    outcomes = tuple(
        Outcome(label=f"{key}: pipeline", right=340, tested=360, epoch_s=(2.0, 0.5))
        for key in "abc"
    )
    answer = Answer(
        data="made up", versions="", outcomes=outcomes, reports=(report, report), complete=True
    )
    speed = replace(gap(), metric="seconds per epoch", when="mean", unit="s")
    attributed = replace(attribution(), report=report, speed=speed)
    pages: dict[str, Callable[[], str]] = {
        "diff, HTML": lambda: to_html(report),
        "diff, part of a notebook": lambda: to_notebook(report),
        "diff, JSON": lambda: to_json(report),
        "diff, text": lambda: to_text(report),
        "lint, HTML": lambda: to_html(lint),
        "demo, HTML": lambda: demo_html(answer),
        "attribute, HTML": lambda: attribution_html(attributed),
        "attribute, JSON": lambda: attribute_json(attributed),
        "attribute, text": lambda: attribute_text(attributed),
        "tune, HTML": lambda: tune_html(tuned(), name="feeds.py:make_feed"),
    }
    print(f"{len(report.findings)} findings, {len(report.exhibits.samples)} pairs of pictures")
    print(f"{'page':<28}{'first, s':>9}{'again, s':>9}{'bytes':>11}")
    for name, make in pages.items():
        seconds: list[float] = []
        for _ in range(4):
            began = time.perf_counter()
            made = make()
            seconds.append(time.perf_counter() - began)
        size = len(made.encode())
        within = seconds[0] <= MOST_SECONDS and size <= MOST_BYTES
        print(
            f"{name:<28}{seconds[0]:>9.3f}{min(seconds[1:]):>9.3f}{size:>11,}"
            + ("" if within else "  TOO MUCH")
        )


if __name__ == "__main__":
    main()
