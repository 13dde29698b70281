"""Reads HTML texts of the tests."""

from collections.abc import Callable

import pytest
from support.reading_pages import URL

from policy_crawler.reading import Reading, read


@pytest.fixture
def reading_of() -> Callable[..., Reading]:
    """Reads an HTML text as the page at URL (or another)."""

    def reading(html: str, url: str = URL, **options: object) -> Reading:
        return read(html.encode(), url, **options)  # type: ignore[arg-type]

    return reading
