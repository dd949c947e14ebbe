"""Copies of which one side alone moves one are two contents there, and none of them is missing."""

import numpy as np

from tests.diff.replay.material import photograph
from tests.observe.feeds import array_feed
from twinfeed.diff import CATALOGUE, compare
from twinfeed.observe import Budget, observe


def test_none_of_two_feeds_of_one_length_is_missing() -> None:
    photos = np.stack([photograph(24, 24, seed) for seed in range(40)]).astype(np.float32)
    plain = np.concatenate([photos, photos[30:34]])
    mirrored = plain.copy()
    for at in (*range(0, 20, 2), 41):  # of two copies one
        mirrored[at] = mirrored[at, :, ::-1]
    for at in (30, 40):  # two copies that were moved too far to be known again
        mirrored[at] = np.roll(mirrored[at], (11, 9), axis=(0, 1))
    order = np.random.default_rng(1).permutation(len(plain))
    traces = [
        observe(array_feed(images, batch_size=11), budget=Budget(timing_s=0))
        for images in (mirrored, plain[order])
    ]
    assert not compare(*traces, measures=[CATALOGUE["BAT205"]]).findings
