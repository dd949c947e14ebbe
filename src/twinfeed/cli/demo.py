"""``twinfeed demo``."""

from __future__ import annotations

import click

from twinfeed.cli._options import common


@click.command(short_help="The question on bundled data, answered.")
@click.option(
    "--data",
    metavar="SOURCE",
    help="Other data than the bundled digits: tfds:mnist, tfds:cifar10, ...",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the reports are written.",
)
@common
def demo(*, data: str | None, output_format: str) -> int:
    """Answer the question on bundled data: three pipelines, three accuracies, one explanation.

    The same handwritten digits go through TensorFlow Datasets, through Keras's
    ImageDataGenerator, and through an attempt to imitate the latter in tf.data. Nothing is
    downloaded.

    \b
      twinfeed demo
      twinfeed demo --data tfds:mnist
      twinfeed demo --output-format json > demo.json
    """  # noqa: D301 - \b is click's mark
    from twinfeed.demo import run

    return run(data=data, output_format=output_format)
