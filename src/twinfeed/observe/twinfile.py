"""The ``.twin`` file: a zip of one JSON text and plain ``.npy`` arrays, each with its checksum.

Nothing in it can name code, and reading it needs no framework. A file is written whole
beside its final name and then renamed, so it is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec
import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.plan import Plan
from twinfeed._core.spec import FeedSpec
from twinfeed._core.trace import (
    Epoch,
    Fit,
    Kept,
    LeafStats,
    Role,
    Rows,
    Small,
    Ticks,
    Trace,
)
from twinfeed._core.whole_file import whole_file
from twinfeed.errors import TwinFileError
from twinfeed.observe._columns import UNFIT, Columns, Shapes, below, cut

FORMAT = "twinfeed trace 1"
_MANIFEST = "manifest.json"
_TEXT = "trace.json"
_MAX_MEMBER_BYTES = 4 << 30  # a member that unpacks to more is refused before it is unpacked
_MAX_FILE_BYTES = 8 << 30  # all members together
_MAX_TEXT_BYTES = 256 << 20
_SAMPLED_BYTES = 1 << 20  # of the middle of a member, packed to see whether it is worth it
_PACKED = 0.6  # of its bytes left at most, for a member to be packed
_PARTS = "kept", "small", "plain_small"
_Written: TypeAlias = tuple[tuple[Array, ...], Array]
_T = TypeVar("_T")


_Odd: TypeAlias = Literal["NaN", "Infinity", "-Infinity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A trace without its arrays."""

    name: str
    role: Role
    spec: FeedSpec
    plan: Plan | None
    batches: int | None
    examples: int | None
    infinite: bool
    epochs: tuple[Epoch, ...]
    stats: tuple[LeafStats, ...]
    fit: Fit | None
    plain_s_per_example: float | None
    complete: bool
    notes: tuple[str, ...]
    environment: Mapping[str, str]
    kept_shapes: Shapes  # of those written, each once
    plain_shapes: Shapes
    # A loss of NaN is what some people come for, and JSON has no word for it.
    odd_metrics: Mapping[str, tuple[float | _Odd, ...]] = field(
        default_factory=dict[str, tuple[float | _Odd, ...]]
    )
    # Of those written, each once; older files have none.
    small_shapes: Shapes = ()
    plain_small_shapes: Shapes = ()


_BESIDE = frozenset(
    {"kept_shapes", "plain_shapes", "small_shapes", "plain_small_shapes", "odd_metrics"}
)
"""What stands in the text and is no part of a trace."""


