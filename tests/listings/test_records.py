"""The engine of JSON lists: paths, dates, page arithmetic, and what it refuses."""

import json
from datetime import date
from typing import Any

import pytest

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.listings.model import ListRequest
from policy_crawler.listings.records import (
    Endpoint,
    Fields,
    day_of,
    dig,
    endpoint_url,
    load,
    read_listing,
    read_rows,
    rows_at,
    words,
)

URL = "https://www.example.gov.cn/api/list"
FIELDS = Fields(title=("titleFull", "title"), url=("url",), date=("day",), number=("no",), pinned=("top",))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-02 09:30:00", date(2026, 11, 2)),
        ("2026.11.02", date(2026, 11, 2)),
        ("20261102", date(2026, 11, 2)),
        (20261102, date(2026, 11, 2)),
        ("20261102093000", date(2026, 11, 2)),
        (1793548800, date(2026, 11, 2)),  # 00:00 in China, still the day before in UTC
        (1793548800000, date(2026, 11, 2)),
        ("1793548800000", date(2026, 11, 2)),
        (1793548800.5, date(2026, 11, 2)),
        ({"time": 1793548800000}, date(2026, 11, 2)),
        (999_999_999, date(2001, 9, 9)),
        ("2026-11-01T16:00:00.000Z", date(2026, 11, 2)),
        ("2026-11-01T16:00:00.000+0000", date(2026, 11, 2)),
        ("2026-11-02T00:30:00", date(2026, 11, 2)),
        ("11-02", date(2026, 11, 2)),
        ("", None),
        (None, None),
        (0, None),
        (True, None),
        ("近期", None),
    ],
)
def test_day_of_reads_every_form(value: Any, expected: date | None) -> None:
    assert day_of(value, today=date(2026, 11, 24)) == expected


def test_paths_walk_through_lists_and_mappings() -> None:
    document = {"data": {"groups": [{"rows": [1, 2]}, {"rows": [3]}, {}], "map": {"a": {"rows": [4]}}}}
    assert dig(document, "data.groups.1.rows") == [3]
    assert dig(document, "data.groups[].rows") == [1, 2, 3]
    assert dig(document, "data.map[].rows") == [4]
    assert dig(document, "data.groups.9.rows") is None
    assert dig(document, "data.absent[].rows") is None
    meta = {"meta": [{"items": [{"key": "refno", "value": "1号"}, {"key": "x", "value": "y"}]}, {"items": None}]}
    assert dig(meta, "meta[].items[key=refno].value") == ["1号"]


def test_jsonp_is_unwrapped_and_its_name_checked() -> None:
    assert load('/**/window.result({"a": "(1)"});', URL) == {"a": "(1)"}
    assert load("try{callback_search([1])}catch(e){}", URL) == [1]
    assert load('{"a": 1}', URL, jsonp="result") == {"a": 1}
    with pytest.raises(PageChanged, match=r"expected JSON or result\(…\), found 'other"):
        load("other([1])", URL, jsonp="result")
    with pytest.raises(PageChanged, match="expected JSON, found '<html>"):
        load("<html><body>维护中</body></html>", URL)
    with pytest.raises(PageChanged, match="something broken"):
        load('{"a": ', URL)


def test_a_missing_list_is_a_change_and_null_is_an_empty_one() -> None:
    assert rows_at({"data": {"list": None}}, ["data.list"], URL) == []
    assert rows_at({"data": '[{"a": 1}]'}, ["data"], URL) == [{"a": 1}]
    with pytest.raises(
        PageChanged, match=r"expected a list at data\.list, found keys code, msg, which says '不存在的站点'"
    ):
        rows_at({"code": 500, "msg": "不存在的站点"}, ["data.list"], URL)
    with pytest.raises(PageChanged, match="found keys data"):
        rows_at({"data": {"rows": []}}, ["data.list"], URL)


def test_rows_give_entries_once_with_titles_without_markup() -> None:
    rows = [
        {
            "title": "关于<em>数据</em>&nbsp;出境&lt;试行&gt;的…",
            "titleFull": "关于数据出境的通知",
            "url": "//www.example.gov.cn/a.html",
            "day": 1793548800000,
            "no": "工信部〔2026〕1号",
            "top": "1",
        },
        {"title": "第二", "url": "/b.html?x=1&amp;y=2", "day": None, "top": "0"},
        {"title": "又是第二", "url": "https://www.example.gov.cn/b.html?x=1&y=2"},
        {"title": "", "url": "/c.html"},
        {"title": "外部", "url": "javascript:void(0)"},
        {"title": "坏", "url": "http://[bad"},
    ]
    entries, rejected = read_rows(rows, URL, FIELDS, keep=True)
    assert [(e.title, e.url, e.date, e.doc_number, e.pinned) for e in entries] == [
        ("关于数据出境的通知", "https://www.example.gov.cn/a.html", date(2026, 11, 2), "工信部〔2026〕1号", True),
        ("第二", "https://www.example.gov.cn/b.html?x=1&y=2", None, None, False),
    ]
    assert rejected == 3
    assert json.loads(entries[0].record or "")["no"] == "工信部〔2026〕1号"
    assert read_rows(rows, URL, FIELDS)[0][0].record is None
    with pytest.raises(PageChanged, match="expected rows with titleFull or title and url, found 1 with keys name"):
        read_rows([{"name": "x"}], URL, FIELDS)


