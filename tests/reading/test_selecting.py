"""Elements found by their names are those that lexbor finds by its selectors."""

import pytest

from policy_crawler.reading import containers, origin, published, titles
from policy_crawler.reading.page import Page
from policy_crawler.reading.selecting import Selectors

LISTS = [
    containers._SPECIFIC,
    containers._GENERIC,
    published._MARKS,
    titles._MARKED,
    origin._SOURCE_MARKS,
    origin._AUTHOR_MARKS,
]
BODY = """
<div class="main article content" id="content"><ucaptitle>题</ucaptitle><publishtime>2026-01-05</publishtime>
<article class="article text"><h1 itemprop="headline">题</h1><time datetime="2026-01-05">今天</time></article>
<div class="TRS_Editor trs_editor_view"><p class="source\tauthor">来源</p><p itemprop="author">某某</p></div>
<div id="vsb_content_501" class="\u3000con">文</div><div id="Zoom"><p id="zoom">文</p></div>
<div ergodic="article">文</div>
<div itemprop="articleBody">文</div><ucapcontent>文</ucapcontent><time>昨天</time><p class="">空</p></div>
"""
SPELT_OTHERWISE = '<div class="trs_EDITOR CON"><p id="UCAP-content" class="Source">文</p><i class="con">字</i></div>'


@pytest.mark.parametrize("selectors", LISTS, ids=lambda selectors: selectors.text[:20])
@pytest.mark.parametrize("doctype", ["<!doctype html>", ""], ids=["standard", "quirks"])
@pytest.mark.parametrize("body", [BODY, SPELT_OTHERWISE], ids=["names", "case"])
def test_the_same_elements_in_the_same_order_as_lexbor(selectors: Selectors, doctype: str, body: str) -> None:
    page = Page(f"{doctype}<html><body>{body}</body></html>", "http://www.example.gov.cn/a.html")
    expected = {node.mem_id: (node.tag, node.attributes) for node in page.parser.css(selectors.text)}

    found = [(page.tree.tags[place], page.tree.attributes[place]) for place in page.select(selectors)]
    assert found == list(expected.values())


def test_the_names_page_has_every_list() -> None:
    page = Page(f"<!doctype html>{BODY}", "http://www.example.gov.cn/a.html")

    assert [bool(page.select(selectors)) for selectors in LISTS] == [True] * len(LISTS)
