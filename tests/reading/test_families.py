"""Every family's pages in their documented structure give every field, whatever is printed around the text."""

import re
import unicodedata
from datetime import date

import pytest
from support.family_more import MORE
from support.family_pages import CASES, END, INDEX, NUMBER, START, TITLE, Case

from policy_crawler.reading import PageState, Reading, families, read
from policy_crawler.reading.containers import FAMILY_CONTAINERS
from policy_crawler.reading.page import Page

ALL = (*CASES, *MORE)


def read_case(case: Case, **options: frozenset[str]) -> Reading:
    return read(case.html.encode(case.charset), case.url, **options)


@pytest.fixture(params=ALL, ids=[case.name for case in ALL], scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    found = request.param
    assert isinstance(found, Case)
    return found


@pytest.fixture(scope="module")
def reading(case: Case) -> Reading:
    return read_case(case)


def test_the_family_is_known(case: Case, reading: Reading) -> None:
    assert (reading.state, reading.family, reading.charset) == (PageState.DOCUMENT, case.family, case.charset)


def test_the_title_is_whole(case: Case, reading: Reading) -> None:
    assert reading.title == case.values.get("title", TITLE)


def test_the_body_is_all_of_the_text_and_nothing_else(case: Case, reading: Reading) -> None:
    body = _flat(reading.body or "")
    assert body.startswith(_flat(case.values.get("start", START)))
    assert body.endswith(_flat(case.values.get("end", END)))
    assert "数据目录.pdf" not in body
    assert body.count("提高思想认识") == 1


def test_numbers_issuer_and_dates(case: Case, reading: Reading) -> None:
    published = reading.published.isoformat()[:10] if reading.published else None
    got = (reading.doc_number, reading.index_number, reading.issuer, published)
    number = None if "doc_number" in case.without else NUMBER
    index = None if "index_number" in case.without else INDEX
    assert got == (number, index, case.issuer, case.published)


def test_the_days_of_force_come_from_the_text(case: Case, reading: Reading) -> None:
    if "force" in case.without:  # a report tells of days of force; it has none
        assert (reading.effective, reading.expires) == (None, None)
        return
    days = (reading.written, reading.effective, reading.expires)
    assert days == (date(2026, 3, 2), date(2026, 4, 1), date(2031, 4, 1))


def test_the_attachments_are_the_documents_own(case: Case, reading: Reading) -> None:
    assert tuple(link.href for link in reading.attachments) == case.attachments


def test_the_text_is_found_without_the_familys_rules(case: Case) -> None:
    if case.family == "gkmlpt" and "DETAIL" in case.html:
        pytest.skip("a script draws the page: without its rule there is no text")
    without = read_case(case, without_families=EVERY_FAMILY)
    body = _flat(without.body or "")
    assert body.startswith(_flat(case.values.get("start", START)))
    assert body.endswith(_flat(case.values.get("end", END)))


EVERY_FAMILY = frozenset(family for family, _ in FAMILY_CONTAINERS)


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("word", [word for _, words in families._WORDS for word in words])
def test_the_whole_mark_of_a_template_tells_its_family_wherever_it_stands(word: str) -> None:
    for source in (word, f"<!-- {word} -->", f"/module/web{word}", f"_.{word}/_.", word[1:], word[:-1]):
        page = Page(source, "http://www.example.org/page.html")
        marked = (name for name, words in families._WORDS if any(mark in source for mark in words))

        assert families.family_of(page, "generic", {}) == next(marked, "generic")
