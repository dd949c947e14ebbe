"""Pages read from sources are those of the records."""

from twinfeed._core.pages import pages
from twinfeed.diff import CATALOGUE as MEASURES
from twinfeed.lint import CATALOGUE as RULES


def test_every_page_is_what_its_record_says() -> None:
    causes = {**RULES, **MEASURES}
    assert len(causes) == len(RULES) + len(MEASURES)
    found = pages()
    assert list(found) == sorted(causes)
    for code, page in found.items():
        cause = causes[code]
        assert (page.name, page.severity, page.since, page.page) == (
            cause.name,
            cause.severity.value,
            cause.since,
            cause.page,
        )
