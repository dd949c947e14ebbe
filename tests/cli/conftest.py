"""A folder to work in, saved traces in it, and a way to run the command line."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.lint.handmade import run as recorded
from twinfeed._core.batch import Array, Batch
from twinfeed._core.feed import Feed
from twinfeed.cli import main
from twinfeed.observe import Budget, observe, save


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command line left."""

    code: int
    out: str
    err: str

    @property
    def three_parts(self) -> bool:
        """Whether the error says what was given, what was expected, and what to do."""
        lines = self.err.splitlines()
        starts = [
            line.split(" ")[0] for line in lines if line.startswith(("Error:", "Expected", "Hint:"))
        ]
        return starts == ["Error:", "Expected", "Hint:"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with ``feeds.py`` in it; no terminal, no setting of ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "TWINFEED_TIMEOUT", "TWINFEED_NO_PROGRESS"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(Path(__file__).parent / "feeds.py", tmp_path)
    return tmp_path


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command line in this process."""

    def call(*arguments: object) -> Ran:
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return call


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``steps.twin`` and three traces of the same pictures.

    ``levels.twin`` as they are, ``scaled.twin`` in 0..1, ``nearly.twin`` up to eight levels brighter.
    """
    folder = tmp_path_factory.mktemp("traces")
    images = np.random.default_rng(3).integers(0, 256, (96, 12, 12, 3)).astype(np.uint8)
    for name, values in (
        ("levels", images),
        ("scaled", (images / 255).astype(np.float32)),
        ("nearly", np.minimum(images, 247) + np.uint8(8)),
    ):
        trace = observe(_feed(name, values), budget=Budget(timing_s=0.05))
        save(trace, folder / f"{name}.twin")
    save(recorded(buffer=50_000), folder / "steps.twin")
    return folder


def _feed(name: str, images: Array) -> Feed:
    labels, ids = np.arange(len(images)) % 4, np.arange(len(images))

    def open_epoch() -> Iterator[Batch]:
        for start in range(0, len(images), 32):
            part = slice(start, start + 32)
            yield Batch(images[part], labels[part], None, ids[part])

    def fresh() -> Feed:
        return _feed(name, images)

    return Feed(name=name, open_epoch=open_epoch, batches=3, examples=len(images), fresh=fresh)
