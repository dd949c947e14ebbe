"""Calls of the ``fit_generator`` era as Keras 3 knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from inspect import signature

import libcst as cst

from twinfeed.images import ImageDataGenerator
from twinfeed.port._bindings._module import Module
from twinfeed.port.outcome import Remark

_FIT = (
    "generator", "steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data",
    "validation_steps",
)  # fmt: skip
_REST = ("generator", "steps", "callbacks")
OLD = {
    "fit_generator": ("fit", _FIT),
    "evaluate_generator": ("evaluate", _REST),
    "predict_generator": ("predict", _REST),
}
"""The name now, and the arguments whose positions were the same in every version."""
_RENAMED = {"generator": "x", "nb_epoch": "epochs"}
_DROPPED = frozenset(
    {"max_queue_size", "max_q_size", "workers", "nb_worker", "use_multiprocessing", "pickle_safe"}
)
_COUNTED = {
    "samples_per_epoch": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
    "val_samples": "steps",
}
_EXTRA = {
    "ImageDataGenerator": {"keras_faults"},
    "flow": {"threads"},
    "flow_from_directory": {"on_error", "cache", "cache_bytes", "outside_links", "threads"},
    "flow_from_dataframe": {
        "on_error", "cache", "cache_bytes", "threads", "has_ext", "sort", "drop_duplicates",
    },
}  # fmt: skip


@dataclass(slots=True)
class Calls:
    """Calls that are to be written differently.

    Attributes:
        keywords: By call, what each of its arguments is called now: ``""`` if as before, ``None``
            if it is left out.
        names: By call, the method that it calls instead.
        changes: What was rewritten.
        notes: What was left out.
        refusals: What was not understood.
    """

    keywords: dict[cst.Call, list[str | None]] = field(
        default_factory=dict[cst.Call, list[str | None]]
    )
    names: dict[cst.Call, str] = field(default_factory=dict[cst.Call, str])
    changes: list[Remark] = field(default_factory=list[Remark])
    notes: list[Remark] = field(default_factory=list[Remark])
    refusals: list[Remark] = field(default_factory=list[Remark])

    def written(self, original: cst.Call, updated: cst.Call) -> cst.Call:
        """A call as it should be.

        Args:
            original: As it stands in the module.
            updated: The same, with everything inside of it rewritten.
        """
        if original in self.names and isinstance(updated.func, cst.Attribute):
            name = updated.func.attr.with_changes(value=self.names[original])
            updated = updated.with_changes(func=updated.func.with_changes(attr=name))
        if original not in self.keywords:
            return updated
        kept: list[cst.Arg] = []
        for arg, name in zip(updated.args, self.keywords[original], strict=True):
            if name is not None:
                kept.append(_named(arg, name) if name else arg)
            elif arg is updated.args[-1] and kept:  # the layout before the bracket stays
                kept[-1] = kept[-1].with_changes(
                    comma=arg.comma, whitespace_after_arg=arg.whitespace_after_arg
                )
        return updated.with_changes(args=kept)


def old_calls(module: Module) -> Calls:
    """What has to become of ``fit_generator`` and its like, and of their arguments in ``fit``."""
    calls = Calls()
    own = {node.name.value for node in module.nodes if isinstance(node, cst.FunctionDef)}
    called: set[cst.CSTNode] = set()
    for node in module.nodes:
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            method = node.func.attr.value
            called.add(node.func)
            if method in OLD and method not in own:
                _old_call(module, node, method, calls)
            elif method in {"fit", "evaluate", "predict"} and any(
                arg.keyword and arg.keyword.value in _DROPPED for arg in node.args
            ):
                _name_arguments(module, node, [""] * len(node.args), calls)
    for node in module.nodes:
        if isinstance(node, cst.Attribute) and node not in called:
            name = node.attr.value
            if name in OLD and name not in own:
                says = f"{name} is handed on, not called, so its arguments cannot be renamed"
                calls.refusals.append(Remark(module.line(node), says))
    return calls


def unknown_arguments(module: Module, call: cst.Call, method: str) -> list[Remark]:
    """Why a call of the class or of its ``flow...`` methods would fail with the drop-in.

    Args:
        module: Where it stands.
        call: The call.
        method: ``ImageDataGenerator``, ``flow``, ``flow_from_directory`` or ``flow_from_dataframe``.
    """
    target = (
        ImageDataGenerator if method == "ImageDataGenerator" else vars(ImageDataGenerator)[method]
    )
    known = set(signature(target).parameters) | _EXTRA[method]
    known -= {"self", "more"}
    found: list[Remark] = []
    for arg in call.args:
        name = arg.keyword.value if arg.keyword else ""
        if name and name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            says = f"{method} has no argument {name} in Keras 3{hint}"
            found.append(Remark(module.line(arg), says))
    return found


def _old_call(module: Module, node: cst.Call, method: str, calls: Calls) -> None:
    new, order = OLD[method]
    line = module.line(node)
    names: list[str] = []
    for index, arg in enumerate(node.args):
        if arg.star:
            says = f"{method}({arg.star}...): which arguments it has cannot be told"
            calls.refusals.append(Remark(line, says))
            return
        name = arg.keyword.value if arg.keyword else None
        if name is None and index >= len(order):
            says = f"{method}: what its argument {index + 1} means depends on the version; name it"
            calls.refusals.append(Remark(line, says))
            return
        name = name or order[index]
        if name in _COUNTED:
            says = f"{name} counts examples and Keras 3 counts batches; write {_COUNTED[name]}"
            calls.refusals.append(Remark(module.line(arg), says))
            return
        name = _RENAMED.get(name, name)
        as_it_is = (arg.keyword.value if arg.keyword else "x") == name
        names.append("" if as_it_is else name)
    calls.names[node] = new
    calls.changes.append(Remark(line, f"{method} -> {new}"))
    _name_arguments(module, node, names, calls)


def _name_arguments(module: Module, node: cst.Call, names: Sequence[str], calls: Calls) -> None:
    """Note what the arguments are called, without those that Keras 3 does not take."""
    kept: list[str | None] = []
    for arg, name in zip(node.args, names, strict=True):
        given = name or (arg.keyword.value if arg.keyword else "")
        kept.append(None if given in _DROPPED else name)
        if given in _DROPPED:
            says = (
                f"{given} left out: Keras 3's fit has none, and the drop-in's threads do the work"
            )
            calls.notes.append(Remark(module.line(arg), says))
    if None in kept and node not in calls.names:
        calls.changes.append(Remark(module.line(node), "arguments that Keras 3 does not take"))
    calls.keywords[node] = kept


def _named(arg: cst.Arg, name: str) -> cst.Arg:
    """An argument with a keyword, written as it was."""
    if arg.keyword is not None:
        return arg.with_changes(keyword=arg.keyword.with_changes(value=name))
    tight = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=tight, whitespace_after=tight)
    return arg.with_changes(keyword=cst.Name(name), equal=equal)
