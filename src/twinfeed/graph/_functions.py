"""What a function inside a pipeline does, judged by its operations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from twinfeed.graph.network import Call, Network

DECODE = frozenset(
    {"DecodeJpeg", "DecodeAndCropJpeg", "DecodePng", "DecodeImage", "DecodeBmp", "DecodeGif",
     "DecodeWebP", "DecodeRaw", "DecodePaddedRaw", "DecodeWav", "DecodeCSV"}
)  # fmt: skip
RESIZE = frozenset(
    {"ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea",
     "ScaleAndTranslate", "CropAndResize", "QuantizedResizeBilinear"}
)  # fmt: skip
RANDOM = frozenset(
    {"RandomUniform", "RandomUniformInt", "RandomStandardNormal", "TruncatedNormal",
     "ParameterizedTruncatedNormal", "RandomShuffle", "RandomGamma", "RandomPoisson",
     "RandomPoissonV2", "RandomCrop", "Multinomial", "SampleDistortedBoundingBox",
     "SampleDistortedBoundingBoxV2", "RandomIndexShuffle", "RngReadAndSkip",
     "StatefulUniform", "StatefulUniformInt", "StatefulUniformFullInt", "StatefulStandardNormal",
     "StatefulStandardNormalV2", "StatefulTruncatedNormal", "StatefulRandomBinomial",
     "StatelessRandomUniform", "StatelessRandomUniformV2", "StatelessRandomUniformInt",
     "StatelessRandomUniformIntV2", "StatelessRandomUniformFullInt",
     "StatelessRandomUniformFullIntV2", "StatelessRandomNormal", "StatelessRandomNormalV2",
     "StatelessTruncatedNormal", "StatelessTruncatedNormalV2", "StatelessRandomGammaV2",
     "StatelessRandomGammaV3", "StatelessRandomPoisson", "StatelessRandomBinomial",
     "StatelessParameterizedTruncatedNormal", "StatelessMultinomial", "StatelessShuffle",
     "StatelessSampleDistortedBoundingBox"}
)  # fmt: skip
PYTHON = frozenset({"PyFunc", "PyFuncStateless", "EagerPyFunc"})
STATE = frozenset(
    {"AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp", "ResourceScatterUpdate",
     "ResourceScatterAdd", "LookupTableInsertV2", "LookupTableRemoveV2", "Timestamp"}
)  # fmt: skip
"""Operations whose step gives something else when it is asked again, or changes what others give."""
READERS = frozenset(
    {"TFRecordDataset", "TFRecordDatasetV2", "TextLineDataset", "FixedLengthRecordDataset",
     "FixedLengthRecordDatasetV2", "CSVDataset", "CSVDatasetV2"}
)  # fmt: skip
_NAMED = RANDOM | PYTHON | frozenset(
    {"ReadFile", "ParseExampleV2", "ParseSingleExample", "ParseExample", "DecodeProtoV2",
     "ReverseV2", "AdjustContrastv2", "AdjustHue", "AdjustSaturation", "RGBToHSV", "HSVToRGB",
     "ImageProjectiveTransformV2", "ImageProjectiveTransformV3", "OneHot", "Transpose",
     "LookupTableFindV2", "LookupTableInsertV2", "Pad", "PadV2", "MirrorPad", "Conv2D",
     "DepthwiseConv2dNative", "Round", "Rint", "AssignVariableOp", "AssignAddVariableOp",
     "EncodeJpeg", "AdjustContrast", "Roll", "IteratorGetNext", "While", "StatelessWhile"}
)  # fmt: skip
_SHOWN = {
    "DecodeJpeg": ("dct_method", "ratio"),
    "DecodeAndCropJpeg": ("dct_method", "ratio"),
    "DecodePng": ("dtype",),
    "ScaleAndTranslate": ("kernel_type", "antialias"),
    "ResizeBilinear": ("align_corners",),
    "ResizeBicubic": ("align_corners",),
    "ResizeNearestNeighbor": ("align_corners",),
    "ResizeArea": ("align_corners",),
    "CropAndResize": ("method",),
    "ImageProjectiveTransformV2": ("fill_mode", "interpolation"),
    "ImageProjectiveTransformV3": ("fill_mode", "interpolation"),
    "Cast": ("DstT",),
    "RandomUniform": ("seed", "seed2"),
    "RandomUniformInt": ("seed", "seed2"),
    "RandomStandardNormal": ("seed", "seed2"),
    "TruncatedNormal": ("seed", "seed2"),
}
_ARITHMETIC = {
    "Mul": 1.0, "RealDiv": 1.0, "Div": 1.0, "Sub": 0.0, "Add": 0.0, "AddV2": 0.0, "BiasAdd": 0.0,
    "Minimum": None, "Maximum": None, "Pow": 1.0,
}  # fmt: skip
"""Operations shown with their constants, and the constant that changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a step's functions.

    Attributes:
        ops: Notable operations, sorted, e.g. ``"DecodeJpeg(dct_method=default)"``. Arithmetic
            with constants is listed as often as it occurs, anything else once.
        random: Whether random numbers are drawn. What Python code does cannot be seen.
        state: Whether a variable or a table is changed, or the time is asked.
        variables: Whether a variable is read.
        decodes: Whether a file format is decoded.
        resizes: Whether an image is resized.
        reads: Whether record files are opened.
        generates: Whether a Python generator is run.
        datasets: Operations of datasets that are built inside.
        idle: Whether elements are only passed on.
    """

    ops: tuple[str, ...] = ()
    random: bool = False
    state: bool = False
    variables: bool = False
    decodes: bool = False
    resizes: bool = False
    reads: bool = False
    generates: bool = False
    datasets: frozenset[str] = frozenset()
    idle: bool = False


def facts(network: Network, names: tuple[str, ...]) -> Facts:
    """What the functions of these names do, nested functions included."""
    calls = list(network.calls(names))
    present = {call.op for call in calls}
    return Facts(
        ops=tuple(sorted(_notable(calls))),
        random=bool(present & RANDOM),
        state=bool(present & STATE),
        variables="ReadVariableOp" in present,
        decodes=bool(present & DECODE),
        resizes=bool(present & RESIZE),
        reads=bool(present & READERS),
        generates="GeneratorDataset" in present,
        datasets=frozenset(op for op in present if _is_dataset(op)),
        idle=bool(names) and present <= {"Identity", "NoOp", "Const"},
    )


def _is_dataset(op: str) -> bool:
    return "Dataset" in op and not op.startswith(("Dataset", "Anonymous", "Finalize"))


def _notable(calls: Iterable[Call]) -> list[str]:
    once: set[str] = set()
    found: list[str] = []
    for call in calls:
        if call.op in _ARITHMETIC:
            found += [
                f"{call.op}({', '.join(f'{value:.6g}' for value in constant)})"
                for constant in call.constants
                if set(constant) != {_ARITHMETIC[call.op]}
            ]
        elif call.op in _NAMED | DECODE | RESIZE or call.op in _SHOWN or _is_dataset(call.op):
            once.add(_shown(call))
    return [*found, *once]


def _shown(call: Call) -> str:
    said: list[str] = []
    for name in _SHOWN.get(call.op, ()):
        value = call.attributes.get(name)
        if name == "DstT":
            said.append(str(value))
        elif name == "dct_method":
            # An empty method is libjpeg's fast one; the accurate one must be asked for.
            said.append(f"dct_method={value or 'default'}")
        elif name == "antialias" or (value and value != 1):
            said.append(f"{name}={value}")
    return f"{call.op}({', '.join(said)})" if said else call.op
