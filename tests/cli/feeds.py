"""Feeds for the command line, read from here by name: numpy only, so that they start fast."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np

_RANDOM = np.random.default_rng(3)
_IMAGES = _RANDOM.integers(0, 256, (96, 12, 12, 3)).astype(np.uint8)
_LABELS = np.arange(96) % 4


def levels():
    return _IMAGES, _LABELS


def scaled():
    return (_IMAGES / 255).astype(np.float32), _LABELS


def strangers():
    return np.random.default_rng(9).integers(0, 256, (96, 12, 12, 3)).astype(np.uint8), _LABELS


def talks():
    sys.stdout.write("loading from standard output\n")
    return _IMAGES, _LABELS


def nothing():
    pass


def raises():
    raise LookupError("no such split: \x1b[31m[red]trian[/]")


def raises_later():
    yield _IMAGES[:32], _LABELS[:32]
    raise OSError("disk gone")


def ends_at_once():
    return
    yield


def hangs():
    yield _IMAGES[:32], _LABELS[:32]
    while True:
        time.sleep(60)


def dies():
    os._exit(7)


def leaves():
    sys.exit("set DATA first")


def slow():
    while True:
        yield _IMAGES[:16], _LABELS[:16]
        with Path(os.environ["READY"]).open("w"):
            time.sleep(0.02)


def sleepy():
    """The pictures of ``levels``, slowly."""
    for start in range(0, 96, 8):
        time.sleep(0.01)
        yield _IMAGES[start : start + 8], _LABELS[start : start + 8]
