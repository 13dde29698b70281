"""Row structures of single sites that the generic reader must find, written after each site's markup."""

from datetime import date

import pytest

from policy_crawler.errors import OperatorError
from policy_crawler.listings import ListRequest, read_listing
from policy_crawler.listings.articles import looks_like_article

URL = "https://www.site.example.gov.cn/zwgk/zcfg/index.html"
TITLES = (
    "关于印发工业数据分类分级指南的通知",
    "关于公布第三批试点名单的公告",
    "关于做好冬季供热保障工作的通知",
    "关于进一步规范招标投标活动的若干意见",
)
DAYS = (date(2026, 11, 20), date(2026, 11, 12), date(2026, 10, 30), date(2026, 10, 9))
NAVIGATION = """<div class="nav"><ul>
<li><a href="/zwgk/">政务公开栏目</a></li><li><a href="/hdjl/">互动交流栏目</a></li>
<li><a href="/zwfw/">政务服务栏目</a></li><li><a href="/sjkf/">数据开放栏目</a></li></ul></div>"""
FOOTER = '<div class="foot"><p>主办：某某局　<a href="/about/">网站声明与版权</a> 备案号：京ICP备05000001号</p></div>'

# One row, with {href}, {title}, {day}, {y}, {m}, {d}; and what stands around the rows.
STRUCTURES = {
    # Regional bureaus of the energy administration: title and date in one link.
    "link-around-title-and-date": (
        "<li><a href='{href}'><span>{title}</span><span>{day}</span></a></li>",
        "<ul class='wrapper_item_con4_ul'>{}</ul>",
    ),
    # Customs (EasySite): class with a number in it.
    "easysite": (
        "<li><a href='{href}' title='{title}' target='_blank'>{title}</a><span>{day}</span></li>",
        "<div class='easysite-list'><ul class='conList_ul_3f1a'>{}</ul></div>",
    ),
    # People's Bank: a table a row, the link in a font.
    "font-in-tables": (
        """<table><tr><td><font class='newslist_style'>
        <a href='{href}' title='{title}' istitle='true'>{title}</a></font>
        <span class='hui12'>{day}</span></td></tr></table>""",
        "<div><table><tr><td>{}</td></tr></table></div>",
    ),
    # Foreign exchange administration: terms inside items.
    "dt-dd-in-items": ("<li><dt><a href='{href}'>{title}</a></dt><dd>{day}</dd></li>", "<div><ul>{}</ul></div>"),
    # Audit, science commissions and others: n/c rows with brackets.
    "bracketed": ("<li><a href='{href}'>{title}</a> [{day}]</li>", "<ul>{}</ul>"),
    # Catalogue of the development commission: the link is one of the cells.
    "table-with-index-number": (
        "<tr><td>000013039-2026-{d}</td><td><a class='xxgk_list1' href='{href}'>{title}</a></td><td>{day}</td></tr>",
        "<div class='zwxxkg-result'><table>{}</table></div>",
    ),
    "table-of-suzhou": (
        """<tr class='tr_main_value_odd'><td>1</td><td><a href='{href}' title='{title}'>{title}</a></td>
        <td>{day}</td></tr>""",
        "<table>{}</table>",
    ),
    # TrueCMS: the date stands before its link.
    "date-before-link": (
        "<li><span>{day}</span><a href='{href}'>{title}</a></li>",
        "<div class='textlist'><ul>{}</ul></div>",
    ),
    # Shanghai bureaus: title as attribute, the text cut.
    "cut-text": (
        "<li><a href='{href}' title='{title}'>关于…</a><span class='time'>{day}</span></li>",
        "<ul class='nowrapli'>{}</ul>",
    ),
    "link-and-date-as-siblings": ("<a href='{href}'>{title}</a><span>{day}</span>", "<div class='pageList'>{}</div>"),
    # Huizhou: two list items a row.
    "two-lists-a-row": (
        """<ul class='ul_art_row'><li class='li_art_title'><a href='{href}'>{title}</a></li>
        <li class='li_art_date'>{day}</li></ul>""",
        "<div>{}</div>",
    ),
    # Ministry of emergency management and others: 年月日.
    "chinese-date": (
        "<tr><td><a href='{href}'>{title}</a></td><td class='fbsj'>{y}年{m}月{d}日</td></tr>",
        "<table>{}</table>",
    ),
    # Day in one box, year and month in another.
    "split-date": (
        """<li><div class='date'><b>{d}</b><i>{y}-{m}</i></div><div class='txt'><a href='{href}'>{title}</a>
        <p>摘要一二三。</p></div></li>""",
        "<ul>{}</ul>",
    ),
    # Stock and news sites: a heading inside a card, a summary, the date last.
    "card": (
        """<li><h2><a href='{href}'>{title}</a></h2><p>摘要文字，约两行。</p>
        <div class='info'><span>记者</span><span>{day} 10:30</span></div></li>""",
        "<ul class='infinite-list'>{}</ul>",
    ),
    "list-of-news-office": (
        "<li class='clearfix'><a href='{href}'>{title}</a><i class='gray'>{day}</i></li>",
        "<div class='p2j_list_con'><ul>{}</ul></div>",
    ),
}


def page_of(structure):
    row, around = STRUCTURES[structure]
    rows = "\n".join(
        row.format(
            href=f"/zwgk/zcfg/detail/{number}.html",
            title=title,
            day=day.isoformat(),
            y=day.year,
            m=f"{day.month:02}",
            d=f"{day.day:02}",
        )
        for number, (title, day) in enumerate(zip(TITLES, DAYS, strict=True))
    )
    return f"<html><body>{NAVIGATION}{around.format(rows)}{FOOTER}</body></html>"


