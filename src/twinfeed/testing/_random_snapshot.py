"""Every random state that a reader could move, as bytes that can be compared."""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Iterable
from typing import Any, cast

import numpy as np

from twinfeed._core.optional import is_instance
from twinfeed.feeds._random_holders import held_streams
from twinfeed.feeds._random_streams import keras_numbers


def snapshot(owners: Iterable[object]) -> dict[str, bytes]:
    """The present states, by name.

    Args:
        owners: Objects whose own random generators are looked at, too.
    """
    states: dict[str, Any] = {
        "Python's random": random.getstate(),
        "numpy.random": np.random.get_state(legacy=False),  # noqa: NPY002 - read, not drawn from
    }
    torch = _module("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        states["torch"] = torch.get_rng_state().numpy().tobytes()
        if torch.cuda.is_initialized():
            states["torch.cuda"] = [s.numpy().tobytes() for s in torch.cuda.get_rng_state_all()]
    states |= _tensorflow() | _keras()
    for number, stream in enumerate(held_streams(owners)):
        kind = type(stream.key)
        states[f"a {kind.__module__}.{kind.__qualname__} of the pipeline ({number})"] = (
            stream.take()
        )
    return {name: pickle.dumps(_plain(state)) for name, state in states.items()}


def _module(name: str) -> Any:
    return cast("Any", sys.modules.get(name))


def _tensorflow() -> dict[str, Any]:
    context = _module("tensorflow.python.eager.context")
    generators = _module("tensorflow.python.ops.stateful_random_ops")
    if context is None or generators is None:
        return {}
    now = context.context()
    source, generator = getattr(now, "_rng", None), generators.global_generator
    seeds = now._seed, None if source is None else source.getstate()
    numbers = None if generator is None else generator.state.numpy().tolist()
    return {"tensorflow's seeds": seeds, "tensorflow's global generator": numbers}


def _keras() -> dict[str, Any]:
    state = _module("keras.src.backend.common.global_state")
    if state is None:
        return {}
    generator = state.get_global_attribute("global_seed_generator")
    if generator is None:
        return {"keras.random": None}
    return {"keras.random": keras_numbers(generator)}


def _plain(state: Any) -> Any:
    """Without the identity of arrays, which pickle would tell apart."""
    if isinstance(state, dict):
        return {key: _plain(value) for key, value in cast("dict[Any, Any]", state).items()}
    if isinstance(state, np.ndarray):
        array = cast("np.ndarray[Any, Any]", state)
        return str(array.dtype), array.tobytes()
    if is_instance(state, "torch", "Tensor"):
        return state.numpy().tobytes()
    return state
