"""From Keras's class to ``tf.data`` and layers."""

from __future__ import annotations

import re
from inspect import signature

import libcst as cst
from libcst.metadata import Assignment

from twinfeed.images import ImageDataGenerator
from twinfeed.port._bindings import _datasets, _layers
from twinfeed.port._bindings._calls import unknown_arguments
from twinfeed.port._bindings._imports import Imports, aliases_of, bound_name, module_of
from twinfeed.port._bindings._module import Module, UnreadableError, leftmost, walk
from twinfeed.port._bindings._refused import refusals
from twinfeed.port.outcome import Remark, Rewritten
from twinfeed.port.spellings import GENERATOR, HOME, class_of

_FOLDER = "flow_from_directory"
_TABLE = "flow_from_dataframe"
_FLOWS = (_FOLDER, _TABLE, "flow")
_PREPROCESS = re.compile(r"(?:tensorflow\.)?keras\.applications\.(?:\w+\.)?preprocess_input")
_STEPS = {"steps_per_epoch", "validation_steps", "steps"}


def rewrite(text: str) -> Rewritten:
    """Rewrite a module for ``tf.data``; the text is as given where something cannot be kept.

    Args:
        text: The whole module.
    """
    try:
        module = Module(text)
    except UnreadableError as error:
        return Rewritten(text=text, refusals=(error.remark,) if GENERATOR in text else ())
    plan = _Plan(module)
    if plan.refusals or not plan.replaced:
        return Rewritten(text=text, refusals=tuple(plan.refusals))
    new = module.tree.visit(_Writer(plan))
    return Rewritten(text=new.code, changes=tuple(plan.changes), notes=tuple(plan.notes))


