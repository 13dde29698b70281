"""What is a row of the list, and what its title and date are."""

from datetime import date

import pytest
from parsel import Selector

from policy_crawler.listings.rows import find_entries

URL = "https://www.gyb.example/zwgk/tz/index.html"
TODAY = date(2026, 11, 23)


def entries(html, *, paged=True, today=TODAY, url=URL):
    return find_entries(Selector(text=f"<html><body>{html}</body></html>"), url, paged=paged, today=today)


def row(number, title="关于印发工业数据分类分级指南的通知", day="2026-11-{:02}", **attributes):
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f'<li><a href="./202611/t202611{number:02}_10{number:02}.html"{more}>{title}{number}</a>'
        f"<span>{day.format(number)}</span></li>"
    )


def test_rows_of_a_list_with_title_link_and_date():
    found = entries("<ul>" + "".join(row(n) for n in (9, 8, 7)) + "</ul>")
    first = found[0]
    assert (first.title, first.href, first.url, first.date) == (
        "关于印发工业数据分类分级指南的通知9",
        "./202611/t20261109_1009.html",
        "https://www.gyb.example/zwgk/tz/202611/t20261109_1009.html",
        date(2026, 11, 9),
    )
    assert len(found) == 3


def test_a_list_nested_in_a_row_is_not_the_list():
    nested = '<ul><li><a href="../jd/202611/t20261101_5.html">解读之一二三四五六七八</a></li></ul>'
    html = "".join(row(n).replace("<span>", f"<div class='pop'>{nested}</div><span>") for n in (9, 8, 7))
    assert [e.date for e in entries(f"<ul>{html}</ul>")] == [date(2026, 11, n) for n in (9, 8, 7)]


def test_navigation_and_footer_are_not_rows():
    nav = "".join(
        f'<li><a href="../{name}/">{name}</a></li>' for name in ("政策文件", "政策解读", "意见征集", "公告公示")
    )
    html = f"<ul class='nav'>{nav}</ul><ul class='list'>{row(9)}{row(8)}{row(7)}</ul>"
    html += "<p>更新时间 2026-11-23 <a href='/sm.html'>网站声明与版权</a></p>"
    assert len(entries(html)) == 3


def test_the_full_title_is_in_the_attribute_when_the_text_is_cut():
    (found, *_) = entries(
        "<ul>"
        + row(9, title="关于印发《工业数据…", title_="")
        .replace('title_=""', 'title="关于印发《工业数据分类》的通知"')
        .replace("…9", "…")
        + row(8)
        + row(7)
        + "</ul>"
    )
    assert found.title == "关于印发《工业数据分类》的通知"


def test_an_attribute_shorter_than_the_text_is_not_the_title():
    (found, *_) = entries(
        "<ul>"
        + row(9, title="关于做好冬季供热工作的通知", title_="x").replace("title_", "title")
        + row(8)
        + row(7)
        + "</ul>"
    )
    assert found.title == "关于做好冬季供热工作的通知9"


def test_a_link_with_three_anchors_is_one_row():
    html = "".join(
        f"""<li><div><strong>{n:02}</strong><span>2026-11</span></div>
        <dl><dt><a href="./t/t202611{n:02}_{n}.html">标题文字甲乙丙{n}</a></dt>
        <dd><p>2026年9月1日，会议召开。</p><a href="./t/t202611{n:02}_{n}.html">查看详细></a></dd></dl></li>"""
        for n in (9, 8, 7)
    )
    assert [(e.title, e.date) for e in entries(f"<ul>{html}</ul>")] == [
        (f"标题文字甲乙丙{n}", date(2026, 11, n)) for n in (9, 8, 7)
    ]


def test_a_table_prints_the_written_date_before_the_published_one():
    html = "".join(
        f"<tr><td><a href='./c{n}.html'>关于规范市场秩序的意见{n}</a></td><td>工信部〔2026〕{n}号</td>"
        f"<td>2026-10-{n:02}</td><td>2026-11-{n:02}</td></tr>"
        for n in (9, 8, 7)
    )
    assert [e.date for e in entries(f"<table>{html}</table>")] == [date(2026, 11, n) for n in (9, 8, 7)]


