"""`documents`: what may be one, and merging, splitting and undoing by hand, on an archive that holds one text twice."""

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


def test_a_pair_is_decided_and_reopened(twice: Installation, command) -> None:
    (line,) = command("documents", "possible", "--json").lines
    assert [one["field"] for one in line["differences"]] == ["issuer"]
    said = command("documents", "distinct", "1", "2", "--reason", "two issuers", "--by", "li")
    assert said.code == 0, said.err
    assert "are two documents" in said.out
    assert command("documents", "possible", "--json").lines == []
    refused = command("documents", "merge", "1", "2", "--yes")
    assert refused.code == 2
    assert "kept apart by decision 1" in refused.err
    assert "open again" in command("documents", "undo", "1", "--yes").out
    assert len(command("documents", "possible", "--json").lines) == 1


def test_a_merge_is_previewed_made_shown_and_undone(twice: Installation, command) -> None:
    would = command("documents", "merge", "1", "2", "--dry-run")
    assert would.code == 0, would.err
    assert "#2" in would.out
    assert "would be merged into #1" in would.out
    assert "1 copy, 1 version" in would.out
    assert command("documents", "decisions").out.strip() == "Nobody has decided anything."
    asked = command("documents", "merge", "1", "2")  # nobody is there to say yes
    assert asked.code == 1
    assert "would be merged into #1" in asked.err
    (done,) = command("documents", "merge", "1", "2", "--yes", "--json", "--reason", "one text").lines
    assert (done["document_id"], done["other_id"], done["urls"]) == (1, 2, [OTHER])
    shown = command("show", "2", "--json")
    assert shown.lines[0]["document"]["id"] == 1
    assert "#2 was merged into #1" in shown.err
    (row,) = command("documents", "decisions", "2", "--json").lines
    assert (row["kind"], row["reason"]) == ("merge", "one text")
    assert "No documents that may be one." in command("documents", "possible").out
    assert "a document of its own again" in command("documents", "undo", "1", "--yes").out
    assert command("show", "2", "--json").lines[0]["document"]["id"] == 2


def test_a_copy_is_split_off(twice: Installation, command) -> None:
    command("documents", "merge", "1", "2", "--yes")
    wrong = command("documents", "split", "1", "--copy", "https://www.example.cn/", "--yes")
    assert wrong.code == 2
    assert f"its copies are\n  https://www.miit.gov.cn/art/1.html\n  {OTHER}" in wrong.err
    (done,) = command("documents", "split", "1", "--copy", OTHER, "--yes", "--json").lines
    assert (done["kind"], done["document_id"], done["other_id"]) == ("split", 1, 3)
    assert command("show", OTHER, "--json").lines[0]["document"]["id"] == 3