class _Plan:
    """What is to be written differently.

    Attributes:
        imports: Changes to import statements.
        replaced: By expression, the code that takes its place.
        changes: What is rewritten.
        notes: What is not quite as it was.
        refusals: What cannot be kept, or is not understood.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self.imports = Imports()
        self.replaced: dict[cst.CSTNode, str] = {}
        self.changes: list[Remark] = []
        self.notes: list[Remark] = []
        self.refusals: list[Remark] = []
        named = {node: "" for node in module.nodes if self._is_class(node)}
        if not named and not any(self._imported_class(node) for node in module.nodes):
            return
        self.refusals += refusals(module, named)
        self._tf = self._tensorflow()
        for node in named:
            self._generator(node)
        for node in module.nodes:
            if isinstance(node, cst.Import | cst.ImportFrom):
                self._drop(node)

    def _is_class(self, node: cst.CSTNode) -> bool:
        """Whether an expression is the class itself, wherever it comes from."""
        if not isinstance(node, cst.Name | cst.Attribute):
            return False
        above = self._module.parent(node)
        if isinstance(above, cst.ImportAlias | cst.AsName) or (
            isinstance(above, cst.Attribute) and above.attr is node
        ):
            return False
        found = self._module.imported(node)
        return bool(found) and all(_means_class(name) for name in found)

    def _imported_class(self, node: cst.CSTNode) -> bool:
        return isinstance(node, cst.ImportFrom) and any(
            _means_class(f"{module_of(node)}.{alias.evaluated_name}") for alias in aliases_of(node)
        )

    def _tensorflow(self) -> str:
        """What TensorFlow is called; ``tf`` if it is yet to be imported."""
        for node in self._module.nodes:
            if isinstance(node, cst.Import) and isinstance(self._module.block(node), cst.Module):
                for alias in node.names:
                    if alias.evaluated_name == "tensorflow":
                        return bound_name(alias)
        scope = self._module.scope(self._module.tree)
        for one in self._module.bound(scope, "tf"):
            if isinstance(one, Assignment):
                self._refuse(one.node, "tf is something else here, so TensorFlow has no name")
        return "tf"

    def _generator(self, node: cst.CSTNode) -> None:
        """``augment = ImageDataGenerator(...)`` becomes the layers."""
        call = self._module.parent(node)
        name = self._assigned(call)
        if not isinstance(call, cst.Call) or call.func is not node or name is None:
            self._refuse(node, f"{GENERATOR} has to be called and given one name first")
            return
        given = self._given(call, GENERATOR)
        if given is None:
            return
        written = _layers.layers(given, self._tf, self._is_preprocess(call))
        self._note(call, written)
        inner = "".join(f"    {piece},\n" for piece in written.pieces)
        inner = inner or f"    {self._tf}.keras.layers.Rescaling(1.0),\n"
        self._replace(call, f"{self._tf}.keras.Sequential([\n{inner}])", "layers")
        for use in self._uses(name):
            self._flow(use, name.value, written.preprocess)

    def _flow(self, use: cst.CSTNode, generator: str, preprocess: str) -> None:
        """``augment.flow_from_directory(...)`` becomes a Dataset."""
        method = self._module.parent(use)
        call = self._module.parent(method) if method else None
        if not isinstance(method, cst.Attribute) or not isinstance(call, cst.Call):
            self._refuse(use, f"what {generator} is used for here cannot be told")
            return
        name = method.attr.value
        if name not in _FLOWS:
            self._refuse(use, f"{generator}.{name}: only {', '.join(_FLOWS)} have an equal")
            return
        feed = self._assigned(call)
        given = self._given(call, name)
        if feed is None or given is None:
            self._refuse(use, f"{generator}.{name}(...) has to be given one name first")
            return
        if name == _FOLDER:
            written = _layers.folder(given)
            inner = "".join(f"    {piece},\n" for piece in written.pieces)
            start = f"{self._tf}.keras.utils.image_dataset_from_directory(\n{inner})"
        else:
            make = _datasets.frame if name == _TABLE else _datasets.arrays
            written = make(given, self._tf)
            start = "".join(written.pieces)
        self._note(call, written)
        for place in self._uses(feed):
            self._consumed(place, feed.value)
        if written.refusals:
            return
        auto = f"{self._tf}.data.AUTOTUNE"
        step = self._step(generator, preprocess, written)
        code = f"{start}.map(\n    {step},\n    num_parallel_calls={auto},\n).prefetch({auto})"
        what = "image_dataset_from_directory" if name == _FOLDER else f"{name} -> tf.data"
        self._replace(call, code, what)

    def _step(self, generator: str, preprocess: str, written: _layers.Written) -> str:
        """What is done to each batch."""
        images = f"{self._tf}.cast(images, {self._tf}.float32)" if written.cast else "images"
        images = f"{generator}({images}, training=True)"
        images = f"{preprocess}({images})" if preprocess else images
        if len(written.names) == 1:
            return f"lambda images: {images}"
        labels = (written.labels or "labels").format(tf=self._tf)
        parts = ", ".join([images, labels, *written.names[2:]])
        return f"lambda {', '.join(written.names)}: ({parts})"

    def _consumed(self, use: cst.CSTNode, feed: str) -> None:
        """A Dataset is handed to ``fit`` and its like, or asked for its length."""
        arg = self._module.parent(use)
        call = self._module.parent(arg) if isinstance(arg, cst.Arg) else None
        if isinstance(arg, cst.Attribute):
            hint = "a Dataset has none"
            if arg.attr.value == "class_indices":
                hint += "; class names in their order are the sorted ones"
            self._refuse(use, f"{feed}.{arg.attr.value}: {hint}")
        elif not isinstance(call, cst.Call):
            self._refuse(use, f"what {feed} is used for here cannot be told")
        elif isinstance(call.func, cst.Attribute) and call.func.attr.value in {
            "fit", "evaluate", "predict",
        }:  # fmt: skip
            for other in call.args:
                if other.keyword and other.keyword.value in _STEPS:
                    says = f"{other.keyword.value}: a Dataset ends after an epoch; leave it out"
                    self._refuse(other, says)
        elif self._module.code(call.func) != "len":
            says = f"{feed} in {self._module.code(call.func)}(...): a Dataset is no iterator of batches"
            self._refuse(use, says)

    def _assigned(self, value: cst.CSTNode | None) -> cst.Name | None:
        """The one name that a value is given, if that name means nothing else."""
        above = self._module.parent(value) if value else None
        if not isinstance(above, cst.Assign) or len(above.targets) != 1:
            return None
        target = above.targets[0].target
        if not isinstance(target, cst.Name):
            return None
        bound = self._module.bound(self._module.scope(target), target.value)
        return target if len(bound) == 1 else None

    def _uses(self, target: cst.Name) -> list[cst.CSTNode]:
        bound = self._module.bound(self._module.scope(target), target.value)
        return [use.node for one in bound for use in one.references]

    def _given(self, call: cst.Call, method: str) -> dict[str, str] | None:
        """The code of each argument."""
        wrong = unknown_arguments(self._module, call, method)
        self.refusals += wrong
        target = ImageDataGenerator if method == GENERATOR else vars(ImageDataGenerator)[method]
        order = [name for name in signature(target).parameters if name != "self"]
        given: dict[str, str] = {}
        for index, arg in enumerate(call.args):
            if arg.star:
                self._refuse(arg, f"{method}({arg.star}...): which arguments it has cannot be told")
                return None
            name = arg.keyword.value if arg.keyword else order[index]
            given[name] = self._module.code(arg.value)
        return None if wrong else given

    def _is_preprocess(self, call: cst.Call) -> _layers.IsKerasFunction:
        """Whether the function that is given to the class is Keras's own."""

        def check(_code: str) -> bool:
            for arg in call.args:
                if arg.keyword and arg.keyword.value == "preprocessing_function":
                    found = self._module.imported(arg.value)
                    return bool(found) and all(_PREPROCESS.fullmatch(name) for name in found)
            return False

        return check

    def _drop(self, node: cst.Import | cst.ImportFrom) -> None:
        """The class is imported no more, and TensorFlow is."""
        module = module_of(node)
        gone = [a for a in aliases_of(node) if _means_class(f"{module}.{a.evaluated_name}")]
        spelled = any(
            one.node is node
            for name in self._module.nodes
            if isinstance(name, cst.Attribute) and self._is_class(name) and leftmost(name)
            for one in self._module.imports_of(name)
        )
        if gone:
            self.imports.drop(node, gone)
        if (gone or spelled) and not self._has_tensorflow():
            self.imports.add(node, "import tensorflow as tf")

    def _has_tensorflow(self) -> bool:
        scope = self._module.scope(self._module.tree)
        return bool(self._module.bound(scope, self._tf))

    def _replace(self, node: cst.CSTNode, code: str, what: str) -> None:
        self.replaced[node] = code
        self.changes.append(Remark(self._module.line(node), what))

    def _note(self, node: cst.CSTNode, written: _layers.Written) -> None:
        line = self._module.line(node)
        self.notes += [Remark(line, note) for note in written.notes]
        self.refusals += [Remark(line, f"{n}: {why}") for n, why in written.refusals.items()]

    def _refuse(self, node: cst.CSTNode, says: str) -> None:
        self.refusals.append(Remark(self._module.line(node), says))


def _means_class(name: str) -> bool:
    return class_of(name) == GENERATOR or name == f"{HOME}.{GENERATOR}"


class _Writer(cst.CSTTransformer):
    """Writes what was planned."""

    def __init__(self, plan: _Plan) -> None:
        super().__init__()
        self._plan = plan

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:  # noqa: N802
        code = self._plan.replaced.get(original_node)
        return updated_node if code is None else cst.parse_expression(code)

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        # What was written beside arguments stands above the statement now.
        beside = [
            node
            for call in walk(original_node)
            if call in self._plan.replaced
            for node in walk(call)
            if isinstance(node, cst.Comment)
        ]
        lines = [cst.EmptyLine(comment=comment) for comment in dict.fromkeys(beside)]
        updated_node = updated_node.with_changes(
            leading_lines=[*updated_node.leading_lines, *lines]
        )
        return self._plan.imports.written(original_node, updated_node)

    def leave_SimpleStatementSuite(  # noqa: N802
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.BaseSuite:
        body = self._plan.imports.inline(original_node.body, updated_node.body)
        return updated_node.with_changes(body=body)
