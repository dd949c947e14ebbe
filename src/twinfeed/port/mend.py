"""From a finding to the change of the user's code that takes it away."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twinfeed._core.finding import Finding, Safety
from twinfeed._core.plan import Place, Plan, Step
from twinfeed._core.results import LintReport
from twinfeed.port.chains import (
    Append,
    Drop,
    Edit,
    Move,
    OverlapError,
    RefusalError,
    SetArgument,
    Source,
)
from twinfeed.port.outcome import Ported

_BATCHES = frozenset({"batch", "padded_batch", "ragged_batch"})


@dataclass(frozen=True, slots=True)
class Mended:
    """What can be changed for a report; the files themselves are as they were.

    Attributes:
        files: The changed files.
        done: The findings that they take away.
        refused: Findings whose change is not made, each with the reason.
    """

    files: tuple[Ported, ...]
    done: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...]

    @property
    def is_safe(self) -> bool:
        """Whether nothing but what is wrong may change."""
        return all(one.fix is not None and one.fix.safety is Safety.SAFE for one in self.done)


def mend(report: LintReport, *, unsafe: bool = False) -> Mended:
    """Change the code for every finding whose change is understood.

    Args:
        report: What was found, with places.
        unsafe: Also make changes that give other examples, another order or other values.
    """
    texts: dict[str, tuple[Source, bytes, str]] = {}
    edits: dict[str, list[Edit]] = {}
    done: list[Finding] = []
    refused: list[tuple[Finding, str]] = []
    for finding in report.findings:
        fix = finding.fix
        if fix is None or not fix.rewrite or fix.safety is Safety.SHOW:
            continue
        if fix.safety is Safety.UNSAFE and not unsafe:
            refused.append((finding, "it changes the feed: --unsafe-fixes makes it"))
            continue
        try:
            file, wanted = _edits(report, finding, texts)
            source = texts[file][0]
            source.edited([*edits.get(file, []), *wanted])
        except OverlapError:
            continue  # found again once the other change is made
        except RefusalError as why:
            refused.append((finding, str(why)))
            continue
        edits.setdefault(file, []).extend(wanted)
        done.append(finding)
    files = tuple(
        Ported(
            path=Path(file),
            before=texts[file][1],
            after=_encoded(texts[file][0].edited(wanted), *texts[file][1:]),
        )
        for file, wanted in edits.items()
    )
    return Mended(files, tuple(done), tuple(refused))


def _edits(
    report: LintReport, finding: Finding, texts: dict[str, tuple[Source, bytes, str]]
) -> tuple[str, list[Edit]]:
    at, fix = finding.at, finding.fix
    assert fix is not None
    plan = report.feeds[at.feed].plan if at else None
    if at is None or plan is None or at.file is None:
        raise RefusalError("where it is written is not known")
    make = _EDITS.get(fix.rewrite)
    if make is None:
        raise RefusalError("this change needs your own code")
    step = plan.steps[at.step] if at.step is not None else None
    aim = _Aim(finding, plan, step, lambda file: _source(file, texts).tensorflow)
    edits = make(aim)
    files = {edit.at.file for edit in edits} | {e.to.file for e in edits if isinstance(e, Move)}
    if len(files) != 1:
        raise RefusalError("the two steps are written in different files")
    (file,) = files
    _source(file, texts)
    return file, edits


@dataclass(frozen=True, slots=True)
class _Aim:
    """A finding with what its change needs to know."""

    finding: Finding
    plan: Plan
    step: Step | None
    tensorflow: Callable[[str], str]

    def placed(self, step: Step | None) -> tuple[Place, str]:
        """Where a step is written, and the method that makes it."""
        if step is None or step.place is None:
            raise RefusalError("where the step is written is not known")
        if not step.place.end_line:
            raise RefusalError("only the line of the step is known, not the call")
        return step.place, verb(step)

    def moved(self, step: Step | None, to: Step | None, *, behind: bool = False) -> list[Edit]:
        """Move the call of a step to that of another."""
        at, name = self.placed(step)
        target, other = self.placed(to)
        return [Move(at, name, target, other, behind)]

    def auto(self, place: Place) -> str:
        """TensorFlow's constant for a number that it chooses, as this file can name it."""
        return f"{self.tensorflow(place.file)}.AUTOTUNE"


def verb(step: Step) -> str:
    """The method that makes a step: ``shuffle``."""
    return step.where.partition(",")[0]


def _set(name: str, code: Callable[[_Aim, Place], str]) -> Callable[[_Aim], list[Edit]]:
    def make(aim: _Aim) -> list[Edit]:
        place, method = aim.placed(aim.step)
        return [SetArgument(place, method, name, code(aim, place))]

    return make


def _buffer(aim: _Aim, _place: Place) -> str:
    assert aim.finding.fix is not None
    wanted = aim.finding.fix.arguments.get("buffer_size")
    if not isinstance(wanted, int) or wanted < 1:
        raise RefusalError("how many examples reach the shuffle is not known")
    return str(wanted)


def _prefetch(aim: _Aim) -> list[Edit]:
    last = next((s for s in reversed(aim.plan.steps) if s.name != "Options"), None)
    place, method = aim.placed(last)
    return [Append(place, method, f"prefetch({aim.auto(place)})")]


