"""Files are read as Pillow reads them, or refused before anything opens or decodes them."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.images.parity import ROOT, write_pictures
from twinfeed.engine import png
from twinfeed.engine.decode import Wanted, fast_jpeg, load, pillow
from twinfeed.errors import ImageFileError

pytest.importorskip("PIL")
WANTED = Wanted("rgb", 20, 30)


def test_both_decoders_give_the_same_bytes(tmp_path: Path) -> None:
    if fast_jpeg() is None:
        pytest.skip("simplejpeg is not installed; the extra [images] has it")
    files = list(write_pictures(tmp_path / "p").rglob("*.jp*g"))
    compared = 0
    for path in files:
        for mode in ("rgb", "rgba"):
            ours = fast_jpeg().decode(path.read_bytes(), mode)  # type: ignore[union-attr]
            if ours is not None:  # CMYK is left to Pillow
                compared += 1
                assert np.array_equal(ours, pillow().decode(path.read_bytes(), mode))
    assert compared > 10


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(["rgb", "rgba", "grayscale"]),
    st.integers(0, 99),
)
def test_plain_png_needs_no_pillow(height: int, width: int, mode: str, number: int) -> None:
    pytest.importorskip("numba")
    from PIL import Image

    random = np.random.default_rng(number)
    channels = {"rgb": (3,), "rgba": (4,), "grayscale": ()}[mode]
    kinds = (
        np.arange(height)[:, None] * 3 + np.arange(width) * 2,
        random.integers(0, 256, (height, width)),
    )
    plane = kinds[number % 2].reshape(height, width, *(1 for _ in channels))
    pixels = ((plane + random.integers(0, 5, (height, width, *channels))) % 256).astype(np.uint8)
    for how in ({}, {"compress_level": 0}):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", **how)
        got = png.decode(file.getvalue(), mode)
        assert got is not None
        assert np.array_equal(got.reshape(pixels.shape), pixels)
        for cut in (5, 30, len(file.getvalue()) // 2, -13):
            assert png.decode(file.getvalue()[:cut], mode) is None


@pytest.mark.parametrize("kind", ["fifo", "folder", "gone", "empty", "text"])
def test_what_is_no_picture_is_named_and_said(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    said = {
        "fifo": "a FIFO",
        "folder": "a folder",
        "gone": "No such file",
        "empty": "empty",
        "text": "no picture",
    }[kind]
    if kind == "fifo":
        os.mkfifo(path)  # to open it would wait for ever
    elif kind == "folder":
        path.mkdir()
    elif kind != "gone":
        path.write_text("" if kind == "empty" else "<html>", "utf-8")
    with pytest.raises(ImageFileError, match=said) as caught:
        load(str(path), WANTED)
    assert caught.value.path == str(path)
    assert "Hint:" in str(caught.value)


def test_a_device_is_not_opened() -> None:
    with pytest.raises(ImageFileError, match="a device"):
        load(os.devnull, WANTED)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99)))
    jpeg = b"\xff\xd8\xff\xc0\x00\x11\x08\xea\x60\xea\x60\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00"
    for name, data in (("bomb.png", png + chunk(b"IEND", b"")), ("bomb.jpg", jpeg)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ImageFileError):
            load(str(tmp_path / name), WANTED)


def test_awkward_files_end_as_pillow_has_it(recwarn: pytest.WarningsRecorder) -> None:
    given = os.environ.get("TWINFEED_TEST_DATA")
    folder = (Path(given) if given else ROOT.parent / "shared" / "data") / "awkward"
    if not folder.exists():
        pytest.skip(f"the awkward files are not in {folder}")
    from PIL import Image

    read = refused = 0
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        try:
            expected = np.asarray(
                Image.open(path).convert("RGB").resize((30, 20), Image.Resampling.NEAREST)
            )
        except Exception:  # noqa: BLE001  Pillow raises anything
            refused += 1
            with pytest.raises(ImageFileError):
                load(str(path), WANTED)
        else:
            read += 1
            assert np.array_equal(load(str(path), WANTED).taken(), expected), path
    assert read > 80
    assert refused > 10
    recwarn.clear()  # Pillow's own, on damaged files


def test_16_bits_take_the_pixels_that_pillow_takes(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "deep.png"
    pixels = np.random.default_rng(0).integers(0, 1 << 16, (37, 53)).astype(np.uint16)
    Image.fromarray(pixels).save(path)
    for height, width in ((10, 12), (32, 30), (53, 90)):
        expected = Image.open(path).resize((width, height), Image.Resampling.NEAREST)
        got = load(str(path), Wanted("grayscale", height, width)).taken()
        assert np.array_equal(got[..., 0], np.asarray(expected))
    long = pillow().nearest_places(70_000, 35_000, 0, 70_000, short=True)
    assert (np.abs(np.diff(long) - 2) <= 1).all()
    assert long[-1] > 1 << 16
