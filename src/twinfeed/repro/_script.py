"""Writing the script: comments that say what it shows, the data, and the lines that print it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Finding
from twinfeed._core.trace import Trace
from twinfeed._core.version import __version__
from twinfeed._core.whole_file import whole_file
from twinfeed.diff import Twins, main_trace
from twinfeed.report import replace_file
from twinfeed.report.clean import one_line
from twinfeed.repro._scene import Scene
from twinfeed.repro._scenes import scene

HEADER = "# twinfeed repro"
"""How every script begins, so that none of the user's is written over."""
_WIDTH = 98
_LITERAL = 96
"""Numbers that a script may hold in its text; more are kept in an .npz file beside it."""


def write_script(
    left: Sequence[Trace], right: Sequence[Trace], finding: Finding, target: Path
) -> tuple[Path, ...]:
    """Write a script that shows a finding with numpy alone.

    Args:
        left: The traces of A.
        right: The traces of B.
        finding: What was found between them.
        target: The script's path; what it needs beside itself has the same name and ``.npz``.

    Returns:
        What was written.

    Raises:
        UsageError: If it cannot be written.
    """
    twins = Twins(main_trace(left), main_trace(right))
    shown = scene(twins, finding)
    beside = target.with_suffix(".npz")
    inside = sum(array.size for array in shown.data.values()) <= _LITERAL
    text = _text(twins, finding, shown, None if inside else beside.name)
    if not inside:
        replace_data(beside, shown.data)
    replace_file(target, text, given=f"a script was to be written as {target}")
    return (target,) if inside else (target, beside)


def is_script(path: Path) -> bool:
    """Whether a file was written here."""
    with path.open("rb") as file:
        return file.read(len(HEADER)) == HEADER.encode()


def _text(twins: Twins, finding: Finding, shown: Scene, beside: str | None) -> str:
    told = [
        f"{HEADER} (version {__version__}): {finding.code} {finding.name}",
        "#",
        *_comment(finding.sentence),
        *_comment(f"A: {twins.left.name}. B: {twins.right.name}."),
        *_comment(shown.says),
    ]
    lines = ["import numpy as np", ""]
    uses_data = "data" in shown.lines
    if beside is None:
        pieces = {name: _literal(array) for name, array in shown.data.items()}
        if uses_data:
            lines += ["data = {", *(f"    {name!r}: {code}," for name, code in pieces.items()), "}"]
        else:
            lines += [f"{name} = {code}" for name, code in pieces.items()]
    else:
        lines.insert(0, "from pathlib import Path\n")
        lines.append(f"data = dict(np.load(Path(__file__).with_name({beside!a})))")
        if not uses_data:
            names = ", ".join(shown.data)
            lines.append(f"{names} = (data[name] for name in {tuple(shown.data)!r})")
    return "\n".join([*told, *lines, "", shown.lines])


def _comment(text: str) -> list[str]:
    """Text that others wrote, as comments: on one line after another and never as code."""
    return [f"# {line}" for line in wrap(one_line(text), _WIDTH, break_on_hyphens=False)]


def _literal(array: Array) -> str:
    """An array as Python writes it; ``ascii`` keeps text from being anything but text."""
    if array.dtype.kind in "US":
        return f"np.array({array.tolist()!a})"
    listed = np.array2string(
        array, separator=", ", threshold=_LITERAL + 1, max_line_width=_WIDTH, floatmode="unique"
    )
    plain = listed.replace("nan", "np.nan").replace("inf", "np.inf")
    return f"np.array({plain}, {array.dtype.name!r})"


def replace_data(target: Path, data: Mapping[str, Array]) -> None:
    """Write the arrays that a script needs beside itself, whole or not at all."""
    packed = io.BytesIO()
    np.savez_compressed(packed, **data)  # pyright: ignore[reportArgumentType]
    with whole_file(target) as file:
        file.write(packed.getbuffer())
