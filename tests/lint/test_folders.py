"""What a folder tells of the feed that reads it."""

from __future__ import annotations

import io

import pytest

from twinfeed._core.exif import orientation


def photo(turn: int, *, order: str = "little") -> bytes:
    """The file of a small JPEG with an orientation tag, as Pillow writes it or the other way round."""
    image = pytest.importorskip("PIL.Image")
    tags = image.Exif()
    tags.endian = "<" if order == "little" else ">"
    tags[0x010F] = "maker"
    tags[0x0112] = turn
    file = io.BytesIO()
    image.new("RGB", (8, 8)).save(file, "JPEG", exif=tags)
    return file.getvalue()


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("turn", [1, 3, 6, 8])
def test_the_tag_of_a_photo_is_read(turn: int, order: str) -> None:
    assert orientation(photo(turn, order=order)) == turn


def test_what_is_cut_short_or_foreign_counts_as_upright() -> None:
    whole = photo(6)
    tag = whole.index(b"\x12\x01")
    for end in range(0, tag + 8, 3):
        assert orientation(whole[:end]) == 1
    assert orientation(b"\x89PNG" + whole) == 1
    assert orientation(whole.replace(b"II*", b"XX*")) == 1
    assert orientation(photo(9)) == 1


def test_bytes_of_any_kind_are_read_without_an_error() -> None:
    whole = photo(6)
    begin = whole.index(b"Exif")
    for place in range(begin, begin + 60):
        for value in (0x00, 0x7F, 0xFF):
            changed = whole[:place] + bytes([value]) + whole[place + 1 :]
            assert 1 <= orientation(changed) <= 8
