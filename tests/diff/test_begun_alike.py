"""Two feeds of one seed, of which one starts it again with each epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.diff.replay.material import photograph
from twinfeed import as_feed
from twinfeed.diff import compare
from twinfeed.diff._catalogue import CATALOGUE
from twinfeed.observe import Budget, observe

COUNT, SIDE, EDGE = 80, 32, 4
PICTURES = np.stack([photograph(SIDE + 2 * EDGE, SIDE + 2 * EDGE, at) for at in range(COUNT)])
MEASURES = [CATALOGUE[code] for code in ("AUG201", "AUG202", "AUG203")]


class Crops:
    """Parts of pictures, mirrored or not: from one seed in each epoch, from one that goes on, or none."""

    def __init__(self, draws: str, seed: int) -> None:
        self.draws, self.seed, self.random = draws, seed, np.random.default_rng(seed)

    def __len__(self) -> int:
        return COUNT // 20

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        random = np.random.default_rng(self.seed) if self.draws == "again" else self.random
        for batch in random.permutation(COUNT).reshape(-1, 20):
            parts: list[np.ndarray] = []
            for at in batch:
                top, left, flip = random.integers(0, [2 * EDGE + 1, 2 * EDGE + 1, 2])
                if self.draws == "none":
                    top, left, flip = EDGE, EDGE, 0
                part = PICTURES[at, top : top + SIDE, left : left + SIDE]
                parts.append(part[:, ::-1] if flip else part)
            yield np.stack(parts), batch % 7


def found(left: Crops, right: Crops) -> dict[str, object]:
    sides = [observe(as_feed(one), budget=Budget(timing_s=0)) for one in (left, right)]
    findings = compare(*sides, measures=MEASURES).findings
    return {
        one.code: one.evidence.get("side", one.evidence.get("augmented_side")) for one in findings
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_what_is_drawn_again_is_told_from_what_is_not_drawn(seed: int) -> None:
    assert found(Crops("again", seed), Crops("on", seed)) == {"AUG203": "A"}
    assert found(Crops("on", seed), Crops("again", seed)) == {"AUG203": "B"}
    assert found(Crops("none", seed), Crops("on", seed)) == {"AUG201": "B"}


@pytest.mark.parametrize("draws", ["again", "on", "none"])
def test_feeds_that_draw_alike_have_no_difference(draws: str) -> None:
    assert not found(Crops(draws, 1), Crops(draws, 1))


class Added:
    """Pictures in an order of their own, with one change on top of the last in each epoch, or none."""

    def __init__(self, step: int, seed: int) -> None:
        self.step, self.random, self.epoch = step, np.random.default_rng(seed), 0

    def __len__(self) -> int:
        return COUNT // 20

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        pictures = np.clip(PICTURES.astype(int) + self.step * self.epoch, 0, 255).astype(np.uint8)
        self.epoch += 1
        for batch in self.random.permutation(COUNT).reshape(-1, 20):
            yield pictures[batch], batch % 7


def test_what_begins_plain_and_is_changed_from_epoch_to_epoch_is_no_draw() -> None:
    for seed in (1, 2):
        feeds = Added(9, 1), Added(0, seed)
        sides = [observe(as_feed(one), budget=Budget(timing_s=0)) for one in feeds]
        assert "AUG203" not in {one.code for one in compare(*sides, measures=MEASURES).findings}
