"""Pages read from sources are those of the records."""

from twinfeed.diff import CATALOGUE
from twinfeed.diff._pages import pages


def test_every_page_is_what_its_record_says() -> None:
    found = pages()
    assert list(found) == sorted(CATALOGUE)
    for code, page in found.items():
        measure = CATALOGUE[code]
        assert (page.name, page.severity, page.since, page.page) == (
            measure.name,
            measure.severity.value,
            measure.since,
            measure.page,
        )
