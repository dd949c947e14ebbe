"""TensorFlow Datasets as feeds, on data sets that the tests prepare themselves."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from twinfeed._core.feed import Feed
from twinfeed.errors import SourceError
from twinfeed.testing import check_feed

EXAMPLES = 40


@pytest.fixture(scope="module")
def tfds() -> Any:
    pytest.importorskip("tensorflow")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it and its helpers deprecate is not ours to mend
        return pytest.importorskip("tensorflow_datasets")


def image(number: int, side: int = 4) -> Any:
    return np.full((side, side, 3), number, np.uint8)


@pytest.fixture(scope="module")
def builders(tfds: Any) -> dict[str, type]:
    class TwinSquares(tfds.core.GeneratorBasedBuilder):
        """Squares of one grey each."""

        VERSION = tfds.core.Version("1.0.0")
        BUILDER_CONFIGS: ClassVar[list[Any]] = [
            tfds.core.BuilderConfig(name=name) for name in ("even", "odd")
        ]

        def _info(self) -> Any:
            side = 4 if self.builder_config.name == "even" else None
            features = {
                "image": tfds.features.Image(shape=(side, side, 3)),
                "label": tfds.features.ClassLabel(num_classes=4),
            }
            return self.dataset_info_from_configs(
                features=tfds.features.FeaturesDict(features), supervised_keys=("image", "label")
            )

        def _split_generators(self, dl_manager: Any) -> Any:
            return {"train": self._generate_examples(), "test": self._generate_examples(4)}

        def _generate_examples(self, examples: int = EXAMPLES) -> Iterator[Any]:
            for number in range(examples):
                side = 4 if self.builder_config.name == "even" else 3 + number % 3
                yield number, {"image": image(number, side), "label": number % 4}

    class TwinNotes(tfds.core.GeneratorBasedBuilder):
        """Texts without a target."""

        VERSION = tfds.core.Version("1.0.0")

        def _info(self) -> Any:
            features = {"text": tfds.features.Text(), "words": tfds.features.Sequence(np.int64)}
            return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

        def _split_generators(self, dl_manager: Any) -> Any:
            return {"unsupervised": self._generate_examples()}

        def _generate_examples(self) -> Iterator[Any]:
            for number in range(5):
                yield number, {"text": f"note {number}", "words": list(range(number))}

    return {"squares": TwinSquares, "notes": TwinNotes}


@pytest.fixture(scope="module")
def data_dir(builders: dict[str, type], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tfds")
    make: Any = builders["squares"]
    for config in ("even", "odd"):
        make(data_dir=folder, config=config).download_and_prepare()
    notes: Any = builders["notes"]
    notes(data_dir=folder).download_and_prepare()
    make(data_dir=folder / "records", config="even").download_and_prepare(
        file_format="array_record"
    )
    return folder


def open_named(name: str, **options: Any) -> Feed:
    from twinfeed.feeds._adapters._tfds import open_named as open_it

    return open_it(name, **options)


def open_feed(native: Any) -> Feed:
    from twinfeed.feeds import as_feed

    return as_feed(native)


def test_a_split_is_read_supervised_with_its_ids(data_dir: Path) -> None:
    feed = open_named("twin_squares/even", data_dir=str(data_dir), batch_size=16)
    assert feed.name == "tfds:twin_squares/even/train"
    assert (feed.batches, feed.examples) == (3, EXAMPLES)
    assert feed.plan is not None
    assert {"decode", "batch"} <= {step.kind for step in feed.plan.steps}
    batches = list(feed.open_epoch())
    assert [batch.size for batch in batches] == [16, 16, 8]
    ids = [name for batch in batches for name in batch.ids.tolist()]  # pyright: ignore[reportOptionalMemberAccess]
    assert len(set(ids)) == EXAMPLES
    assert all("train" in name for name in ids)
    x = np.concatenate([np.asarray(batch.x) for batch in batches])
    y = np.concatenate([np.asarray(batch.y) for batch in batches])
    assert sorted(x[:, 0, 0, 0].tolist()) == list(range(EXAMPLES))
    np.testing.assert_array_equal(x[:, 0, 0, 0] % 4, y)


def test_the_same_example_has_the_same_id_in_every_order(data_dir: Path) -> None:
    def grey_by_id(**options: Any) -> dict[str, int]:
        feed = open_named("twin_squares/even", data_dir=str(data_dir), **options)
        return {
            name: int(x[0, 0, 0])
            for batch in feed.open_epoch()
            for name, x in zip(batch.ids.tolist(), np.asarray(batch.x), strict=True)  # pyright: ignore[reportOptionalMemberAccess]
        }

    whole = grey_by_id()
    assert grey_by_id(shuffle_files=True, batch_size=7) == whole
    tenth = grey_by_id(split="train[:10%]")
    assert len(tenth) == 4
    assert tenth.items() <= whole.items()


def test_it_keeps_the_contract(data_dir: Path) -> None:
    check_feed(open_named("twin_squares/even", data_dir=str(data_dir)), seeded=True)


def test_images_of_unequal_size_come_as_they_are(data_dir: Path) -> None:
    batch = next(open_named("twin_squares/odd", data_dir=str(data_dir)).open_epoch())
    for row in batch.x:
        np.testing.assert_array_equal(row, image(int(row[0, 0, 0]), 3 + int(row[0, 0, 0]) % 3))
    assert np.asarray(batch.y).dtype == np.int64


def test_without_targets_the_features_are_the_inputs(data_dir: Path) -> None:
    feed = open_named("twin_notes", split="unsupervised", data_dir=str(data_dir))
    batch = next(feed.open_epoch())
    assert [path for path, _ in batch.leaves()] == ['x["text"]', 'x["words"]']
    assert batch.y is None
    assert batch.ids is not None
    leaves = dict(batch.leaves())
    assert sorted(leaves['x["text"]'].tolist()) == [f"note {n}".encode() for n in range(5)]
    assert sorted(row.tolist() for row in leaves['x["words"]']) == [
        list(range(n)) for n in range(5)
    ]


@pytest.mark.parametrize(
    ("name", "split", "said"),
    [
        ("twin_sqares/even", "train", "did you mean twin_squares"),
        ("twin_squares/evn", "train", "did you mean twin_squares/even"),
        ("nothing_like_it", "train", "tfds build nothing_like_it"),
        ("twin_squares/even", "validation", r"one of its splits \(train, test\)"),
        ("twin_squares/even", "train[:1", "one of its splits"),
    ],
    ids=["name", "config", "unknown", "split", "part"],
)
def test_what_is_not_there_is_said_with_a_hint(
    data_dir: Path, name: str, split: str, said: str
) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        open_named(name, split=split, data_dir=str(data_dir))
    assert "Hint: " in str(caught.value)


def test_nothing_is_fetched(tfds: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    with pytest.raises(SourceError, match="tfds build mnist"):
        open_named("mnist", data_dir=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_builder_is_read_from_its_training_split(
    builders: dict[str, type], data_dir: Path
) -> None:
    squares: Any = builders["squares"]
    feed = open_feed(squares(data_dir=data_dir, config="even"))
    assert feed.name == "tfds:twin_squares/even/1.0.0/train"
    assert feed.examples == EXAMPLES
    notes: Any = builders["notes"]
    assert open_feed(notes(data_dir=data_dir)).name.endswith("/unsupervised")


def test_a_builder_that_was_never_prepared_is_refused(
    builders: dict[str, type], tmp_path: Path
) -> None:
    squares: Any = builders["squares"]
    with pytest.raises(SourceError, match="tfds build twin_squares"):
        open_feed(squares(data_dir=tmp_path, config="even"))


def test_a_data_source_is_read_in_order(builders: dict[str, type], data_dir: Path) -> None:
    squares: Any = builders["squares"]
    source = squares(data_dir=data_dir / "records", config="even").as_data_source("train")
    feed = open_feed(source)
    assert (feed.batches, feed.examples) == (2, EXAMPLES)
    batches = list(feed.open_epoch())
    x = np.concatenate([np.asarray(batch.x) for batch in batches])
    np.testing.assert_array_equal(x, [source[row]["image"] for row in range(EXAMPLES)])
    assert batches[1].ids is not None
    assert batches[1].ids[0] == "twin_squares/even/1.0.0/train/32"
    check_feed(lambda: source, seeded=True)


def test_a_plain_python_source_is_read(tfds: Any) -> None:
    from tensorflow_datasets.core.data_sources.python import PythonDataSource

    source = PythonDataSource(length=3, getitem=lambda row: {"a": [0] * row, "t": f"text {row}"})
    (batch,) = open_feed(source).open_epoch()
    leaves = dict(batch.leaves())
    assert [row.tolist() for row in leaves['x["a"]']] == [[], [0], [0, 0]]
    assert leaves['x["t"]'].tolist() == [b"text 0", b"text 1", b"text 2"]
