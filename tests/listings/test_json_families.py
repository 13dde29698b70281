"""JSON families beyond their recorded pages: what they find out themselves, what they refuse, the long tail."""

import contextlib
import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.listings import family_of, read_listing
from policy_crawler.listings.model import ListRequest, Params

DAY = date(2026, 11, 20)


def read(family: str, answer: Any, url: str, params: Params, page: int = 1) -> Any:
    body = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return read_listing(body.encode(), url, family=family, request=ListRequest(url, page=page), params=params)


# What servers of the long tail answer, each with one row, and how a source tells where it stands.
TAIL: dict[str, tuple[str, dict[str, Any], Any, str]] = {
    "Henan's search": (
        "https://searchapi.henan.gov.cn/open/api/external",
        {"rows": "data.datas", "title": "title", "url": "selfUrl", "date": "pubDate"},
        {"data": {"datas": [{"title": "标题一二三", "selfUrl": "/2026/a.html", "pubDate": "2026-11-20 10:00:00"}]}},
        "https://searchapi.henan.gov.cn/2026/a.html",
    ),
    "Heilongjiang's catalogue": (
        "http://zwgk.hlj.gov.cn/zwgk/publicInfo/searchFile?chanPath=2,",
        {
            "rows": "data.records",
            "title": "title",
            "date": "publishTime",
            "number": "fileNumber",
            "url_template": "/zwgk/publicInfo/detail?id={id}",
            "pages": "data.pages",
        },
        {"code": "0", "data": {"records": [{"id": 44, "title": "标题一二三", "publishTime": 1795136400}], "pages": 1}},
        "http://zwgk.hlj.gov.cn/zwgk/publicInfo/detail?id=44",
    ),
    "Hainan's library": (
        "http://www.hainan.gov.cn/u/search/wjk/rs",
        {"rows": "page.list", "title": "title", "url": "url", "date": "pubDate", "number": "c_wjbh"},
        {"page": {"list": [{"title": "标题一二三", "url": "/hainan/a.shtml", "pubDate": "2026-11-20", "c_wjbh": ""}]}},
        "http://www.hainan.gov.cn/hainan/a.shtml",
    ),
    "drafts of laws": (
        "http://www.npc.gov.cn/flcaw/flca-list?flag=0&type=0",
        {"rows": "rows", "title": "flxxmc", "date": "ksrq", "url_template": "/flcaw/userIndex.html?lid={flxxId}"},
        {"total": 1, "rows": [{"flxxId": "ff80", "flxxmc": "标题一二三", "ksrq": "2026-11-20", "jsrq": "2026-12-20"}]},
        "http://www.npc.gov.cn/flcaw/userIndex.html?lid=ff80",
    ),
    "export control": (
        "http://exportcontrol.mofcom.gov.cn/edi_ecms_web_front/front/column/getColumnList",
        {"rows": "pageInfo.rows", "title": "title", "url": "url", "date": "publishTimeStr"},
        {
            "pageInfo": {
                "rows": [{"title": "标题一二三", "url": "/article/a.html", "publishTimeStr": "2026-11-20 09:00"}]
            }
        },
        "http://exportcontrol.mofcom.gov.cn/article/a.html",
    ),
    "Pudong": (
        "https://www.pudong.gov.cn/zwgk-search-front/api/data/affair",
        {"rows": "data.list", "title": "title", "url": "url", "date": "display_date"},
        {"data": {"list": [{"title": "标题一二三", "url": "/zwgk/a/2026/1.html", "display_date": "2026-11-20"}]}},
        "https://www.pudong.gov.cn/zwgk/a/2026/1.html",
    ),
    "Yicai": (
        "https://www.yicai.com/api/ajax/getlatest",
        {"rows": "", "title": "NewsTitle", "url": "url", "date": "CreateDate"},
        [{"NewsTitle": "标题一二三", "url": "/news/1.html", "CreateDate": "2026-11-20T08:30:00"}],
        "https://www.yicai.com/news/1.html",
    ),
    "Cankaoxiaoxi": (
        "https://china.cankaoxiaoxi.com/json/channel/zhongguo/list.json",
        {"rows": "list", "title": "data.title", "url": "data.url", "date": "data.publishTime"},
        {
            "list": [
                {"data": {"title": "标题一二三", "url": "https://a.example/1.html", "publishTime": "2026-11-20 08:00"}}
            ]
        },
        "https://a.example/1.html",
    ),
    "Caixin": (
        "https://gateway.caixin.com/api/dataplatform/scroll/index",
        {"rows": "data.articleList", "title": "title", "url": "url", "date": "time"},
        {"data": {"articleList": [{"title": "标题一二三", "url": "https://b.example/1.html", "time": 1795136400000}]}},
        "https://b.example/1.html",
    ),
    "WordPress": (
        "https://www.qbitai.com/wp-json/wp/v2/posts",
        {"title": "title.rendered", "url": "link", "date": "date"},
        [
            {
                "title": {"rendered": "标题&#8220;一二三"},
                "link": "https://c.example/1.html",
                "date": "2026-11-20T08:30:00",
            }
        ],
        "https://c.example/1.html",
    ),
    "Ifeng, by JSONP": (
        "https://shankapi.ifeng.com/season/ishare/getShareListData/1/doc/1/ifengnewsh5/getListData",
        {"rows": "data", "title": "title", "url": "url", "date": "newsTime", "jsonp": "getListData"},
        'getListData({"data": [{"title": "标题一二三", "url": "//d.example/1", "newsTime": "2026-11-20 08:00:00"}]})',
        "https://d.example/1",
    ),
}


