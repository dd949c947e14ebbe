"""A planted cause is named with its cost on each backend of Keras."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.project.tools import ROOT

CODE = """
import json
from dataclasses import replace

import numpy as np

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed.attribute import attribute


def feed(moved, seed):
    y = np.arange(120) % 3
    x = np.random.default_rng(7).normal(0, 1, (120, 6)) + 4 * np.eye(3, 6)[y]
    epochs = iter(range(1 << 20))

    def open_epoch():
        order = np.random.default_rng((seed, next(epochs))).permutation(120)
        for rows in order.reshape(10, 12):
            yield Batch(x[rows].astype("float32"), (y[rows] + moved) % 3)

    return Feed(name="made", open_epoch=open_epoch, fresh=lambda: replace(feed(moved, seed + 1)))


if __name__ == "__main__":
    found = attribute(feed(0, 1), feed(1, 50), seeds=3, epochs=12, jobs=1, timing=0)
    (share,) = found.accuracy.shares
    told = [share.key, share.share.value, share.share.low,
            found.accuracy.unexplained.value, found.network, found.verdict.kind]
    print(json.dumps(told))
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_labels_that_are_one_class_off_cost_what_they_cost(backend: str) -> None:
    pytest.importorskip(backend)
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**os.environ, "KERAS_BACKEND": backend}, cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    key, share, low, unexplained, network, kind = json.loads(done.stdout.splitlines()[-1])
    assert (key, kind) == ("labels", "different")
    assert share > 80
    assert low > 50
    assert unexplained == 0
    assert network.endswith(f"on {backend}")
