"""What a new process would start the random variables of a pipeline from."""

from __future__ import annotations

from typing import Any

import numpy as np
from tensorflow.python.eager import context
from tensorflow.python.ops import stateful_random_ops

from twinfeed._core.batch import Array
from twinfeed.feeds._random_holders import held_streams
from twinfeed.graph.copies import Blueprint, values_of


def renewed_values(blueprint: Blueprint, salt: int) -> dict[int, Array]:
    """Other values for the random generators that nobody seeded.

    A layer such as ``RandomFlip`` keeps a counter in a variable. With a seed, every new
    process draws the same numbers; without one, none does.

    Args:
        blueprint: The pipeline.
        salt: Tells new processes apart.

    Returns:
        Values by the ``id`` of the variable's handle; seeded generators are left out.
    """
    known = {id(handle): handle for handle in blueprint.variables}
    found: dict[int, Array] = {}
    for stream in held_streams(blueprint.user_functions) if known else ():
        handle = _handle(stream.key)
        if id(handle) not in known:
            continue
        state = values_of([handle])[0].numpy()
        renewed = stream.renew(state, salt)
        if stream.key is stateful_random_ops.global_generator and context.global_seed() is None:
            words = np.random.SeedSequence([*_words(state), salt]).generate_state(2 * state.size)
            renewed = words.view(np.uint64).view(np.int64).reshape(state.shape)
        if not np.array_equal(renewed, state):
            found[id(handle)] = np.asarray(renewed)
    return found


def _handle(generator: Any) -> Any:
    """The variable's handle: Keras wraps TensorFlow's variable in one of its own."""
    state = getattr(generator, "state", None)
    for variable in (state, getattr(state, "value", None)):
        handle = getattr(variable, "handle", None)
        if handle is not None:
            return handle
    return None


def _words(state: Array) -> list[int]:
    return [int(word) for word in np.asarray(state).view(np.uint64).ravel()]