def _deterministic(aim: _Aim) -> list[Edit]:
    edits: list[Edit] = []
    for step in aim.plan.steps:
        if str(step.settings.get("deterministic")).lower() == "false" and step.name != "Options":
            place, method = aim.placed(step)
            edits.append(SetArgument(place, method, "deterministic", "True"))
    if not edits:
        raise RefusalError("the order is given up in the options, not in a step")
    return edits


def _cache_before_what_varies(aim: _Aim) -> list[Edit]:
    assert aim.step is not None
    first = next((step for step in aim.plan.before(aim.step) if _varies(step)), None)
    if first is None or first is aim.plan.steps[0]:
        raise RefusalError("the source itself draws, so every cache behind it freezes it")
    return aim.moved(aim.step, first)


def _varies(step: Step) -> bool:
    kept = step.settings.get("reshuffle_each_iteration") is False
    return step.random or (step.kind == "shuffle" and not kept)


def _cache_whole(aim: _Aim) -> list[Edit]:
    assert aim.step is not None
    repeat = next((s for s in aim.plan.before(aim.step) if s.kind == "repeat"), None)
    if repeat is not None:
        return aim.moved(aim.step, repeat)
    part = next((s for s in aim.plan.after(aim.step) if s.kind == "take"), None)
    return aim.moved(aim.step, part, behind=True)


def _shuffle_before(*kinds: str) -> Callable[[_Aim], list[Edit]]:
    def make(aim: _Aim) -> list[Edit]:
        shuffle = aim.step
        if shuffle is None or shuffle.kind != "shuffle":
            shuffle = next(aim.plan.of_kind("shuffle"), None)
        if shuffle is None:
            raise RefusalError("there is no shuffle to move")
        first = next((s for s in aim.plan.before(shuffle) if verb(s) in kinds), None)
        at, name = aim.placed(shuffle)
        to, other = aim.placed(first)
        size = first.integer("batch_size") if first and verb(first) in _BATCHES else None
        held = shuffle.integer("buffer_size")
        change = None
        if size is not None and held is not None and held > 0:
            # A buffer of batches becomes one of as many examples.
            change = SetArgument(at, name, "buffer_size", str(held * size))
        return [Move(at, name, to, other, change=change)]

    return make


def _shuffle_before_work(aim: _Aim) -> list[Edit]:
    assert aim.step is not None
    crossed: Step | None = None
    for step in reversed(aim.plan.before(aim.step)):
        if verb(step) not in {"map", "prefetch"}:
            break
        crossed = step
    return aim.moved(aim.step, crossed)


def _shard_first(aim: _Aim) -> list[Edit]:
    shard = next(aim.plan.of_kind("shard"), None)
    if shard is None:
        raise RefusalError("there is no shard to move")
    shuffle = next((s for s in aim.plan.before(shard) if s.kind == "shuffle"), None)
    return aim.moved(shard, shuffle)


def _drop(aim: _Aim) -> list[Edit]:
    return [Drop(*aim.placed(aim.step))]


_EDITS: Mapping[str, Callable[[_Aim], list[Edit]]] = {
    "set-shuffle-buffer": _set("buffer_size", _buffer),
    "reshuffle-each-iteration": _set("reshuffle_each_iteration", lambda _aim, _place: "True"),
    "parallel-map": _set("num_parallel_calls", lambda aim, place: aim.auto(place)),
    "add-prefetch": _prefetch,
    "deterministic": _deterministic,
    "cache-before-random-map": _cache_before_what_varies,
    "cache-before-shuffle": _cache_before_what_varies,
    "move-cache": _cache_whole,
    "shuffle-before-batch": _shuffle_before(*_BATCHES),
    "shuffle-before-repeat": _shuffle_before("repeat"),
    "shuffle-before-take": _shuffle_before("take", "skip"),
    "shuffle-before-map": _shuffle_before_work,
    "shard-first": _shard_first,
    "drop-repeat": _drop,
}
"""How each rewrite of a graph is made in the text that builds it."""


def _source(file: str, texts: dict[str, tuple[Source, bytes, str]]) -> Source:
    if file not in texts:
        try:
            before = Path(file).read_bytes()
            encoding = tokenize.detect_encoding(io.BytesIO(before).readline)[0]
            text = before.decode(encoding)
        except (OSError, SyntaxError, UnicodeDecodeError) as error:
            raise RefusalError(f"{file} cannot be read ({error})") from None
        if "\r" in text.replace("\r\n", ""):
            raise RefusalError(f"{file} ends its lines in another way than Python's tools do")
        if 0 < text.count("\r\n") < text.count("\n"):
            raise RefusalError(f"{file} ends its lines in two ways")
        texts[file] = (Source(text.replace("\r\n", "\n")), before, encoding)
    return texts[file][0]


def _encoded(text: str, before: bytes, encoding: str) -> bytes:
    """The text as the file had it: its encoding, its mark, its line ends."""
    ends = "\r\n" if b"\r\n" in before else "\n"
    return text.replace("\n", ends).encode(encoding)


def mended_lines(mended: Mended) -> Sequence[str]:
    """What was done and what was not, a line each."""
    lines = [
        f"{one.at.file}:{one.at.line}: {one.code} {one.name}: {one.fix.title.lower()}"
        for one in mended.done
        if one.at is not None and one.fix is not None
    ]
    for one, why in mended.refused:
        place = f"{one.at.file}:{one.at.line}" if one.at and one.at.file else "?"
        lines.append(f"{place}: {one.code} {one.name}: not changed: {why}")
    return lines