@pytest.mark.parametrize("structure", STRUCTURES)
def test_rows_of_a_structure(structure):
    listing = read_listing(page_of(structure).encode(), URL, family="links", today=date(2026, 11, 24))
    assert [(entry.title, entry.date) for entry in listing.entries] == list(zip(TITLES, DAYS, strict=True))


def test_rows_that_a_script_holds_as_arrays():
    rows = "".join(
        f"urls[i]='./202611/t202611{day.day:02}_{n}.html';headers[i]=\"{title}\";"
        f"year[i]='{day.year}';month[i]='{day.month}';day[i]='{day.day}';i++;\n"
        for n, (title, day) in enumerate(zip(TITLES, DAYS, strict=True))
    )
    text = f"<html><body>{NAVIGATION}<script>var i=0;\n{rows}show();</script>{FOOTER}</body></html>"
    listing = read_listing(text.encode(), URL, family="links")
    assert [(entry.title, entry.date) for entry in listing.entries] == list(zip(TITLES, DAYS, strict=True))
    assert listing.entries[0].url == "https://www.site.example.gov.cn/zwgk/zcfg/202611/t20261120_0.html"


def test_a_last_page_with_one_row():
    text = f"""<html><body>{NAVIGATION}<ul><li><a href="/bgt/2026/x1.html">{TITLES[0]}</a><span>2026-11-20</span></li>
    </ul><div>共 3 页 <a href="index_1.html">上一页</a></div>{FOOTER}</body></html>"""
    listing = read_listing(text.encode(), URL.replace("index", "index_2"), family="links")
    assert [entry.title for entry in listing.entries] == [TITLES[0]]


ROWS = "".join(
    f"<li><a href='/zwgk/a{n}.html'>{title}</a><b>2026-01-0{n + 1}</b></li>" for n, title in enumerate(TITLES)
)


class TestShanghai:
    def year(self, text, url, page=1):
        return read_listing(text.encode(), url, family="shanghai", request=ListRequest(url, page=page))

    def test_a_year_that_has_just_begun_leads_to_the_one_before(self):
        years = "<a href='/szf2027/index.html'>2027</a><a href='/szf2026/index.html'>2026</a>"
        listing = self.year(f"<div>{years}</div><ul></ul>", "https://www.hu.example/szf2027/index.html")
        assert (listing.by_script, listing.next_page.url) == (True, "https://www.hu.example/szf2026/index.html")

    def test_a_year_without_links_to_others_is_followed_by_its_name(self):
        listing = self.year(f"<ul>{ROWS}</ul>", "https://www.hu.example/szf2026/index.html")
        assert (len(listing.entries), listing.next_page.url) == (4, "https://www.hu.example/szf2025/index.html")

    def test_a_column_whose_number_looks_like_a_year_is_none(self):
        listing = self.year("<a href='/szf2026/index.html'>2026年</a>", "https://www.hu.example/nw2019/index.html")
        assert (listing.by_script, listing.next_page.url) == (True, "https://www.hu.example/szf2026/index.html")


def test_numbers_that_are_no_pager_are_not_followed():
    calendar = "".join(f"<a href='/calendar/2026-11-{n}.html'>{n}</a>" for n in range(1, 29))
    listing = read_listing(f"<html><ul>{ROWS}</ul>{calendar}</html>".encode(), URL, family="links")
    assert listing.next_page is None or "calendar" not in listing.next_page.url


def test_a_sitemap_that_is_hostile_is_not_expanded():
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/hostname">]><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<url><loc>https://www.a.example/&x;&b;1.html</loc></url>"
        "<url><loc>javascript:alert(1)</loc></url><url><loc>https://www.a.example/2.html</loc></url></urlset>"
    )
    listing = read_listing(bomb.encode(), "https://www.a.example/sitemap.xml", family="sitemap")
    assert [entry.url for entry in listing.entries][-1] == "https://www.a.example/2.html"
    assert "aaaa" not in listing.entries[0].url
    assert listing.rejected == 1


def test_a_wrong_pattern_of_a_sitemap_is_told():
    text = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'
    with pytest.raises(OperatorError, match="match: expected a regular expression"):
        read_listing(text.encode(), "https://www.a.example/sitemap.xml", family="sitemap", params={"match": "("})


@pytest.mark.parametrize(
    ("path", "is_article"),
    [
        ("/zwgk/202611/t20261120_88.html", True),
        ("/art/2026/11/20/art_21_5.html", True),
        ("/2026-11/20/content_5711.htm", True),
        ("/20261120/0a1b2c3d4e5f60718293a4b5c6d7e8f9/c.html", True),
        ("/web/zwgkx/zfwj/szfwj/2026112016123456789/index.shtml", True),
        ("/2026/11/20/ARTIabc123.shtml", True),
        ("/xxgk/fgwj/1500123/index.html", True),
        ("/tiaofasi/144941/3581332/2026112016123456789/index.html", True),
        ("/xicheng/zcwj/pnidpv912345.html", True),
        ("/portal/article/2/20261120", True),
        ("/p1/3381/2824/92345.html", True),
        ("/fabu/xiangqing/461111.html", True),
        ("/safe/2026/1120/27001.html", True),
        ("/info/1042/5300.htm", True),
        ("/public/1681/565500.html", True),
        ("/zwgk/", False),
        ("/xxgk/", False),
        ("/1500123/index.html", False),
        ("/about.html", False),
    ],
)
def test_addresses_of_articles(path, is_article):
    assert looks_like_article(f"https://www.a.gov.cn{path}", "https://www.a.gov.cn/xxgk/fgwj/index.html") is is_article
