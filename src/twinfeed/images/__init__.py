"""``ImageDataGenerator``: Keras's batches, made an order of magnitude faster."""

from twinfeed.images.arrays import NumpyArrayIterator
from twinfeed.images.dataframe import DataFrameIterator
from twinfeed.images.directory import DirectoryIterator
from twinfeed.images.files import FileIterator
from twinfeed.images.generator import ImageDataGenerator
from twinfeed.images.iterator import Iterator

__all__ = [
    "DataFrameIterator",
    "DirectoryIterator",
    "FileIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
]
