"""Whatever parts a page is mixed from, its fields and its whole text are read, with the families' rules and without."""

import re
import unicodedata

import pytest
from support.family_pages import INDEX, ISSUER, TITLE
from support.mixed_pages import Mix, mix, wanted_number

from policy_crawler.reading import read
from policy_crawler.reading.containers import FAMILY_CONTAINERS

URL = "http://www.example.gov.cn/html/2026/8812.html"
EVERY_FAMILY = frozenset(family for family, _ in FAMILY_CONTAINERS)
SEEDS = 400
MANY = 6_000
RULES = pytest.mark.parametrize("without", [frozenset(), EVERY_FAMILY], ids=["all rules", "no family's rules"])


@RULES
def test_mixed_pages_are_read_whole(without: frozenset[str]) -> None:
    wrong = {page.name: found for page in map(mix, range(SEEDS)) if (found := _wrong(page, without))}
    assert wrong == {}


@pytest.mark.long
@pytest.mark.timeout(600)
@RULES
def test_many_more_mixed_pages_are_read_whole(without: frozenset[str]) -> None:
    wrong = {page.name: found for page in map(mix, range(SEEDS, MANY)) if (found := _wrong(page, without))}
    assert wrong == {}


def _wrong(page: Mix, without: frozenset[str]) -> dict[str, object]:
    """The fields of a page that are read wrong."""
    reading = read(page.html.encode(), URL, without_families=without)
    wanted = {
        "title": (_flat(reading.title), _flat(TITLE)),
        "body": (_flat(reading.body), _flat(page.text)),
        "doc_number": (reading.doc_number, wanted_number(page)),
        "index_number": (reading.index_number, INDEX if page.labelled else None),
        "issuer": (reading.issuer, ISSUER),
        "published": (str(reading.published)[:10], "2026-03-05"),
        "attachments": (reading.attachments, ()),
    }
    return {name: got for name, (got, want) in wanted.items() if got != want}


def _flat(text: str | None) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text or ""))
