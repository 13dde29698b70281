"""`references`, `wanted`, `gaps`, and what `show` and `search` say of validity, on an archive filled beforehand."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from support.archives import NEWS, Crawl, first_run, reading

from console.installation import Installation

SITE = "https://www.miit.gov.cn/art"
SENTENCE = "《平台补贴暂行办法》（工信部信发〔2020〕3号）同时废止。"


@pytest.fixture
def filled(home: Path) -> Installation:
    """A policy that repeals another and cites a law that is missing, and a report of it."""
    here = Installation()
    archive, clock = here.archive, here.clock
    today = clock.today()
    first_run(archive, clock)  # type: ignore[arg-type]
    crawl = Crawl(archive, clock)  # type: ignore[arg-type]
    crawl.page(
        f"{SITE}/1.html",
        reading(title="平台补贴暂行办法", doc_number="工信部信发〔2020〕3号", written=date(2020, 1, 1), validity="有效",
                published=date(2020, 1, 1)),
    )  # fmt: skip
    crawl.page(
        f"{SITE}/2.html",
        reading(
            written=today, published=today, effective=today,
            mentions=(("repeals", "平台补贴暂行办法", "工信部信发〔2020〕3号", None, SENTENCE),
                      ("implements", "平台法", None, None, "根据《平台法》，制定本办法。")),
        ),
    )  # fmt: skip
    crawl.close()
    news = Crawl(archive, clock, NEWS)  # type: ignore[arg-type]
    news.page(
        "https://www.news.example/1.html",
        reading(title="报道", type="news", doc_number=None, published=today + timedelta(days=1),
                mentions=(("reports", None, "工信部信发〔2026〕12号", None, "印发了办法。"),)),
    )  # fmt: skip
    news.close()
    return here


def test_references_both_ways(filled: Installation, command) -> None:
    lines = command("references", "工信部信发〔2026〕12号", "--json").lines
    assert [(line["relation"], line["outgoing"], line["days_after"]) for line in lines][:2] == [
        ("repeals", True, (filled.clock.today() - date(2020, 1, 1)).days),
        ("implements", True, None),
    ]
    assert (lines[2]["relation"], lines[2]["days_after"]) == ("reported by", 1)
    assert lines[0]["reference"]["sentence"] == SENTENCE
    said = command("references", "2")
    assert said.code == 0, said.err
    for line in ("repeals", "《平台补贴暂行办法》 工信部信发〔2020〕3号 → #1 平台补贴暂行办法 (by number)", SENTENCE,
                 "《平台法》 (not in the archive)", "#3 报道", "1 day after it"):  # fmt: skip
        assert line in said.out
    assert "repealed by" in command("references", "1", "--depth", "2").out
    assert command("references", "99").code == 2


def test_wanted_and_gaps(filled: Installation, command) -> None:
    (line,) = command("wanted", "--json").lines
    assert (line["title"], line["documents"], line["relations"]) == ("平台法", 1, {"implements": 1})
    assert "《平台法》" in command("wanted").out
    (series,) = command("gaps", "--issuer-code", "工信部信发", "--year", "2026", "--json").lines
    assert (series["highest"], series["missing"], series["archived"]) == (12, list(range(1, 12)), {"12": 2})
    assert "1–11" in command("gaps", "--year", "2026").out


def test_show_and_search_say_whether_it_is_in_force(filled: Installation, command) -> None:
    shown = command("show", "1").out
    assert f"repealed: repealed by 《{reading().title}》（工信部信发〔2026〕12号） on {filled.clock.today()}" in shown
    assert "the page says 有效 (in force)" in shown
    validity = command("show", "1", "--json").lines[0]["validity"]
    assert (validity["chosen"]["state"], validity["chosen"]["rule"], validity["chosen"]["document_id"]) == (
        "repealed", "repealed_by", 2,
    )  # fmt: skip
    assert validity["stated"]["state"] == "in_force"
    hits = command("search", "validity:repealed", "--json").lines
    assert [(hit["document_id"], hit["validity"]) for hit in hits] == [(1, "repealed")]
    wrong = command("search", "validity:dead")
    assert wrong.code == 2
    assert "partly_repealed" in wrong.err
