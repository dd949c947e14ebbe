"""The bundled digits as a TFDS builder, so that the demo needs no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from twinfeed.demo import digits


class TwinfeedDigits(tfds.core.GeneratorBasedBuilder):
    """1,797 handwritten digits, 32 x 32 grey; one in six is held out for the test split."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> Any:
        features = {
            "image": tfds.features.Image(shape=(digits.SIDE, digits.SIDE, 1)),
            "label": tfds.features.ClassLabel(names=[str(digit) for digit in range(10)]),
        }
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(features), supervised_keys=("image", "label")
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator[tuple[int, Any]]]:
        del dl_manager  # nothing is downloaded: the digits come with the package
        return {
            "train": self._generate_examples(held_out=False),
            "test": self._generate_examples(held_out=True),
        }

    def _generate_examples(self, *, held_out: bool) -> Iterator[tuple[int, Any]]:
        images, labels = digits.load()
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            if (number % 6 == 5) == held_out:
                yield number, {"image": image[:, :, None], "label": int(label)}