@pytest.mark.parametrize("name", TAIL)
def test_the_long_tail_is_declared(name: str) -> None:
    url, params, answer, expected = TAIL[name]
    family_of("api").first(url, params)
    (entry,) = read("api", answer, url, params).entries
    assert entry.title.replace("“", "") == "标题一二三"
    assert (entry.url, entry.date) == (expected, DAY)


def test_a_page_number_inside_the_path() -> None:
    params = {"endpoint": "/share/1/doc/{page}/list", "rows": "data", "title": "t", "url": "u", "size": 1}
    first = family_of("api").first("https://a.example/", params)
    assert first.url == "https://a.example/share/1/doc/1/list"
    following = read("api", {"data": [{"t": "标题", "u": "/1"}]}, first.url, params).next_page
    assert following.url == "https://a.example/share/1/doc/2/list"


def test_a_redirect_does_not_move_the_endpoint() -> None:
    """The list is asked where the source says; only the rows' links are seen from where the answer came."""
    params = {"rows": "d", "title": "t", "url": "u", "page_param": "p"}
    asked = ListRequest("https://a.gov.cn/list?p=1")
    body = b'{"d": [{"t": "x", "u": "/1.html"}]}'
    listing = read_listing(body, "https://b.example/list", family="api", request=asked, params=params)
    assert listing.next_page is not None
    assert listing.next_page.url == "https://a.gov.cn/list?p=2"
    assert listing.entries[0].url == "https://b.example/1.html"