def test_a_deadline_that_lies_ahead_is_not_the_date():
    html = "".join(
        f"<li><a href='./c{n}.html'>关于公开征求意见的公告{n}</a><em>2026-11-{n:02}</em><em>2026-12-{n:02}</em></li>"
        for n in (9, 8, 7)
    )
    assert [e.date for e in entries(f"<ul>{html}</ul>")] == [date(2026, 11, n) for n in (9, 8, 7)]


def test_a_date_in_the_title_is_not_the_rows():
    html = "".join(
        f"<li><a href='./c{n}.html'>2030年1月1日起施行的办法{n}</a><span>2026-11-{n:02}</span></li>" for n in (9, 8, 7)
    )
    assert [e.date for e in entries(f"<ul>{html}</ul>")] == [date(2026, 11, n) for n in (9, 8, 7)]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("[2026-11-09]", date(2026, 11, 9)),
        ("(2026/11/9)", date(2026, 11, 9)),
        ("2026.11.09", date(2026, 11, 9)),
        ("2026年11月9日", date(2026, 11, 9)),
        ("发布时间：2026-11-09 08:30", date(2026, 11, 9)),
        ("11-09", date(2026, 11, 9)),
        ("12-30", date(2025, 12, 30)),  # not yet come this year
        ("08:30", TODAY),
        ("昨天", date(2026, 11, 22)),
        ("3小时前", TODAY),
        ("2天前", date(2026, 11, 21)),
        ("2026-11-09 星期一", date(2026, 11, 9)),
        ("2026-02-30", None),
    ],
)
def test_forms_of_a_date(printed, expected):
    html = "".join(
        f"<li><a href='./c{n}.html'>关于做好安全生产工作的通知{n}</a><span>{printed}</span></li>" for n in range(3)
    )
    found = entries(f"<ul>{html}</ul>")
    assert [e.date for e in found] == [expected] * 3


def test_without_today_a_date_without_its_year_stays_open_unless_the_url_tells():
    html = "<ul>" + "".join(row(n, day="11-{:02}") for n in (9, 8, 7)) + "</ul>"
    assert [e.date for e in entries(html, today=None)] == [date(2026, 11, n) for n in (9, 8, 7)]
    html = html.replace("t202611", "x")
    assert [e.date for e in entries(html, today=None)] == [None] * 3


def test_marks_of_a_pinned_row_are_not_its_title():
    (found, *_) = entries("<ul>" + row(1, title="【置顶】关于报送年度材料的通知") + row(8) + row(7) + "</ul>")
    assert (found.title, found.pinned) == ("关于报送年度材料的通知1", True)


def test_links_in_a_box_without_rows_take_the_date_behind_them():
    html = "".join(f"<a href='./c{n}.html'>关于做好安全生产工作的通知{n}</a> 2026-11-{n:02}<br>" for n in (9, 8, 7))
    assert [e.date for e in entries(f"<div>{html}</div>")] == [date(2026, 11, n) for n in (9, 8, 7)]


def test_lists_cut_in_groups_of_five_are_one_list():
    groups = "".join(
        "<ul class='l'>" + "".join(row(n) for n in part) + "</ul><hr>" for part in ((9, 8), (7, 6), (5, 4))
    )
    assert len(entries(f"<div>{groups}</div>")) == 6


def test_on_a_paged_column_the_largest_list_counts_on_a_front_page_the_first():
    aside = "<div class='aside'><ul>" + "".join(row(n) for n in (9, 8)) + row(3) + "</ul></div>"
    main = (
        "<div class='main'><ul>" + "".join(row(n, title="正文栏目里的通知标题") for n in range(10, 15)) + "</ul></div>"
    )
    assert len(entries(aside + main, paged=True)) == 5
    assert len(entries(aside + main, paged=False)) == 3


