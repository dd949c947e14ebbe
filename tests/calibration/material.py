"""Pictures that calibration draws from: real digits and made-up textures, any number of them."""

from __future__ import annotations

import numpy as np

from twinfeed.demo import digits


def draw(random: np.random.Generator, kind: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Some examples sorted by class: uint8 ``(count, side, side, 3)`` and int64 ``(count,)``.

    Args:
        random: What is drawn.
        kind: ``digits`` or ``textures``.
        count: Examples.
    """
    if kind == "digits":
        images, labels = digits.load()
        chosen = random.choice(len(images), count, replace=False)
        chosen = chosen[np.argsort(labels[chosen], kind="stable")]
        tint = random.uniform(0.4, 1.0, 3)
        return (images[chosen][..., None] * tint).astype(np.uint8), labels[chosen].astype(np.int64)
    labels = np.sort(random.integers(0, 4, count))
    coarse = (
        random.normal(0, 1, (count, 6, 6, 3))
        + np.eye(4)[labels][:, :3].mean(axis=1)[:, None, None, None]
    )
    large = coarse.repeat(4, axis=1).repeat(4, axis=2) * 45 + 120
    large += random.normal(0, 12, large.shape)
    return np.clip(large, 0, 255).astype(np.uint8), labels