def save(traces: Trace | Sequence[Trace], path: str | os.PathLike[str]) -> None:
    """Write traces to a file, whole or not at all.

    Raises:
        TwinFileError: If something that is no trace stands at ``path``, or its folder is missing.
    """
    target = check_target(path)
    several = (traces,) if isinstance(traces, Trace) else tuple(traces)
    members: dict[str, bytes] = {}
    texts: list[_Text] = []
    for index, trace in enumerate(several):
        written = {name: _once_each(trace, getattr(trace, name)) for name in _PARTS}
        texts.append(_text(trace, written))
        for name, array in _arrays(trace, written).items():
            members[f"{index}/{name}.npy"] = _npy(array)
    members[_TEXT] = msgspec.json.encode(texts)
    sums = {
        name: hashlib.blake2b(data, digest_size=16).hexdigest() for name, data in members.items()
    }
    manifest = msgspec.json.encode({"format": FORMAT, "blake2b": sums})
    with (
        whole_file(target) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        archive.writestr(_MANIFEST, manifest)
        for name, data in members.items():
            archive.writestr(
                name, data, zipfile.ZIP_DEFLATED if _packs(data) else zipfile.ZIP_STORED
            )


def load(path: str | os.PathLike[str]) -> tuple[Trace, ...]:
    """Read the traces of a file.

    Raises:
        TwinFileError: If the file is missing, foreign, damaged or of another major version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            manifest = _decode(path, _member(path, archive, _MANIFEST, sizes), dict[str, Any])
            if manifest.get("format") != FORMAT:
                raise TwinFileError(
                    path, f"its format is {manifest.get('format')!r}, not {FORMAT!r}"
                )
            if sum(sizes.values()) > _MAX_FILE_BYTES:
                raise TwinFileError(path, f"it would unpack to {sum(sizes.values()):,} bytes")
            sums = manifest.get("blake2b")
            if not isinstance(sums, dict):
                raise TwinFileError(path, "its list of checksums is missing")
            members: dict[str, bytes] = {}
            for name, expected in sums.items():  # pyright: ignore[reportUnknownVariableType]
                data = _member(path, archive, str(name), sizes)  # pyright: ignore[reportUnknownArgumentType]
                if hashlib.blake2b(data, digest_size=16).hexdigest() != expected:
                    raise TwinFileError(path, f"the checksum of {name} does not match")
                members[str(name)] = data  # pyright: ignore[reportUnknownArgumentType]
    except FileNotFoundError:
        raise TwinFileError(path, "there is no such file") from None
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise TwinFileError(path, f"it is not a trace, or it is damaged ({error})") from None
    except ValueError as error:
        if isinstance(error, TwinFileError):
            raise
        raise TwinFileError(path, f"it is damaged ({error})") from None
    texts = _decode(path, members.get(_TEXT, b""), tuple[_Text, ...])
    return tuple(_trace(path, text, members, f"{index}/") for index, text in enumerate(texts))


def _packs(data: bytes) -> bool:
    """Whether packing makes a member much smaller: photos hardly shrink, and unpacking takes long."""
    if len(data) < _SAMPLED_BYTES:
        return True
    middle = (len(data) - _SAMPLED_BYTES) // 2
    sample = data[middle : middle + _SAMPLED_BYTES]
    return len(zlib.compress(sample, 1)) < _PACKED * len(sample)


def is_twin(path: str | os.PathLike[str]) -> bool:
    """Whether a file starts like a trace; reads its first bytes only."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()[:1] == [_MANIFEST]
    except (OSError, zipfile.BadZipFile):
        return False


def check_target(path: str | os.PathLike[str]) -> Path:
    """The path to write to, if nothing of the user's would be lost there.

    Raises:
        TwinFileError: If its folder is missing or something that is no trace stands there.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise TwinFileError(
            path,
            f"the folder {target.parent} does not exist",
            expected="a new file, or a trace written before",
            hint="name a file in a folder that exists",
        )
    if target.exists() and not is_twin(target):
        raise TwinFileError(
            path,
            "something that is no trace stands there, and it is not replaced",
            expected="a new file, or a trace written before",
            hint="remove it first if you do not need it",
        )
    return target


def _member(path: object, archive: zipfile.ZipFile, name: str, sizes: Mapping[str, int]) -> bytes:
    if name not in sizes:
        raise TwinFileError(path, f"it has no {name}")
    if sizes[name] > (_MAX_TEXT_BYTES if name.endswith(".json") else _MAX_MEMBER_BYTES):
        raise TwinFileError(path, f"{name} would unpack to {sizes[name]:,} bytes")
    try:
        return archive.read(name)
    except Exception as error:  # noqa: BLE001 - zlib and zipfile raise many types on damage
        raise TwinFileError(path, f"{name} cannot be unpacked ({error})") from None


def _decode(path: object, data: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TwinFileError(path, f"its text cannot be read ({error})") from None


def _once_each(trace: Trace, part: Kept | Small) -> _Written:
    """Examples that were kept, without repeats, and which of them each one is.

    A feed without augmentation gives the same examples in every epoch.
    """
    known: dict[int, int] = {}
    written: list[Array] = []
    same: list[int] = []
    keys: list[int] = trace.rows.content[part.row].tolist()
    for key, value in zip(keys, part.values, strict=True):
        at = known.get(key)
        if at is None or not _alike(written[at], value):
            at = known[key] = len(written)
            written.append(value)
        same.append(at)
    return tuple(written), np.array(same, np.int64)


def _alike(one: Array, other: Array) -> bool:
    if one is other:
        return True
    flat = one.dtype == other.dtype and one.shape == other.shape
    return flat and one.tobytes() == other.tobytes()


def _text(trace: Trace, written: Mapping[str, _Written]) -> _Text:
    own = {one.name for one in fields(_Text)} - _BESIDE
    text = _Text(
        **{
            f"{name}_shapes": tuple(value.shape for value in values)
            for name, (values, _) in written.items()
        },
        plain_shapes=tuple(value.shape for value in trace.plain),
        **{name: getattr(trace, name) for name in own},
    )
    if text.fit is None:
        return text
    metrics = text.fit.metrics
    odd = {name: values for name, values in metrics.items() if not all(map(math.isfinite, values))}
    plain = {name: values for name, values in metrics.items() if name not in odd}
    return replace(
        text,
        fit=replace(text.fit, metrics=plain),
        odd_metrics={name: tuple(map(_worded, values)) for name, values in odd.items()},
    )


def _worded(value: float) -> float | _Odd:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _fit(text: _Text) -> Fit | None:
    if text.fit is None or not text.odd_metrics:
        return text.fit
    odd = {name: tuple(map(float, values)) for name, values in text.odd_metrics.items()}
    return replace(text.fit, metrics={**text.fit.metrics, **odd})


def _arrays(trace: Trace, written: Mapping[str, _Written]) -> dict[str, Array]:
    found: dict[str, Array] = {
        "kept.row": trace.kept.row,
        "plain.values": _flat(trace.plain),
        "plain.id": trace.plain_id,
    }
    for name, copies in (("small", trace.small), ("plain_small", trace.plain_small)):
        if len(copies.row):
            found |= {f"{name}.row": copies.row, f"{name}.span": copies.span}
    for name, (values, same) in written.items():
        if f"{name}.row" in found:
            found[f"{name}.values"] = _flat(values)
        if len(values) < len(same):
            found[f"{name}.same"] = same
    for part in (trace.ticks, trace.rows):
        kind = type(part).__name__.lower()
        found |= {f"{kind}.{one.name}": getattr(part, one.name) for one in fields(part)}
    return found


def _flat(values: tuple[Array, ...]) -> Array:
    return np.concatenate([value.ravel() for value in values]) if values else np.zeros(0, np.uint8)


def _npy(array: Array) -> bytes:
    buffer = io.BytesIO()
    # bfloat16 and its like have no .npy form of their own; float32 holds them exactly.
    plain = array.astype(np.float32) if array.dtype.kind == "V" else array
    np.lib.format.write_array(buffer, np.ascontiguousarray(plain), allow_pickle=False)
    return buffer.getvalue()


def _trace(path: object, text: _Text, members: Mapping[str, bytes], prefix: str) -> Trace:
    columns = Columns(path, members, prefix)
    rows = columns.rows()
    ticks = Ticks(**{one.name: columns.array(f"ticks.{one.name}") for one in fields(Ticks)})
    plain_id = columns.array("plain.id")
    lengths = {len(getattr(rows, one.name)) for one in fields(Rows)}
    batches = {len(getattr(ticks, one.name)) for one in fields(Ticks)}
    fits = (
        len(lengths) == len(batches) == 1
        and len(plain_id) == len(text.plain_shapes)
        and below(rows.epoch, len(text.epochs))
        and below(ticks.epoch, len(text.epochs))
        and (not len(ticks.size) or (ticks.size.min() >= 0 and ticks.size.max() > 0))
    )
    if not fits:
        raise TwinFileError(path, UNFIT)
    own = {one.name for one in fields(_Text)} - _BESIDE - {"fit"}
    kept_row, kept_values = columns.examples("kept", text.kept_shapes, len(rows))
    return Trace(
        rows=rows,
        ticks=ticks,
        kept=Kept(row=kept_row, values=kept_values),
        small=columns.copies("small", text.small_shapes, len(rows)),
        plain=cut(path, columns.array("plain.values"), text.plain_shapes),
        plain_small=columns.copies("plain_small", text.plain_small_shapes, len(rows)),
        plain_id=plain_id,
        fit=_fit(text),
        **{name: getattr(text, name) for name in own},
    )