def test_without_dates_only_articles_count():
    html = "<ul>" + "".join(f"<li><a href='/n1/c{n}/content.html'>关于加强监督管理的通知{n}</a></li>" for n in range(3))
    html += (
        "</ul><ul>" + "".join(f"<li><a href='/jg{n}/'>机构设置与职能介绍栏目{n}</a></li>" for n in range(9)) + "</ul>"
    )
    assert [e.href for e in entries(html)] == [f"/n1/c{n}/content.html" for n in range(3)]


def test_base_href_and_odd_links():
    html = "<ul>" + "".join(row(n) for n in (9, 8, 7)) + "<li><a href='javascript:void(0)'>不是条目的链接</a></li>"
    html += "<li><a href='http://[bad/x.html'>坏掉的地址条目</a><span>2026-11-01</span></li></ul>"
    page = f"<html><head><base href='https://www.gyb.example/x/'></head><body>{html}</body></html>"
    found = find_entries(Selector(text=page), URL, paged=True)
    assert found[0].url == "https://www.gyb.example/x/202611/t20261109_1009.html"
    assert len(found) == 3


def test_each_url_once():
    html = "<ul>" + row(9) + row(9) + row(8) + row(7) + "</ul>"
    assert len(entries(html)) == 3


def test_a_link_around_a_whole_card_is_named_by_its_heading():
    html = "".join(
        f"<li><a href='./c{n}.html'><span>2026-11-{n:02}</span><h3>关于规范行业秩序的通知{n}</h3><p>摘要。</p></a></li>"
        for n in (9, 8, 7)
    )
    first = entries(f"<ul>{html}</ul>")[0]
    assert (first.title, first.date) == ("关于规范行业秩序的通知9", date(2026, 11, 9))
    html = html.replace("<h3>", "<div class='news_tit'>").replace("</h3>", "</div>")
    assert entries(f"<ul>{html}</ul>")[0].title == "关于规范行业秩序的通知9"


def test_month_and_day_beside_the_year():
    html = "".join(
        f"<li><em>11-{n:02}</em><i>2025</i><a href='./c{n}.html'>关于规范行业秩序的通知{n}</a></li>" for n in (9, 8, 7)
    )
    assert [e.date for e in entries(f"<ul>{html}</ul>")] == [date(2025, 11, n) for n in (9, 8, 7)]


def test_terms_with_their_dates_in_a_definition_list():
    html = "".join(
        f"<dt><a href='./c{n}.html'>关于规范行业秩序的通知{n}</a></dt><dd>2026-11-{n:02}</dd>" for n in (9, 8, 7)
    )
    assert [e.date for e in entries(f"<dl>{html}</dl>")] == [date(2026, 11, n) for n in (9, 8, 7)]


def test_each_row_in_a_list_or_table_of_its_own():
    lists = "".join(f"<ul class='news'>{row(n)}</ul>" for n in (9, 8, 7, 6))
    tables = "".join(
        f"<table><tr><td>·</td><td><a href='./c{n}.html'>关于规范秩序的通知{n}</a></td>"
        f"<td>[2026-11-{n:02}]</td></tr></table>"
        for n in (9, 8, 7, 6)
    )
    assert len(entries(f"<div>{lists}</div>")) == 4
    assert [e.date.day for e in entries(f"<div>{tables}</div>")] == [9, 8, 7, 6]


def test_a_category_in_front_is_not_the_title():
    html = "".join(
        f"<li><a href='/tz/'>[通知公告]</a><a href='./c{n}.html'>关于规范行业秩序的通知{n}</a>"
        f"<span>2026-11-{n:02}</span></li>"
        for n in (9, 8, 7)
    )
    assert [e.title for e in entries(f"<ul>{html}</ul>")] == [f"关于规范行业秩序的通知{n}" for n in (9, 8, 7)]
