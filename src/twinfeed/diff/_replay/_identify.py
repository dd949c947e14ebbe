"""Naming a recipe: one part after the other, coarse before fine, each by what it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._replay._kernels import KERNELS
from twinfeed.diff._replay._policies import POLICIES
from twinfeed.diff._replay._recipe import Named, Recipe
from twinfeed.diff._replay._studio import Shot, Studio, Way, bars, misfits

_CLOSE = 3.0  # mean levels left above which no recipe is believed
_ALIKE = (
    0.06,
    1.15,
)  # levels and factor by which a candidate may be worse and still not be told apart
_ROUNDS, _TURNS = 2, 2
_GLANCE = 3  # pictures on which decoders are tried with every kernel
_LEAST_SHAPED = 3  # pictures of another shape than their file's, that tell by what rule
_FIRST = "pil-bilinear"
_MODES = {1: ("L", "luma", "mean", "swapped"), 3: ("RGB",), 4: ("RGBA",)}
_LAID_OVER = ("RGB", "black", "white")


def identify(library: Any, shots: Sequence[Shot]) -> Recipe | float:
    """The recipe, or how many levels the best guess leaves where none fits.

    Args:
        library: The image libraries.
        shots: At least one picture with its file; all of one number of channels.
    """
    studio = Studio(library)
    straight = [taken for taken in shots if taken.file.orientation == 1] or list(shots)
    way = _start(studio, library, straight)
    way = replace(way, mode=_guessed_mode(studio, shots, way))
    reshaped = [taken for taken in straight if taken.is_reshaped]
    shaped = reshaped if len(reshaped) >= _LEAST_SHAPED else straight
    policy = _rank(studio, shaped, [replace(way, policy=name) for name in POLICIES], "policy")
    way = replace(way, policy=policy.best)
    for _ in range(_ROUNDS):
        way, kernel, decoder = _detail(studio, library, straight, way)
        # Rules that are nearly alike are told apart only by the right kernel.
        policy = _rank(studio, shaped, [replace(way, policy=name) for name in POLICIES], "policy")
        if policy.best == way.policy:
            break
        way = replace(way, policy=policy.best)
    else:
        way, kernel, decoder = _detail(studio, library, straight, way)
    scales = _scales(straight, way.policy)
    mode = _mode(studio, shots, way)
    way = replace(way, mode=mode.best)
    left = float(np.nanmedian(misfits(studio, straight, way)))
    if not left <= _CLOSE:
        return left
    return Recipe(
        policy=policy,
        kernel=None if (scales == 1).all() else kernel,
        decoder=decoder,
        mode=mode,
        bars=bars(studio, shaped, way),
        blue_first=way.blue_first,
        orientation_applied=_turns(studio, shots, way),
        left_levels=left,
        shrinks=float(np.median(scales)),
        pictures=len(shots),
        turned=sum(taken.file.orientation != 1 for taken in shots),
        transparent=sum(taken.file.alpha for taken in shots),
    )


def _start(studio: Studio, library: Any, shots: Sequence[Shot]) -> Way:
    channels = shots[0].seen.shape[-1]
    decoder = library.decoders(jpeg=False, channels=channels)[0]
    way = Way("stretched", _FIRST, decoder, _MODES[channels][0])
    if channels < 3:
        return way
    # What lies behind the transparent parts of a picture outweighs the order of its channels.
    telling, modes = _telling(shots)
    modes = modes if telling else (way.mode,)
    turned = replace(way, blue_first=True)
    # By a wrong rule for the shape nothing fits, and which order fits better is chance.
    forth, back = (
        min(
            float(
                np.nanmedian(
                    misfits(studio, telling or shots, replace(each, mode=mode, policy=policy))
                )
            )
            for mode, policy in product(modes, POLICIES)
        )
        for each in (way, turned)
    )
    return turned if back < 0.9 * forth else way


def _guessed_mode(studio: Studio, shots: Sequence[Shot], way: Way) -> str:
    """The mode that fits best with any rule for the shape: a wrong one hides which rule it is."""
    telling, modes = _telling(shots)
    if not telling:
        return way.mode
    left = [
        min(
            float(np.nanmedian(misfits(studio, telling, replace(way, mode=mode, policy=policy))))
            for policy in POLICIES
        )
        for mode in modes
    ]
    return modes[int(np.argmin(left))]


def _detail(
    studio: Studio, library: Any, shots: Sequence[Shot], way: Way
) -> tuple[Way, Named, Named | None]:
    """Kernel and decoder by turns, for either changes what the other leaves."""
    kernels = [replace(way, kernel=kernel.name) for kernel in KERNELS]
    if (_scales(shots, way.policy) == 1).all():
        kernels = [replace(way, kernel="pil-nearest")]
    way = _guessed_decoder(studio, library, shots, kernels, way)
    kernel = decoder = None
    for _ in range(_TURNS):
        kernels = [replace(each, decoder=way.decoder) for each in kernels]
        kernel = _rank(studio, shots, kernels, "kernel")
        way = replace(way, kernel=kernel.best)
        decoder = _decoder(studio, library, shots, way)
        if decoder is None or decoder.best == way.decoder:
            break
        way = replace(way, decoder=decoder.best)
    assert kernel is not None
    return way, kernel, decoder


def _guessed_decoder(
    studio: Studio, library: Any, shots: Sequence[Shot], kernels: Sequence[Way], way: Way
) -> Way:
    """The decoder that fits a few pictures best with any kernel: a smaller one hides the kernel."""
    jpegs = [taken for taken in shots if taken.file.jpeg][:_GLANCE]
    if not jpegs:
        return way
    names = _decoders(library, jpegs)
    left = [
        min(
            float(np.nanmedian(misfits(studio, jpegs, replace(each, decoder=name))))
            for each in kernels
        )
        for name in names
    ]
    return replace(way, decoder=names[int(np.argmin(left))])


def _decoders(library: Any, jpegs: Sequence[Shot]) -> list[str]:
    """Decoders that are not the same for all of these files: a draft may leave them as they are."""
    known: dict[tuple[str, ...], str] = {}
    for name in library.decoders(jpeg=True, channels=jpegs[0].seen.shape[-1]):
        known.setdefault(
            tuple(library.settled(name, taken.file, taken.size) for taken in jpegs), name
        )
    return list(known.values())


def _decoder(studio: Studio, library: Any, shots: Sequence[Shot], way: Way) -> Named | None:
    jpegs = [taken for taken in shots if taken.file.jpeg]
    if not jpegs:
        return None
    names = _decoders(library, jpegs)
    ways = [replace(way, decoder=name) for name in names]
    return _rank(studio, jpegs, ways, "decoder")


def _mode(studio: Studio, shots: Sequence[Shot], way: Way) -> Named:
    """How grey was made, or what became of transparency, judged where it shows."""
    telling, modes = _telling(shots)
    if not telling:
        return Named(best=way.mode, among=(way.mode,))
    return _rank(studio, telling, [replace(way, mode=name) for name in modes], "mode")


def _telling(shots: Sequence[Shot]) -> tuple[list[Shot], tuple[str, ...]]:
    """The pictures on which modes differ, and these modes."""
    channels = shots[0].seen.shape[-1]
    if channels == 1:
        return [taken for taken in shots if not taken.file.grey], _MODES[1]
    if channels == 3:
        return [taken for taken in shots if taken.file.alpha], _LAID_OVER
    return [], ()


def _turns(studio: Studio, shots: Sequence[Shot], way: Way) -> bool | None:
    tagged = [taken for taken in shots if taken.file.orientation != 1]
    if not tagged:
        return None
    plain, turned = (misfits(studio, tagged, replace(way, turn=turn)) for turn in (False, True))
    votes = np.nan_to_num(plain - turned)
    return bool((votes > 0).sum() > (votes < 0).sum())


def _rank(studio: Studio, shots: Sequence[Shot], ways: Sequence[Way], part: str) -> Named:
    """The ways by what they leave; those that cannot be told from the best stand beside it."""
    left = np.stack([misfits(studio, shots, way) for way in ways])
    middle = np.where(np.isnan(left).all(axis=1), np.inf, np.nanmedian(left, axis=1))
    best = int(middle.argmin())
    order: list[int] = np.argsort(middle, kind="stable").tolist()
    alike = [index for index in order if index != best and _as_good(left[index], left[best])]
    among = [best, *alike]
    return Named(
        best=getattr(ways[best], part),
        among=tuple(getattr(ways[index], part) for index in among),
        apart_levels=max(
            (_apart(studio, shots, ways[best], ways[index]) for index in alike), default=0.0
        ),
    )


def _as_good(left: Array, best: Array) -> bool:
    known = np.isfinite(left) & np.isfinite(best)
    if not known.any():
        return False
    extra = np.median(left[known] - best[known])
    return bool(extra <= max(_ALIKE[0], (_ALIKE[1] - 1) * float(np.median(best[known]))))


def _apart(studio: Studio, shots: Sequence[Shot], one: Way, other: Way) -> float:
    """Mean absolute difference of two ways, in levels."""
    found: list[float] = []
    for taken in shots:
        a, b = studio.replay(taken, one), studio.replay(taken, other)
        if a is not None and b is not None and a.shape == b.shape:
            found.append(float(np.nanmean(np.abs(a - b))))
    return float(np.median(found)) if found else 0.0


def _scales(shots: Sequence[Shot], policy: str) -> Array:
    """Old points per new one, each axis of each shot."""
    found: list[float] = []
    for taken in shots:
        axes = POLICIES[policy]((taken.file.height, taken.file.width), taken.size)
        found += [axis.length / axis.resized for axis in axes]
    return np.array(found)