@pytest.mark.parametrize(
    ("family", "url", "params", "words"),
    [
        ("api", "https://a.cn/", {"url": "u"}, "expected title"),
        ("api", "https://a.cn/", {"title": "t"}, "expected url or url_template"),
        ("api", "https://a.cn/", {"title": "t", "url": "u", "method": "PUT"}, "method: expected one of GET"),
        ("api", "https://a.cn/", {"title": "t", "url": "u", "query": "a=1"}, "query: expected a table"),
        ("cac", "https://www.cac.gov.cn/wxzw/", {}, "expected channel_code"),
        ("nfra", "https://www.nfra.gov.cn/cn/", {}, "expected item_id"),
        ("sichuan", "https://www.sc.gov.cn/", {}, "expected channel_id"),
        ("suzhou", "https://a.cn/szinf/info/getInfoCommon/", {}, "expected channel_id"),
        ("ucap_api", "https://a.cn/x/", {"service": "other"}, "service: expected one of search"),
        ("ucap_api", "https://a.cn/x/", {"service": "channel"}, "expected channel_code"),
    ],
)
def test_what_is_missing_is_named(family: str, url: str, params: Params, words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        family_of(family).first(url, params)


@pytest.mark.parametrize(
    ("family", "text", "url", "expected"),
    [
        ("cac", "var d={channelCode:'A093702'}", "https://a.cn/x/index.htm", {"channel_code": "A093702"}),
        ("cac", "channelCode:'A1111'", "https://a.cn/A093702index_1.htm", {}),
        ("ucap_api", "$.post('/getFileListByCodeId')", "https://a.cn/", {"service": "codeid"}),
        ("ucap_api", "$.get('/getLocalList')", "https://a.cn/", {"service": "channel"}),
        ("ucap_api", f"getLocalList; var channelId = '{'a' * 32}'", "https://a.cn/", {}),
        ("ucap_api", "{}", "https://a.cn/queryList", {"service": "querylist"}),
        (
            "sichuan",
            f"<li channelid='{'a' * 32}'><li channelid='{'b' * 32}'>",
            "https://a.cn/",
            {"channel_id": ["a" * 32, "b" * 32]},
        ),
        ("sichuan", f"<li channelid='{'a' * 32}'>", "https://a.cn/", {"channel_id": "a" * 32}),
        ("gkmlpt", "<html></html>", "https://a.cn/gkmlpt/index", {}),
    ],
)
def test_what_a_column_page_tells(family: str, text: str, url: str, expected: Params) -> None:
    assert family_of(family).discover(text, url) == expected


@pytest.mark.parametrize(
    ("url", "params", "api"),
    [
        ("https://a.gov.cn/gkmlpt/index", {"category": 21022}, "https://a.gov.cn/gkmlpt/api/all/21022?page=1&sid=7"),
        ("https://a.gov.cn/gkmlpt/index#21023", {}, "https://a.gov.cn/gkmlpt/api/all/21023?page=1&sid=7"),
        ("https://a.gov.cn/office/gkmlpt/index", {}, "https://a.gov.cn/office/gkmlpt/api/all/0?page=1&sid=7"),
        ("https://a.gov.cn/zwgk/", {}, "https://a.gov.cn/gkmlpt/api/all/0?page=1&sid=7"),
    ],
)
def test_the_platforms_api_stands_beside_its_index(url: str, params: Params, api: str) -> None:
    listing = read("gkmlpt", "<script>window._CONFIG = {SID:'7', TREE: []}</script>", url, params)
    assert (listing.by_script, listing.next_page.url) == (True, api)


def test_pages_of_a_list_without_counts_end_with_a_short_one() -> None:
    url = "https://www.sc.gov.cn/cms-scsrmzf/qryZFWJListByConditionsNew"
    rows = [{"title": f"标题{n}", "url": f"/{n}.shtml"} for n in range(3)]
    params = {"channel_id": "a" * 32, "page_size": 3}
    assert read("sichuan", {"results": rows}, url, params).next_page.page == 2
    assert read("sichuan", {"results": rows[:2]}, url, params, page=2).next_page is None
    assert read("sichuan", {"results": []}, url, params, page=3).next_page is None


def test_a_row_kept_whole_is_the_same_whatever_the_order_of_its_keys() -> None:
    url = f"https://www.hlj.gov.cn/common/search/{'8' * 32}"
    one = {"title": "标题", "url": "/1.shtml", "contentHtml": "<p>正文</p>"}
    other = dict(reversed(one.items()))
    kept = [
        read("ucap_api", {"data": {"results": [row]}}, url, {"body": "api"}).entries[0].record for row in (one, other)
    ]
    assert kept[0] == kept[1]
    assert json.loads(kept[0]) == one
    assert read("ucap_api", {"data": {"results": [one]}}, url, {}).entries[0].record is None


def test_the_servers_own_words_are_told() -> None:
    with pytest.raises(
        PageChanged, match=r"expected a list at resultDocs, found keys code, msg, which says '不存在的站点'"
    ):
        read(
            "api",
            {"code": 500, "msg": "不存在的站点"},
            "https://a.cn/so/ss/query/s",
            {"rows": "resultDocs", "title": "t", "url": "u"},
        )


def test_a_bucket_whose_count_is_no_number_still_lists() -> None:
    row = {"title": "标题", "url": "https://www.gov.cn/1.htm", "pubtime": 1795136400000}
    answer = {"searchVO": {"totalCount": 0, "catMap": {"gongwen": {"totalCount": "many", "listVO": [row]}, "x": None}}}
    listing = read("govcn_search", answer, "https://sousuo.www.gov.cn/search-gov/data?p=1", {})
    assert [(entry.url, entry.date) for entry in listing.entries] == [("https://www.gov.cn/1.htm", DAY)]
    assert listing.next_page.url.count("p=2") == 1


PAGES = Path(__file__).parent / "pages"
ODD = (None, 0, -1, 1e308, True, "", "x" * 5, [], {}, [1], {"a": 1}, "javascript:", "http://[", "\ufffd")


def spoilt(value: Any, chance: random.Random) -> Any:
    """The value with keys left out and odd ones in place of some others."""
    if isinstance(value, dict):
        return {key: spoilt(one, chance) for key, one in value.items() if chance.random() > 0.08}
    if isinstance(value, list):
        return [spoilt(one, chance) for one in value]
    return chance.choice(ODD) if chance.random() < 0.15 else value


@pytest.mark.parametrize(
    "folder", sorted({file.parent for file in PAGES.glob("*/*.json")}), ids=lambda folder: folder.name
)
def test_no_answer_breaks_a_reader(folder: Path) -> None:
    """Whatever a server answers is a list, or a changed page: never an error of ours."""
    expect = json.loads((folder / "expect.json").read_text(encoding="utf-8"))
    family, chance = folder.name.partition("-")[0], random.Random(folder.name)  # noqa: S311 - nothing secret
    pages = [
        json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json") if file.name != "expect.json"
    ]
    for page in pages:
        for _ in range(20):
            with contextlib.suppress(PageChanged):
                listing = read(family, spoilt(page, chance), expect["url"], expect.get("params", {}))
                assert all(entry.title and entry.url.startswith("http") for entry in listing.entries)
