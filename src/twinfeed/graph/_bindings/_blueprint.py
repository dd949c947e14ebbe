"""From a dataset to copies of it that share nothing with it."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import context

from twinfeed._core.batch import Array
from twinfeed.graph._bindings._edit import Edited, cut_loose, rename_functions
from twinfeed.graph._bindings._held import Held, held, values_of
from twinfeed.graph._bindings._places import with_places
from twinfeed.graph._bindings._python_calls import Around, put_around, python_functions
from twinfeed.graph._bindings._scan import input_arguments, is_dataset, returned, scan
from twinfeed.graph._bindings._serialise import Serialised, reason, serialise
from twinfeed.graph.network import Network

_builds = count(1)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Copy:
    """A dataset with caches, counters and variables of its own.

    Attributes:
        dataset: The ``tf.data.Dataset``. The copy must live as long as it is read.
        keeps: What the dataset needs alive.
    """

    dataset: Any
    keeps: tuple[Any, ...]


class Blueprint:
    """Makes copies of a dataset.

    Attributes:
        network: The dataset's graph as plain values.
        python_functions: The user's functions that the graph calls back in this process.
        user_functions: The functions that the user gave to the dataset's steps.
        variables: Handles of the variables that the steps capture.
        redirected: Files that the dataset writes and its copies do not.
        kept_files: Cache files that exist whole and are read where they are.
        shared: Types of the user's resources that copies share with the dataset.
    """

    def __init__(self, dataset: Any, holds: Held, serialised: Serialised) -> None:
        self._dataset = dataset  # keeps the user's Python functions alive
        self._large = serialised.large
        graph = serialised.graph
        arguments = input_arguments(graph, self._large)
        self._last = returned(graph)
        whole = type(graph)()
        whole.CopyFrom(graph)
        edited: Edited = cut_loose(graph, arguments, holds)
        self._graph = graph
        self._files = edited.files
        self._handles = edited.variables
        # A new process would start from these, wherever the user's variables are by then.
        self._start = values_of(list(edited.variables.values()))
        self._build: Any = None
        self.python_functions = python_functions(graph)
        self.user_functions = holds.functions
        self.redirected = tuple(edited.files.values())
        self.kept_files = tuple(edited.kept_files)
        self.shared = tuple(sorted(edited.shared))
        network = scan(
            whole,
            arguments,
            self._large,
            self._elements(whole),
            holds=holds,
            spec=dataset.element_spec,
        )
        self.network: Network = with_places(network, dataset)

    @property
    def variables(self) -> tuple[Any, ...]:
        """Handles of the variables that the steps capture."""
        return tuple(self._handles.values())

    def copy(
        self, *, around: Around | None = None, values: Mapping[int, Array] | None = None
    ) -> Copy:
        """Make a copy: empty caches, shuffle counters at their start.

        Args:
            around: Entered around every call of a Python function.
            values: What variables start from, by the ``id`` of their handle, instead of
                what they held when the blueprint was made.
        """
        kept: list[Any] = [self]
        if around is not None and self.python_functions:
            graph = type(self._graph)()
            graph.CopyFrom(self._graph)
            kept += put_around(graph, around)
            build = self._function(graph, [self._last])
        else:
            build = self._build = self._build or self._function(self._graph, [self._last])
        folder = Path(tempfile.mkdtemp(prefix="twinfeed-")) if self._files else None
        (variant,) = build(*self._feed(folder, values or {}))
        dataset = tf.data.experimental.from_variant(variant, self._dataset.element_spec)
        made = Copy(dataset, (*kept, build))
        if folder is not None:
            weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
        return made

    def _elements(self, graph: Any) -> dict[str, int]:
        """TensorFlow's cardinality of every dataset; nothing is read for it."""
        names = [node.name for node in graph.node if is_dataset(node.op)]
        build = self._function(self._graph, names, cardinalities=True)
        found = build(*self._feed(None, {}))
        return dict(zip(names, (int(value) for value in found), strict=True))

    def _feed(self, folder: Path | None, values: Mapping[int, Array]) -> list[Any]:
        """What the names that the graph does not define stand for, in the order of ``_names``."""
        numbers = {path: number for number, path in enumerate(dict.fromkeys(self._files.values()))}
        files = [
            tf.constant("" if folder is None else str(folder / str(numbers[path])))
            for path in self._files.values()
        ]
        started = [
            tf.constant(values[id(handle)]) if id(handle) in values else start
            for handle, start in zip(self._handles.values(), self._start, strict=True)
        ]
        return [*self._large.values(), *files, *started]

    def _function(self, graph: Any, names: list[str], *, cardinalities: bool = False) -> Any:
        """A compiled function that makes the named datasets from a graph."""
        whole = type(graph)()
        whole.CopyFrom(graph)
        del whole.node[:]
        whole.node.extend(node for node in graph.node if node.op != "_Retval")
        rename_functions(whole, f"twinfeed_{next(_builds)}_")
        bodies = _register(whole)
        missing = [f"{name}:0" for name in (*self._large, *self._files, *self._handles)]
        wanted = [f"{name}:0" for name in names]

        def make(*given: Any) -> Any:
            with tf.device("CPU:0"):
                made = tf.graph_util.import_graph_def(
                    whole,
                    input_map=dict(zip(missing, given, strict=True)),
                    return_elements=wanted,
                    name="",
                )
                if cardinalities:
                    made = [tf.raw_ops.DatasetCardinality(input_dataset=one) for one in made]
                return made

        # Called as a function of its own, it would warn of being traced for each pipeline.
        concrete = tf.function(make, autograph=False).get_concrete_function(
            *(tf.TensorSpec(given.shape, given.dtype) for given in self._feed(None, {}))
        )
        weakref.finalize(concrete, _unregister, bodies).atexit = False
        return concrete


def open_blueprint(dataset: Any) -> Blueprint | str:
    """A blueprint of a dataset, or in words why there can be none."""
    holds = held(dataset)
    serialised = serialise(dataset, holds)
    if isinstance(serialised, str):
        return serialised
    try:
        return Blueprint(dataset, holds, serialised)
    except (tf.errors.OpError, ValueError, TypeError) as error:
        return f"its graph cannot be built again: {reason(error)}"


def _register(graph: Any) -> list[str]:
    """Move the functions of a graph to TensorFlow's context, where datasets look for them."""
    for body in graph.library.function:
        context.context().add_function_def(body)
    names = [body.signature.name for body in graph.library.function]
    graph.ClearField("library")
    return names


def _unregister(names: list[str]) -> None:
    for name in names:
        context.context().remove_function(name)
