"""One example as both feeds give it."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Finding
from twinfeed.diff import Twins
from twinfeed.repro._scene import Scene

_CANDIDATES = 64
_LINES = """\
for name, x in (("A", a), ("B", b)):
    print(f"{name}: {x.dtype} {x.shape}, from {x.min():.6g} to {x.max():.6g}, mean {x.mean():.6g}")
if a.shape == b.shape:
    apart = np.abs(a.astype(float) - b.astype(float))
    at = np.unravel_index(apart.argmax(), apart.shape)
    print(f"{(apart > 0).mean():.1%} of the values differ, by {apart.mean():.6g} on average")
    print(f"most at {tuple(map(int, at))}: A {a[at]}, B {b[at]}")
else:
    print("the shapes differ")
"""

_CHANNELS = """\
for how, x in (("reversed", b[..., ::-1]), ("reversed and mirrored", b[:, ::-1, ::-1])):
    print(f"B's channels {how}: {np.abs(a.astype(float) - x).mean():.6g} on average")
"""


def pictures(twins: Twins, finding: Finding) -> Scene | None:
    """A paired example whose values are far apart."""
    places: list[tuple[int, int]] = list(zip(*(i.tolist() for i in twins.kept_pairs), strict=True))
    pairs = [
        (twins.left.kept.values[a], twins.right.kept.values[b]) for a, b in places[:_CANDIDATES]
    ]
    pairs = [pair for pair in pairs if pair[0].size and pair[1].size]
    if not pairs:
        return None
    pairs.sort(key=lambda pair: _apart(*pair))
    # Among those paired by likeness, the furthest apart may be two strangers.
    exact = twins.pairs.method in {"id", "content"}
    left, right = pairs[-1 if exact else (3 * len(pairs)) // 4]
    lines = _LINES + _explained(finding, left, right)
    return Scene("The same example as A and as B give it.", {"a": left, "b": right}, lines)


def _explained(finding: Finding, left: Array, right: Array) -> str:
    """A line that takes the named difference away, where that is one line."""
    if left.shape != right.shape or left.ndim != 3:
        return ""
    if finding.code == "GEO202" and left.shape[-1] == 3:
        return _CHANNELS
    given = [finding.evidence.get(f"{what}_{c}") for what in ("factor", "offset") for c in range(3)]
    known = [value for value in given if isinstance(value, float)]
    if len(known) != 6 or left.shape[-1] != 3:
        return ""
    factor, offset = ([float(f"{value:.9g}") for value in half] for half in (known[:3], known[3:]))
    made = f"(a * {factor} + {offset})"
    return (
        f'print(f"A times {factor} plus {offset}: {{np.abs(b - {made}).mean():.6g}} on average")\n'
    )


def _apart(left: Array, right: Array) -> float:
    if left.shape != right.shape or left.dtype.kind not in "biuf" or right.dtype.kind not in "biuf":
        return 0.0
    apart = np.abs(left.astype(np.float64) - right.astype(np.float64))
    return float(np.nan_to_num(apart, nan=0.0, posinf=0.0).max(initial=0.0))