def test_a_template_builds_the_url_from_the_row() -> None:
    fields = Fields(title=("t",), url_template="/doc/{meta.id}?k={k}")
    entries, rejected = read_rows([{"t": "标题", "meta": {"id": 7}, "k": "a b"}, {"t": "无号", "k": "x"}], URL, fields)
    assert [e.url for e in entries] == ["https://www.example.gov.cn/doc/7?k=a%20b"]
    assert rejected == 1


def test_the_page_number_goes_where_it_stands_and_keeps_its_type() -> None:
    get = Endpoint(URL, query={"q": "", "p": 1, "flag": True}, page_param="p", size_param="n", size=20)
    assert get.page(3) == ListRequest(URL + "?q=&p=3&flag=true&n=20", page=3)
    form = Endpoint(
        URL,
        "POST-FORM",
        query={"pageSize": 15},
        form={"id": ["a", "b"]},
        page_param="i",
        size_param="pageSize",
        size=15,
    )
    asked = form.page(2)
    assert (asked.method, asked.url, asked.body) == ("POST", URL + "?pageSize=15", b"id=a&id=b&i=2")
    body = Endpoint(URL, "POST-JSON", json={"pageNum": "1", "where": {}}, page_param="pageNum")
    assert json.loads(body.page(2).body or b"") == {"pageNum": "2", "where": {}}
    assert Endpoint(URL + "?a=&p=9#x", query={"a": 1}, page_param="p").page(2).url == URL + "?a=1&p=2"
    assert Endpoint(URL + "/{page}/x", first_page=0).page(2).url == URL + "/1/x"
    nested = Endpoint(URL, "POST-JSON", json={"page": {"size": 10}}, page_param="page.from", first_page=0, step=10)
    assert json.loads(nested.page(3).body or b"") == {"page": {"size": 10, "from": 20}}
    assert nested.json == {"page": {"size": 10}}
    with pytest.raises(OperatorError, match="expected one of GET, POST-FORM, POST-JSON, found 'PUT'"):
        Endpoint(URL, "PUT").page(1)


def test_the_endpoint_is_the_sources_own() -> None:
    assert endpoint_url("https://a.gov.cn/x/", {"endpoint": "/api"}) == "https://a.gov.cn/api"
    assert endpoint_url("https://a.gov.cn/x/", {}, "/default") == "https://a.gov.cn/default"
    assert endpoint_url("https://a.gov.cn/x/", {}) == "https://a.gov.cn/x/"


@pytest.mark.parametrize(
    ("number", "rows", "told", "size", "expected"),
    [
        (1, 10, {"total": 25}, 10, (True, 3)),
        (3, 5, {"total": "25"}, 10, (False, 3)),
        (2, 10, {"pages": 2}, 10, (False, 2)),
        (1, 20, {"total": 1000}, 50, (True, 50)),  # asked for 50 a page, given 20: pages are counted by what is given
        (25, 20, {"total": 1000}, 50, (True, 50)),
        (1, 10, {}, 10, (True, None)),
        (2, 9, {}, 10, (False, None)),
        (2, 9, {}, None, (True, None)),  # nothing tells the end: an empty page does
        (3, 0, {"total": 25}, 10, (False, 3)),
        (1, 5, {"total": 25}, None, (True, 5)),
        (1, 10, {"total": 10}, 10, (False, 1)),
    ],
)
def test_pages_end_where_the_server_says(
    number: int, rows: int, told: dict[str, Any], size: int | None, expected: tuple[bool, int | None]
) -> None:
    document = {"rows": [{"title": f"题{n}", "url": f"/{n}.html"} for n in range(rows)], **told}
    listing = read_listing(
        "api",
        document,
        URL,
        rows=["rows"],
        fields=FIELDS,
        endpoint=Endpoint(URL, page_param="p", size=size),
        request=ListRequest(URL, page=number),
        total=["total"],
        pages=["pages"],
    )
    assert (listing.next_page is not None, listing.total_pages) == expected
    assert listing.next_page is None or listing.next_page.url == f"{URL}?p={number + 1}"


def test_words_are_without_markup() -> None:
    assert words("<a href='x'>关于  &amp; <b>一</b></a>") == "关于 & 一"
    assert words(None) == ""
    assert words("a &lt; b &gt; c") == "a < b > c"


@pytest.mark.parametrize(
    "answer",
    [
        '{"rows": [' + "9" * 5000 + "]}",  # Python refuses numbers of so many digits
        "[" * 100_000,
        '{"rows": ',
        "",
        "callback(",
    ],
)
def test_broken_json_is_a_changed_page(answer: str) -> None:
    with pytest.raises(PageChanged):
        load(answer, URL)


def test_odd_values_of_a_row_break_nothing() -> None:
    document = load(
        '{"total": Infinity, "pages": NaN, "rows": [{"title": "一", "url": "/1", "day": 1e999},'
        ' {"title": ["x"], "url": {"a": 1}, "day": [1]},'
        ' {"title": "二", "url": "/2", "day": -5, "no": true}, "text", null]}',
        URL,
    )
    listing = read_listing(
        "api",
        document,
        URL,
        rows=["rows"],
        fields=FIELDS,
        endpoint=Endpoint(URL, page_param="p", size=2),
        request=ListRequest(URL),
        total=["total"],
        pages=["pages"],
    )
    assert [(entry.title, entry.date) for entry in listing.entries] == [("一", None), ("二", None)]
    assert listing.rejected == 1
    assert listing.next_page is not None


def test_a_hostile_title_is_read_in_time() -> None:
    assert len(words("<!--" * 500_000)) <= 2000
