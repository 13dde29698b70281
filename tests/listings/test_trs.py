"""TRS columns and the search services of TRS sites: to any page of the list, by whatever pager the site prints."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from parsel import Selector

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.listings import family_of, read_listing, recognise, trs, trs_search
from policy_crawler.listings.hops import frame_target, stub_target
from policy_crawler.reading import is_refusal
from policy_crawler.reading.model import PageState

URL = "https://www.fgw.example/zcfb/tz/"
TODAY = date(2026, 11, 24)


def row(number):
    return (
        f'<li><a href="./202605/t20260506_{number}.html" title="关于第{number}项工作的通知">关于第{number}项…</a>'
        "<span>2026-05-06</span></li>"
    )


def page(rows, pager="", head='<meta name="SiteIDCode" content="bm01">'):
    return (
        f"<html><head>{head}</head><body><ul>{''.join(map(row, rows))}</ul><div class='p'>{pager}</div></body></html>"
    )


def numbers(listing):
    return [int(entry.url.rsplit("_", 1)[1].partition(".")[0]) for entry in listing.entries]


PAGERS = {
    "trs": lambda n, pages, total: f"<script>createPageHTML({pages}, {n - 1}, 'index', 'html');</script>",
    "trs with records": lambda n, pages, total: (
        f"<script>createPage({total}, {pages}, {n - 1}, 'index', 'html')</script>"
    ),
    "from one": lambda n, pages, total: f"<script>createPageHTML('p', {pages}, {n}, 'index', 'html', {total})</script>",
    "written out": lambda n, pages, total: (
        f"<script>var countPage = {pages}; var currentPage = {n - 1}; var nextPage = currentPage+1;"
        "document.write('<a href=\"index_' + nextPage + '.html\">下一页</a>')</script>"
    ),
    "widget": lambda n, pages, total: (
        f"<script>pagination_script_config = {{pageNumber: '{n - 1}', total: '{pages}'}}</script>"
    ),
    "link": lambda n, pages, total: f"<a href='index_{n}.html'>下一页</a>" if n < pages else "<a>下一页</a>",
}


@pytest.mark.parametrize("pager", PAGERS)
@pytest.mark.parametrize("total", [1, 10, 11, 57])
def test_every_entry_is_reached_once(pager, total):
    pages, first = -(-total // 10), 1 if pager != "from one" else 0
    names = ["index.html" if n == 1 else f"index_{n - first}.html" for n in range(1, pages + 1)]
    request, seen, params = trs.FAMILY.first(URL, {}), [], {}
    while request:
        name = urlsplit(request.url).path.rsplit("/", 1)[1] or "index.html"
        number = names.index(name) + 1
        assert request.page == number
        rows = range(number * 10 - 9, min(number * 10, total) + 1)
        text = page(rows, PAGERS[pager](number, pages, total))
        listing = trs.read(text, request.url, today=TODAY, request=request, params=params)
        seen += numbers(listing)
        request = listing.next_page
    assert seen == list(range(1, total + 1))


def test_a_name_that_the_column_numbers_keeps_its_number():
    text = "var currentPage = {}; var countPage = 3;"
    first = trs.read(page([1, 2, 3], f"<script>{text.format(0)}</script>"), URL + "index_10954.html")
    assert first.next_page.url == URL + "index_10954_1.html"
    second = trs.read(page([4, 5, 6], f"<script>{text.format(1)}</script>"), first.next_page.url)
    assert second.next_page.url == URL + "index_10954_2.html"


def test_a_name_that_only_a_script_loads():
    text = "var countPage = 84; var currentPage = 0; $.ajax({url:'index_8555_' + page + '.shtml'})"
    listing = trs.read(page([1, 2, 3], f"<script>{text}</script>"), URL)
    assert (listing.next_page.url, listing.total_pages) == (URL + "index_8555_1.shtml", 84)


def test_a_script_that_names_no_file_takes_the_ending_of_the_articles_or_what_the_entry_says():
    script = "<script>var countPage = 3; var currentPage = 0;</script>"
    text = page([1, 2, 3], script).replace(".html", ".shtml")
    assert trs.read(text, URL).next_page.url == URL + "index_1.shtml"
    told = trs.read(text, URL, params={"page_url": "list_{n-1}.htm"})
    assert (told.next_page.url, told.total_pages) == (URL + "list_1.htm", 3)
    last = trs.read(text.replace("currentPage = 0", "currentPage = 2"), URL, params={"page_url": "list_{n-1}.htm"})
    assert last.next_page is None


def test_names_are_relative_to_the_base_of_the_page():
    head = '<base href="https://www.fgw.example/other/">'
    listing = trs.read(page([1, 2, 3], "<script>createPageHTML(2, 0, 'index', 'html')</script>", head), URL)
    assert listing.entries[0].url == "https://www.fgw.example/other/202605/t20260506_1.html"
    assert listing.next_page.url == "https://www.fgw.example/other/index_1.html"


def test_all_rows_at_once_have_no_second_page():
    listing = trs.read(page(range(1, 41), "<script>createPageHTML(40, 3, 0, 'index', 'html')</script>"), URL)
    assert (len(listing.entries), listing.next_page, listing.total_pages) == (40, None, 1)


def test_numbers_of_rows():
    rows = "".join(
        f'<tr><td><a href="./202605/t20260506_{n}.html">关于第{n}项工作的通知</a></td>'
        f"<td>{number}</td><td>2026-05-06</td></tr>"
        for n, number in enumerate(
            ("京政发〔2026〕1号", "（ 京政办函〔2026〕 12 号 ）", "国务院令第743号", "无", "317号文")
        )
    )
    listing = trs.read(f"<table>{rows}</table>", URL)
    assert [entry.doc_number for entry in listing.entries] == [
        "京政发〔2026〕1号",
        "京政办函〔2026〕12号",
        "国务院令第743号",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ('<html><script>window.location.href="./zfxxgkml/";</script></html>', URL + "zfxxgkml/"),
        ("<script>location.replace('https://zwgk.fgw.example/?id=360')</script>", "https://zwgk.fgw.example/?id=360"),
        (
            '<meta http-equiv="refresh" content="0; url=../gg/index.html">正在跳转',
            "https://www.fgw.example/zcfb/gg/index.html",
        ),
        ("<script>location = '#top'</script>", None),
        ("<script>location.href='/a.pdf'</script>", None),
        (f"<script>location.href='/m/'</script><p>{'这是一篇有正文的页面，不是跳转。' * 20}</p>", None),
        ("<html><body>没有跳转</body></html>", None),
    ],
)
def test_stubs(text, target):
    assert stub_target(text, URL) == target
    if target:
        listing = trs.read(text, URL)
        assert (listing.next_page.url, listing.by_script) == (target, True)
        state, why = is_refusal(text.encode(), URL, "text/html", 200)
        assert state not in {PageState.BLOCKED, PageState.LOGIN, PageState.MISSING}, why


def test_frames_of_the_own_site_nearest_first():
    html = (
        '<iframe src="https://map.other.example/"></iframe><iframe src="/video/a.mp4"></iframe>'
        '<iframe src="/weather/"></iframe><iframe src="./list/"></iframe><iframe src="about:blank"></iframe>'
    )
    assert frame_target(Selector(text=html), URL) == URL + "list/"
    assert frame_target(Selector(text="<p>无</p>"), URL) is None


def test_a_list_with_a_frame_beside_it_is_read_itself():
    listing = trs.read(page([1, 2, 3], '<iframe src="/tj/"></iframe>'), URL)
    assert (numbers(listing), listing.by_script) == ([1, 2, 3], False)


def test_a_search_box_makes_no_search_service():
    text = page([1, 2, 3], '<form action="/was5/web/search?channelid=2"><input name="searchword"></form>')
    assert recognise(text, URL) == "trs"


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("file", "url", "second", "pages"),
    [
        ("ndrc_fzggwl_list.html", "https://www.ndrc.gov.cn/xxgk/zcfb/fzggwl/", "index_1.html", 9),
        ("mee_ywdt_xwfb_list_excerpt.html", "https://www.mee.gov.cn/ywdt/xwfb/", "index_1.shtml", 84),
    ],
)
def test_real_columns_lead_on(corpus, file, url, second, pages):
    listing = read_listing((corpus / "pages" / "list" / file).read_bytes(), url, today=TODAY)
    assert (listing.family, listing.next_page.url, listing.total_pages) == ("trs", url + second, pages)
    assert all(entry.date for entry in listing.entries)


# --- search services -------------------------------------------------------------------------------------------------

BASE = "http://xxgk.ji.example/szf/202605/"
SITE = "https://was.ji.example"


def found(service, number, size, total):
    rows = range(number * size - size + 1, min(number * size, total) + 1)
    made = [(f"关于第{n}项工作的通知", f"{BASE}t20260506_{n}.html", f"吉政发〔2026〕{n}号") for n in rows]
    pages = -(-total // size)
    if service == "was5":
        links = "".join(f"<li><a href='{url}'>{title}</a><span>2026-05-06</span></li>" for title, url, _ in made)
        return f"<html><body><ul id='list'>{links}</ul><div>共 {pages} 页</div></body></html>"
    if service == "was5_json":
        docs = [{"title": t, "chnldocurl": u, "fileno": n, "pubtime": "2026-05-06"} for t, u, n in made]
        return json.dumps({"docs": [*docs, {"title": "文章标题", "chnldocurl": "文章链接"}]})
    if service == "jsonp":
        data = [{"doctitle": t, "docpuburl": u, "filenum": n, "RELEASEDATE": "2026-05-06"} for t, u, n in made]
        return f"\r\n result({json.dumps({'total': str(total), 'data': data})});\r\n"
    if service == "infogate":
        tips = [{"puburl": u, "title": t, "tip": {"filenum": n, "dates": "2026-05-06"}} for t, u, n in made]
        return f"\ufeff result({json.dumps({'nPage': pages, 'data': tips})});"
    if service == "igs":
        rows = [{"DOCTITLE": t, "DOCPUBURL": u, "fileNum": n, "PUBDATE": "2026-05-06T00:00:00"} for t, u, n in made]
        return json.dumps({"page": {"content": rows, "totalPages": pages, "total": total}})
    datas = [{"_doctitle": t, "docpuburl": u, "fileno": n, "pubdate": "2026-05-06 09:00:00"} for t, u, n in made]
    return json.dumps({"error": False, "datas": datas, "total": total})


ENDPOINTS = {
    "was5": "/was5/web/search?channelid=236238",
    "was5_json": "/fjdzapp/search",
    "jsonp": "/was5/web/gov/szfgz/response_szf_guizhang.jsp",
    "infogate": "/govsearch/jsonp/zf_jd_list.jsp",
    "igs": "/igs/front/search/list.html",
    "ssp": "/ssp/search/api/apiSearch",
}


@pytest.mark.parametrize("service", trs_search.SERVICES)
@pytest.mark.parametrize("total", [1, 30, 31])
def test_every_document_of_a_service_is_reached_once(service, total):
    known = trs_search.SERVICES[service]
    size = known.size or 15
    params = {"service": service, "query": {"siteId": 14}}
    family = family_of("trs_search")
    request, seen, asked_for = family.first(SITE + ENDPOINTS[service], params), [], []
    while request and len(asked_for) < 9:
        asked = parse_qs(urlsplit(request.url).query)
        asked_for.append(int(asked[known.page_param][0]))
        assert asked["siteId"] == ["14"]
        assert service != "was5" or asked["channelid"] == ["236238"]
        assert not known.size_param or asked[known.size_param] == [str(size)]
        text = found(service, asked_for[-1], size, total)
        listing = family.read(text, request.url, today=TODAY, request=request, params=params)
        assert all(entry.date == date(2026, 5, 6) for entry in listing.entries)
        if service != "was5":
            assert all(entry.doc_number.startswith("吉政发〔2026〕") for entry in listing.entries)
        seen += numbers(listing)
        request = listing.next_page
    assert seen == list(range(1, total + 1))
    assert asked_for == list(range(1, len(asked_for) + 1))


@pytest.mark.parametrize("service", trs_search.SERVICES)
def test_a_service_is_known_by_its_url(service):
    url = SITE + ENDPOINTS[service]
    assert trs_search.discover("", url) == {"service": service}
    assert recognise("", family_of("trs_search").first(url, {}).url) == "trs_search"


def test_another_count_of_pages():
    params = {"service": "jsonp", "page_param": "page", "first_page": 0, "size_param": "perpage", "size": 20}
    url = trs_search.first("https://search.mnr.example/was/ajaxdata_jsonp.jsp?channelid=216640", params).url
    asked = parse_qs(urlsplit(url).query)
    assert (asked["page"], asked["perpage"], asked["channelid"]) == (["0"], ["20"], ["216640"])


def test_a_row_with_its_details_folded_in():
    """The natural resources ministry folds a table of details, its dates and numbers too, into the title's cell."""
    rows = "".join(
        f"<tr><td>000019174/2026-0000{n}</td><td><a target='_blank' href='http://gi.mnr.example/202605/t20260506_{n}.html'>"
        f"自然资源部关于第{n}项工作的通知</a><div class='box'><table><tr><td>标    题</td><td>关于第{n}项</td></tr>"
        "<tr><td>实施日期</td><td>2026年12月31日</td></tr></table></div></td>"
        f"<td>自然资发〔2026〕{n}号</td><td>2026-05-06</td></tr>"
        for n in (1, 2, 3)
    )
    listing = trs_search.read(
        f"<html><table class='table'><tr><th>索引</th><th>标题</th></tr>{rows}</table></html>",
        "https://search.mnr.example/was5/web/search?channelid=216640&page=1",
        today=TODAY,
        params={"service": "was5"},
    )
    assert [(entry.date, entry.doc_number) for entry in listing.entries] == [
        (date(2026, 5, 6), f"自然资发〔2026〕{n}号") for n in (1, 2, 3)
    ]


def test_a_row_that_says_it_has_no_number_has_none():
    rows = [
        {"DOCTITLE": f"关于第{n}项的通知", "DOCPUBURL": f"{BASE}t20260506_{n}.html", "fileNum": told}
        for n, told in enumerate(("无", "—", ""))
    ]
    listing = trs_search.read(
        json.dumps({"page": {"content": rows}}), SITE + ENDPOINTS["igs"], params={"service": "igs"}
    )
    assert [entry.doc_number for entry in listing.entries] == [None, None, None]


def test_what_a_service_says_in_place_of_rows():
    igs = {"service": "igs"}
    with pytest.raises(PageChanged, match=r"expected a list at page\.content"):
        trs_search.read('{"code":500,"msg":"index not found"}', SITE + ENDPOINTS["igs"], params=igs)
    with pytest.raises(PageChanged, match="expected JSON"):
        trs_search.read("<html>维护</html>", SITE + ENDPOINTS["igs"], params=igs)
    with pytest.raises(OperatorError, match="service: expected one of was5, was5_json"):
        trs_search.first(SITE, {"service": "was6"})
