"""Decoding a file in each of the usual ways."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, JpegImagePlugin

from twinfeed._core.batch import Array
from twinfeed.diff._replay._files import Header

try:
    import simplejpeg
except ImportError:  # without it what Pillow cannot do is not tried
    simplejpeg = None

UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
_ORIENTATION = 274
_ACCURATE = "accurate DCT (Pillow, OpenCV)"
_FAST = "fast DCT (TensorFlow's default)"
_REPEATED = {  # colours of a coarser grid are repeated, not blended
    "accurate DCT, colours repeated (fancy upsampling off)": _ACCURATE,
    "fast DCT, colours repeated (fancy upsampling off)": _FAST,
}
"""By the decoder that does the same with a file whose grids are one."""
_FULL_COLOURS = 0
_SCALED = {"DCT scaled to an eighth": 8, "DCT scaled to a quarter": 4, "DCT scaled to a half": 2}
_DRAFTS = {
    "DCT scaled by Pillow's draft to the new size": 1,
    "DCT scaled by Pillow's thumbnail": 2,
}
"""By how much a draft is at least larger than what is wanted."""
_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}


def header(path: Path) -> Header | None:
    """Size, format and orientation without decoding; ``None`` for what cannot be read."""
    try:
        with Image.open(path) as image:
            orientation = image.getexif().get(_ORIENTATION, 1)
            jpeg = isinstance(image, JpegImagePlugin.JpegImageFile)
            return Header(
                path=path,
                height=image.height,
                width=image.width,
                jpeg=jpeg,
                coarse_colours=jpeg
                and image.mode != "L"
                and JpegImagePlugin.get_sampling(image) != _FULL_COLOURS,
                alpha=image.mode in _ALPHA or "transparency" in image.info,
                grey=image.mode in {"1", "L", "LA"},
                orientation=orientation if orientation in range(1, 9) else 1,
            )
    except UNREADABLE:
        return None


def decoders(*, jpeg: bool, channels: int) -> tuple[str, ...]:
    """Names of the ways that are known for such a file, the usual one first."""
    if not jpeg:
        return ("as stored",)
    if channels not in {1, 3}:
        return (_ACCURATE,)
    others = () if simplejpeg is None else (_FAST, *_REPEATED)
    return (_ACCURATE, *others, *_SCALED, *_DRAFTS)


def settled(decoder: str, file: Header, size: tuple[int, int]) -> str:
    """The decoder that is meant for one file, where it goes by the size that is wanted or the file.

    Args:
        decoder: One of ``decoders``.
        file: The file.
        size: Height and width that the picture is to have.
    """
    if decoder in _REPEATED and not file.coarse_colours:
        return _REPEATED[decoder]
    if decoder not in _DRAFTS:
        return decoder
    wanted = [length * _DRAFTS[decoder] for length in size]
    room = min(file.height / wanted[0], file.width / wanted[1])
    return next((name for name, factor in _SCALED.items() if factor <= room), _ACCURATE)


def decode(path: Path, decoder: str, mode: str) -> Array | None:
    """A file as levels, uint8, shape ``(height, width, channels)``, or ``None``.

    Args:
        path: The file.
        decoder: One of ``decoders``.
        mode: Pillow's mode of the result (``RGB``, ``RGBA``, ``L``); ``black`` and ``white``
            are RGB with what is transparent laid over that colour, ``mean`` is the mean of
            the channels, ``luma`` the brightness that TensorFlow weighs (0.2989, 0.587, 0.114),
            ``swapped`` Pillow's ``L`` of what took blue for red.
    """
    try:
        if decoder in {"as stored", _ACCURATE, *_SCALED} or simplejpeg is None:
            return _with_pillow(path, mode, _SCALED.get(decoder, 1))
        return _with_simplejpeg(path.read_bytes(), decoder, mode)
    except UNREADABLE:
        return None


def small(path: Path, side: int) -> Array | None:
    """A quick coarse view, uint8, shape ``(side, side, 3)``, or ``None``."""
    try:
        with Image.open(path) as image:
            image.draft("RGB", (2 * side, 2 * side))
            shown = image.convert("RGB").resize((side, side), Image.Resampling.BOX)
            return np.asarray(shown)
    except UNREADABLE:
        return None


def encoded_again(picture: Array, quality: int) -> Array:
    """A picture, uint8 with 1 or 3 channels, written as JPEG and read back."""
    target = io.BytesIO()
    grey = picture.shape[-1] == 1
    Image.fromarray(picture[..., 0] if grey else picture).save(target, "JPEG", quality=quality)
    with Image.open(io.BytesIO(target.getvalue())) as image:
        found = np.asarray(image)
    return found[..., None] if grey else found


def _with_pillow(path: Path, mode: str, factor: int) -> Array:
    with Image.open(path) as image:
        if factor > 1:
            kind = "L" if mode == "L" and image.mode == "L" else None
            image.draft(kind, (image.width // factor, image.height // factor))
        image.load()
        if mode in {"black", "white"}:
            shown: Any = Image.new("RGBA", image.size, mode)
            shown = Image.alpha_composite(shown, image.convert("RGBA")).convert("RGB")
        else:
            kind = dict.fromkeys(("mean", "luma", "swapped"), "RGB").get(mode, mode)
            shown = image if image.mode == kind else image.convert(kind)
        return _channels(np.asarray(shown), mode)


def _with_simplejpeg(data: bytes, decoder: str, mode: str) -> Array:
    assert simplejpeg is not None
    colour = "GRAY" if mode == "L" and "fast" in decoder else "RGB"
    found = simplejpeg.decode_jpeg(
        data,
        colorspace=colour,
        fastdct=decoder.startswith("fast"),
        fastupsample=decoder in _REPEATED,
    )
    if mode == "L" and colour == "RGB":
        return _channels(np.asarray(Image.fromarray(found).convert("L")), mode)
    return _channels(found, mode)


def _channels(pixels: Array, mode: str) -> Array:
    if mode == "mean":
        return pixels.mean(axis=-1, keepdims=True, dtype=np.float32)
    if mode == "luma":
        return (pixels @ np.array([0.2989, 0.587, 0.114], np.float32))[..., None]
    if mode == "swapped":
        return np.asarray(Image.fromarray(pixels[..., ::-1]).convert("L"))[..., None]
    return pixels if pixels.ndim == 3 else pixels[..., None]
