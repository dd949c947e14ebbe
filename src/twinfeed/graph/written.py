"""A recipe as code that runs: the user's own steps under their names, and what is new."""

from __future__ import annotations

from collections.abc import Mapping

from twinfeed._core.plan import AUTOTUNE, Setting
from twinfeed.graph.recipe import Recipe, Stage

_SHOWN = {
    "shuffle": ("buffer_size", "seed", "reshuffle_each_iteration"),
    "batch": ("batch_size", "drop_remainder", "num_parallel_calls"),
    "padded_batch": ("batch_size", "drop_remainder"),
    "cache": ("filename",),
    "repeat": ("count",),
    "take": ("count",),
    "skip": ("count",),
    "prefetch": ("buffer_size",),
    "shard": ("num_shards", "index"),
    "map": ("num_parallel_calls", "deterministic"),
    "interleave": ("cycle_length", "block_length", "num_parallel_calls", "deterministic"),
}
_BY_POSITION = {"buffer_size", "batch_size", "filename", "count", "num_shards", "index"}
_BY_DEFAULT: Mapping[str, tuple[Setting, ...]] = {
    "drop_remainder": (False,),
    "filename": ("",),
    "count": (-1,),
    "reshuffle_each_iteration": (True,),
    "seed": (0,),
    "deterministic": ("default", None),
}
_CALLS = frozenset({"map", "interleave", "flat_map", "filter", "take_while"})
_INSIDE = {
    "crop": "only the crop is decoded",
    "kernel": "twinfeed's kernel",
    "drawn": "draws apart, the rest in parallel",
}
_BUILT_BY_US = "# by twf.tune(ds), which builds it: "


def code(recipe: Recipe) -> str:
    """The pipeline in the user's own API; what changed is marked.

    It runs where ``source``, and each name that the user gave to a function, mean what they mean
    in the user's own code; ``options`` are the user's where they are not written out above.
    """
    head: list[str] = []
    rows: list[tuple[str, str]] = []
    for number, stage in enumerate(recipe.stages[1:], 1):
        if stage.arguments.get("draws"):
            continue  # one step of the user's with the next one
        name = "options" if not any("options" in text for text, _ in rows) else f"options_{number}"
        if stage.verb == "with_options" and stage.changed:
            set_here = [f"{name}.{key} = {value!r}" for key, value in stage.arguments.items()]
            if not set_here:
                continue
            head += [f"{name} = tf.data.Options()", *set_here]
        rows.append((_call(stage, name), _mark(stage)))
    width = max((len(text) for text, mark in rows if mark), default=0)
    first = f"source{' ' * max(0, width - 6)}  # as you have it: {recipe.stages[0].verb}"
    lines = [f"{text:<{width}}  {mark}".rstrip() if mark else text for text, mark in rows]
    return "\n".join([*head, "ds = (", *(f"    {line}" for line in [first, *lines]), ")"])


def _mark(stage: Stage) -> str:
    named = [text for name, text in _INSIDE.items() if stage.arguments.get(name)]
    if named:
        return _BUILT_BY_US + ", ".join(named)
    if stage.verb == "with_options" and not stage.changed:
        return "# as you have them"
    if not stage.changed:
        return ""
    if stage.verb == "cache" and stage.arguments.get("filename"):
        return "# delete this file when the data or a function in front of it changes"
    return "# new" if stage.origin is None else "# changed"


def _call(stage: Stage, options: str) -> str:
    if stage.verb == "with_options":
        return f".with_options({options})"
    if stage.verb == "zip":
        return f".apply(lambda ds: tf.data.Dataset.zip({stage.written}))"
    said = [_function(stage)] if stage.verb in _CALLS else []
    for name in () if stage.arguments.get("drawn") else _SHOWN.get(stage.verb, ()):
        value = stage.arguments.get(name)
        if value is None or value in _BY_DEFAULT.get(name, ()):
            continue
        if name == "seed":
            value = stage.arguments.get("seed2", value)
        text = {"true": "True", "false": "False"}.get(str(value), repr(value))
        if value == AUTOTUNE and name in {"num_parallel_calls", "buffer_size", "cycle_length"}:
            text = "tf.data.AUTOTUNE"
        said.append(text if name in _BY_POSITION else f"{name}={text}")
    if stage.verb == "padded_batch" and stage.written:
        said.append(stage.written)
    return f".{stage.verb}({', '.join(said)})"


def _function(stage: Stage) -> str:
    name = stage.written or stage.function or "..."
    if stage.arguments.get("vectorised") != "vectorized_map":
        return name
    if not stage.unpacks:
        return f"lambda b: tf.vectorized_map({name}, b)"
    inner = f"({name})" if name.startswith("lambda") else name
    return f"lambda *b: tf.vectorized_map(lambda e: {inner}(*e), b)"
