"""From a faulty dataset to a corrected one, with the proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, overload

from twinfeed._core.finding import Finding, Safety
from twinfeed._core.plan import Setting
from twinfeed._core.results import LintReport, Report
from twinfeed._core.trace import Trace
from twinfeed.errors import UsageError
from twinfeed.graph.change import Limits, Refusal
from twinfeed.graph.editing import open_chain
from twinfeed.graph.recipe import Recipe, cut
from twinfeed.graph.rewrites import REWRITES, rewrite
from twinfeed.graph.written import code
from twinfeed.intervene._fixed import Applied, Fixed, Refused
from twinfeed.intervene.prove import changes, changes_between, difference, is_equal, look
from twinfeed.lint._catalogue import CATALOGUE
from twinfeed.lint._machine import memory_bytes
from twinfeed.lint._subject import Role
from twinfeed.lint._verb import lint

if TYPE_CHECKING:
    from twinfeed.graph._bindings._chain import Chain

_PROVED_EXAMPLES = 256
_STRICTER = {Safety.SAFE: 0, Safety.SHOW: 0, Safety.UNSAFE: 1}
_MEMORY_SHARE = 4
"""A buffer or a cache that a fix makes may take this part of the machine's memory: a quarter."""


@overload
def fix(
    dataset: Any, /, *, report: Literal[True], unsafe: bool = ..., select: str | Iterable[str] | None = ..., ignore: str | Iterable[str] | None = ..., role: Role | None = ..., fit: Mapping[str, Setting] | None = ..., progress: Callable[[str], None] | None = ...,
) -> Fixed: ...  # fmt: skip
@overload
def fix(
    dataset: Any, /, *, report: Literal[False] = ..., unsafe: bool = ..., select: str | Iterable[str] | None = ..., ignore: str | Iterable[str] | None = ..., role: Role | None = ..., fit: Mapping[str, Setting] | None = ..., progress: Callable[[str], None] | None = ...,
) -> Any: ...  # fmt: skip
def fix(
    dataset: Any,
    /,
    *,
    unsafe: bool = False,
    select: str | Iterable[str] | None = None,
    ignore: str | Iterable[str] | None = None,
    role: Role | None = "training",
    fit: Mapping[str, Setting] | None = None,
    report: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Any:
    """A corrected ``tf.data.Dataset``: what ``twinfeed.lint`` finds in it is taken away.

    The dataset you give stays as it is, its caches, shuffles and random state included. The
    corrected one is observed: a fix stays only if its finding is gone, and a safe one only if
    nothing else changed.

    Args:
        dataset: A ``tf.data.Dataset``.
        unsafe: Also apply fixes that change order or randomness, as most faults of shuffles and
            caches need.
        select: Look for these rules only: codes, families (``"ORD"``) or names.
        ignore: Do not look for these.
        role: What it is for: ``"training"``, ``"evaluation"``, ``"predict"``, or ``None`` for not
            known, which silences the rules that depend on it.
        fit: The arguments of the Keras call, e.g. ``{"epochs": 5}``.
        report: Return a ``Fixed``, which holds the dataset, what was done and what was refused.
        progress: Called with what is being done.

    Returns:
        The corrected dataset, or a ``Fixed`` with ``report=True``. Where nothing can be fixed,
        the dataset is your own.

    Raises:
        UsageError: If it is no ``tf.data.Dataset``, or a code means nothing.
    """
    chain = open_chain(dataset)
    if isinstance(chain, str) and not _is_dataset(dataset):
        raise UsageError(
            f"a {_kind(dataset)} to correct",
            "a tf.data.Dataset, whose graph can be rewritten",
            "twinfeed.lint finds the faults of any feed, and each says which argument to change",
        )
    say = progress or _silent

    def found(feed: Any) -> LintReport:
        return lint(feed, select=select, ignore=ignore, role=role, fit=fit)

    say("looking for faults")
    before = found(dataset)
    if isinstance(chain, str):
        refused = tuple(Refused(one, chain) for one in before.findings)
        done = Fixed(
            dataset=dataset,
            applied=(),
            refused=refused,
            before=before,
            after=before,
            difference=None,
            code="",
        )
    else:
        done = _Work(chain, before, found, say, unsafe=unsafe).run()
    return done if report else done.dataset


def _kind(given: object) -> str:
    return f"{type(given).__module__}.{type(given).__qualname__}"


def _silent(_what: str) -> None:
    """Progress that nobody watches."""


def _is_dataset(dataset: object) -> bool:
    return any(
        kind.__name__ == "DatasetV2" and kind.__module__.startswith("tensorflow.")
        for kind in type(dataset).__mro__
    )


@dataclass(slots=True)
class _Work:
    """The rewrites of one dataset, from the findings to the proof."""

    chain: Chain
    before: LintReport
    found: Callable[[Any], LintReport]
    say: Callable[[str], None]
    unsafe: bool

    def run(self) -> Fixed:
        wanted, refused = self._wanted()
        self.say("rewriting")
        recipe, applied, more = self._apply(wanted)
        refused += more
        after, proof, dataset = self.before, None, self.chain.dataset
        if applied:
            dataset = self.chain.build(recipe)
            self.say("looking again")
            after = self.found(dataset)
            left = {one.code for one in after.findings}
            still = [one for one in applied if one.finding.code in left]
            if still:
                refused += [Refused(one.finding, "it is still there afterwards") for one in still]
                kept = [one for one in applied if one not in still]
                recipe, applied, _ = self._apply([(one.finding, one.rewrite) for one in kept])
        if applied:
            applied, lost, proof = self._proved(applied)
            refused += lost
            recipe, applied, _ = self._apply([(one.finding, one.rewrite) for one in applied])
            dataset = self.chain.build(recipe) if applied else self.chain.dataset
            after = self.found(dataset) if applied else self.before
        return Fixed(
            dataset=dataset,
            applied=tuple(applied),
            refused=tuple(refused),
            before=self.before,
            after=after,
            difference=proof,
            code=code(recipe),
        )

    def _wanted(self) -> tuple[list[tuple[Finding, str]], list[Refused]]:
        """Findings with the id of their rewrite, in the order in which rewrites fit each other."""
        order = list(REWRITES)
        wanted: list[tuple[Finding, str]] = []
        refused: list[Refused] = []
        for finding in self.before.findings:
            name = finding.fix.rewrite if finding.fix else CATALOGUE[finding.code].rewrite
            if name in REWRITES:
                wanted.append((finding, name))
            else:
                refused.append(Refused(finding, "it needs a change of your code"))
        return sorted(wanted, key=lambda one: order.index(one[1])), refused

    def _apply(
        self, wanted: list[tuple[Finding, str]]
    ) -> tuple[Recipe, list[Applied], list[Refused]]:
        recipe = self.chain.recipe
        limits = Limits(memory_bytes=memory_bytes() // _MEMORY_SHARE)
        applied: dict[str, Applied] = {}
        done: list[Applied] = []
        refused: list[Refused] = []
        for finding, name in wanted:
            if name in applied:  # one rewrite may take several findings away
                done.append(replace(applied[name], finding=finding))
                continue
            answer = rewrite(name, recipe, limits)
            if isinstance(answer, Refusal):
                refused.append(Refused(finding, answer.why))
                continue
            stated = finding.fix.safety if finding.fix else answer.safety
            safety = max(answer.safety, stated, key=_STRICTER.__getitem__)
            if safety is Safety.UNSAFE and not self.unsafe:
                why = f"it changes order or randomness ({answer.said}): unsafe=True applies it"
                refused.append(Refused(finding, why))
                continue
            if why := self._misfit(answer.recipe, safety):
                refused.append(Refused(finding, why))
                continue
            recipe = answer.recipe
            applied[name] = Applied(finding, name, safety, answer.said)
            done.append(applied[name])
        return recipe, done, refused

    def _misfit(self, recipe: Recipe, safety: Safety) -> str:
        """Why a recipe cannot be built; empty where it can."""
        try:
            made = self.chain.build(recipe)
        except (TypeError, ValueError) as error:
            return f"the steps do not fit each other: {error}"
        own = self.chain.dataset
        if made.element_spec != own.element_spec:
            return f"elements would be {made.element_spec} and not {own.element_spec}"
        if safety is Safety.SAFE and int(made.cardinality()) != int(own.cardinality()):
            return f"an epoch would have {int(made.cardinality())} elements"
        return ""

    def _proved(self, applied: list[Applied]) -> tuple[list[Applied], list[Refused], Report]:
        """The rewrites that keep what they promise, those that do not, and the comparison."""
        self.say("comparing with the original")
        safe = [one for one in applied if one.safety is Safety.SAFE]
        lost: list[Refused] = []
        # On the first examples of the source: all of them meet all of the others.
        original = self._seen(self.chain.recipe, count=_PROVED_EXAMPLES)
        proof = self._compared(original, safe, count=_PROVED_EXAMPLES)
        if not is_equal(*proof) and changes(difference(*proof)):
            safe, lost = self._one_by_one(original, safe)
            applied = [one for one in applied if one.safety is not Safety.SAFE or one in safe]
            proof = self._compared(original, safe, count=_PROVED_EXAMPLES)
        if any(one.safety is Safety.UNSAFE for one in applied):
            proof = self._compared(self._seen(self.chain.recipe), applied)
        return applied, lost, difference(*proof)

    def _one_by_one(
        self, original: Trace, safe: list[Applied]
    ) -> tuple[list[Applied], list[Refused]]:
        kept: list[Applied] = []
        lost: list[Refused] = []
        for one in safe:
            seen = changes_between(*self._compared(original, [one], count=_PROVED_EXAMPLES))
            if seen:
                lost.append(Refused(one.finding, f"more than it changed with it: {seen[0]}"))
            else:
                kept.append(one)
        return kept, lost

    def _compared(
        self, original: Trace, applied: list[Applied], *, count: int | None = None
    ) -> tuple[Trace, Trace]:
        recipe, *_ = self._apply([(one.finding, one.rewrite) for one in applied])
        return original, self._seen(recipe, count=count)

    def _seen(self, recipe: Recipe, *, count: int | None = None) -> Trace:
        short = recipe if count is None else cut(recipe, self.chain.recipe, count)
        name = "original" if recipe is self.chain.recipe else "fixed"
        return look(self.chain.build(short), name=name)
