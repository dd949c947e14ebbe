"""A folder of images."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.feeds.makers import X, image_folder
from twinfeed.errors import FeedReadError, SourceError, UsageError
from twinfeed.feeds import as_feed

Image = pytest.importorskip("PIL.Image")
folder_adapter = pytest.importorskip("twinfeed.feeds._adapters._folder")
open_named = folder_adapter.open_named


def save(path: Path, size: tuple[int, int] = (4, 6), mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, 7).save(path)
    return path


def test_images_labels_and_names() -> None:
    batches = list(as_feed(image_folder()).open_epoch())
    np.testing.assert_array_equal(np.concatenate([b.x for b in batches]), X.astype(np.uint8))
    assert batches[0].y.tolist() == [0] * 10 + [1] * 12
    assert batches[0].ids.tolist()[9:11] == ["cat/09.png", "dog/10.png"]


def test_resizing_is_said_and_done(tmp_path: Path) -> None:
    save(tmp_path / "a" / "one.png")
    save(tmp_path / "a" / "two.JPG", (9, 9))
    feed = open_named(tmp_path, image_size=(5, 3))
    assert next(feed.open_epoch()).x.shape == (2, 5, 3, 3)
    assert feed.plan is not None
    (resize,) = feed.plan.of_kind("resize")
    assert resize.settings == {
        "height": 5,
        "width": 3,
        "interpolation": "bilinear",
        "antialias": True,
    }


def test_images_of_several_sizes_are_ragged_in_every_batch(tmp_path: Path) -> None:
    for number in range(4):
        save(tmp_path / "a" / f"{number}.png", (4, 6) if number < 3 else (9, 9))
    batches = list(open_named(tmp_path, batch_size=2).open_epoch())
    assert [batch.x.dtype for batch in batches] == [object, object]
    assert [image.shape for image in batches[1].x] == [(6, 4, 3), (9, 9, 3)]


@pytest.mark.parametrize(
    ("mode", "shape", "dtype"),
    [("int", (1,), "int32"), ("categorical", (1, 1), "float32"), ("binary", (1, 1), "float32")],
)
def test_label_modes(tmp_path: Path, mode: str, shape: tuple[int, ...], dtype: str) -> None:
    save(tmp_path / "a" / "one.png")
    labels = next(open_named(tmp_path, label_mode=mode).open_epoch()).y
    assert (labels.shape, labels.dtype) == (shape, dtype)


def test_without_sub_folders_there_are_no_labels(tmp_path: Path) -> None:
    save(tmp_path / "one.png")
    (tmp_path / ".hidden").mkdir()
    assert next(as_feed(tmp_path).open_epoch()).y is None


def test_color_modes(tmp_path: Path) -> None:
    save(tmp_path / "one.png", mode="RGBA")
    channels = {"grayscale": 1, "rgb": 3, "rgba": 4}
    for mode, wanted in channels.items():
        assert next(open_named(tmp_path, color_mode=mode).open_epoch()).x.shape[-1] == wanted
    with pytest.raises(UsageError, match="color_mode"):
        open_named(tmp_path, color_mode="cmyk")


def test_shuffling_goes_on_from_epoch_to_epoch_and_repeats_in_a_fresh_build() -> None:
    feed = open_named(image_folder(), shuffle=True)
    assert feed.fresh is not None
    orders = [next(f.open_epoch()).ids.tolist() for f in (feed, feed, feed.fresh())]
    assert orders[0] == orders[2] != orders[1]


def test_pipes_and_broken_links_are_left_out_and_loops_end(tmp_path: Path) -> None:
    save(tmp_path / "a" / "one.png")
    os.mkfifo(tmp_path / "a" / "pipe.png")
    (tmp_path / "a" / "gone.png").symlink_to("nowhere.png")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    feed = as_feed(tmp_path)
    assert feed.examples == 1
    assert "2 names that are no regular files" in feed.notes[0]


def test_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"<html>")
    with pytest.raises(FeedReadError, match=r"bad\.png"):
        next(as_feed(tmp_path).open_epoch())


def test_a_missing_or_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        as_feed(tmp_path / "none")
    with pytest.raises(SourceError, match="no image in it"):
        as_feed(tmp_path)
    with pytest.raises(SourceError, match="this is a file"):
        as_feed(save(tmp_path / "one.png"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_named(tmp_path: Path) -> None:
    save(tmp_path / "a" / "one.png")
    (tmp_path / "a").chmod(0)
    try:
        with pytest.raises(SourceError, match="cannot be read"):
            as_feed(tmp_path)
    finally:
        (tmp_path / "a").chmod(0o700)
