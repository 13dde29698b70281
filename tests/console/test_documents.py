"""`documents possible`, on an archive that holds one text twice."""

from pathlib import Path

import pytest
from support.archives import PROVINCE, Crawl, first_run, reading

from console.installation import Installation

OTHER = "https://gxt.jiangsu.gov.cn/art/9.html"


@pytest.fixture
def twice(home: Path) -> Installation:
    """One text on two sites, which name two issuers and no number."""
    here = Installation()
    archive, clock = here.archive, here.clock
    first_run(archive, clock)  # type: ignore[arg-type]
    crawl = Crawl(archive, clock)  # type: ignore[arg-type]
    crawl.page("https://www.miit.gov.cn/art/1.html", reading(doc_number=None))
    crawl.close()
    province = Crawl(archive, clock, PROVINCE)  # type: ignore[arg-type]
    province.page(OTHER, reading(doc_number=None, issuer="江苏省财政厅", issuers=("江苏省财政厅",)))
    province.close()
    return here


def test_documents_that_may_be_one_are_listed(twice: Installation, command) -> None:
    (line,) = command("documents", "possible", "--json").lines
    assert (line["document_id"], line["other_id"], line["url"]) == (2, 1, OTHER)
    assert line["reason"] == "one text, but not of one issuer"
    said = command("documents", "possible")
    assert said.code == 0, said.err
    assert "one text, but not of one issuer" in said.out
    assert OTHER in said.out


def test_without_any_it_says_so(home: Path, command) -> None:
    first_run(Installation().archive, Installation().clock)  # type: ignore[arg-type]
    assert "No documents that may be one." in command("documents", "possible").out
