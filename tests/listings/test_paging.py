"""The way to the next page."""

import pytest
from parsel import Selector

from policy_crawler.listings.paging import next_by_link, next_by_script, page_script

URL = "https://www.gyb.example/zwgk/tz/"


@pytest.mark.parametrize(
    ("call", "dialect", "pages", "current", "second"),
    [
        ('createPageHTML(9, 0, "index", "html");', "trs", 9, 1, "index_1.html"),
        ("//createPageHTML(84, 3, 'index', 'shtml');", "trs", 84, 4, "index_1.shtml"),
        ("createPageHTML(170, 8, 1, 'index_10954', 'html');", "trs", 8, 2, "index_10954_1.html"),
        ("createPageHTML('page_div', 5, 1, 'fg', 'shtml', 89);", "ucap", 5, 1, "fg_2.shtml"),
        ('createPage( 12 , 0 , "list" , "htm" , 3, 4 )', "trs", 12, 1, "list_1.htm"),
    ],
)
def test_the_two_vendors_of_one_name(call, dialect, pages, current, second):
    script = page_script(call)
    assert (script.dialect, script.pages, script.current, script.name(2)) == (dialect, pages, current, second)


@pytest.mark.parametrize(
    "text", ["createPageHTML(nPages, nIndex, 'index', 'html')", "createPageHTML()", "createPageHTML(3)"]
)
def test_a_call_that_names_no_file_says_nothing(text):
    assert page_script(text) is None


def test_the_last_page_has_no_next():
    assert next_by_script('createPageHTML(3, 2, "index", "html")', URL + "index_2.html") == (None, 3)
    assert next_by_script("createPageHTML('d', 3, 3, 'index', 'html', 40)", URL + "index_3.html") == (None, 3)


def test_next_of_a_middle_page():
    found, pages = next_by_script('createPageHTML(3, 1, "index", "html")', URL + "index_1.html")
    assert (found.url, pages) == (URL + "index_2.html", 3)


def test_paging_written_out_by_hand():
    text = "var currentPage = 0;//所在页从0开始\nvar countPage = 84//共多少页"
    found, pages = next_by_script(text, URL + "index.shtml")
    assert (found.url, pages) == (URL + "index_1.shtml", 84)
    found, _ = next_by_script(text, URL)
    assert found.url == URL + "index_1.html"


def link(html):
    return next_by_link(Selector(text=f"<html><body>{html}</body></html>"), URL + "index.html")


def test_a_printed_pager():
    html = (
        "<a href='index_1.html'>1</a><a href='index_2.html'>2</a>"
        "<a href='index_2.html'>下一页</a><a href='index_5.html'>尾页</a>"
    )
    found, pages = link(html)
    assert (found.url, pages) == (URL + "index_2.html", 5)


def test_a_pager_that_counts_from_nought():
    html = (
        "<a href='index.html'>1</a><a href='index_1.html'>2</a>"
        "<a href='index_1.html'>下一页 ›</a><a href='index_8.html'>尾页</a>"
    )
    assert link(html)[1] == 9


def test_a_pager_that_says_how_many():
    assert link("<a href='p2.html'>下一页</a> 共 17 页")[1] == 17


@pytest.mark.parametrize("href", ["javascript:next(2)", "#", "index.html"])
def test_a_next_link_that_leads_nowhere(href):
    assert link(f"<a href='{href}'>下一页</a>")[0] is None
