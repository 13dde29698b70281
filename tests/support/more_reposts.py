"""Further settings and damage for pages that show a text: disclosure platforms, gazettes, accounts of a messenger, law
databases, universities, pages that have only a file; full-width digits, paragraphs joined and torn, lines of the site
between those of the text."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any

from support.reposts import SETTINGS, Text, edited

MORE: dict[str, Callable[[Text], str]] = dict(SETTINGS)
DAMAGE: dict[str, Callable[[Text], Text]] = {}


def setting(function: Callable[[Text], str]) -> Callable[[Text], str]:
    """Make the setting known by its name."""
    MORE[function.__name__] = function
    return function


def damage(function: Callable[[Text], Text]) -> Callable[[Text], Text]:
    """Make the damage known by its name."""
    DAMAGE[function.__name__] = function
    return function


def shown(text: Text, side: dict[str, Any]) -> str:
    """The HTML of one side of a pair: its edits, its damage, its setting."""
    text = edited(text, side)
    for name in side.get("damage", ()):
        text = DAMAGE[name](text)
    return MORE[side["as"]](text)


def _page(title: str, head: str, body: str) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>{body}</html>'


def _lines(text: Text, tag: str = "p") -> str:
    return "".join(f"<{tag}>　　{escape(line)}</{tag}>\n" for line in text.lines)


@setting
def platform(text: Text) -> str:
    """A province's disclosure platform: a classed table above the text."""
    rows = (
        ("索引号", "006939748/2026-00112"), ("分类", "其他、通知"), ("发布机构", text.issuer or ""),
        ("成文日期", text.written.strftime("%Y-%m-%d") if text.written else ""), ("名称", text.title),
        ("文号", text.number or ""), ("发布日期", text.published.strftime("%Y-%m-%d") if text.published else ""),
        ("主题词", ""),
    )  # fmt: skip
    cells = "".join(
        f'<td class="td-title"><b>{name}:</b></td><td class="td-value"><span>{escape(value)}</span></td>'
        for name, value in rows
    )
    body = (
        f'<body><div class="header">信息公开平台</div><div class="classify"><table><tr>{cells}</tr></table></div>'
        f'<div class="content"><h1 class="title document-number">{escape(text.title)}</h1>'
        f'<div class="article-content">{_lines(text)}</div></div><div class="footer">版权所有</div></body>'
    )
    return _page(text.title, "", body)


@setting
def gazette(text: Text) -> str:
    """A gazette on the web: title, number and text centred and set one after another."""
    number = f'<p align="center">{escape(text.number)}</p>' if text.number else ""
    day = f'<p class="date">发布时间：{text.published}</p>' if text.published else ""
    body = (
        '<body><div class="nav"><a href="/gongbao/">公报</a> &gt; 2026年第9期</div><div class="pages_content">'
        f'<h1>{escape(text.title)}</h1>{day}<div id="UCAP-CONTENT">{number}{_lines(text)}</div></div></body>'
    )
    return _page(f"{text.title}__公报_门户", "", body)


@setting
def account(text: Text) -> str:
    """An office's account in a messenger: sections, no table, the number only where the text prints it."""
    number = f"<section><span>{escape(text.number)}</span></section>" if text.number else ""
    sections = "".join(f"<section><p><span>{escape(line)}</span></p></section>" for line in text.lines)
    body = (
        f'<body><div id="img-content"><h1 class="rich_media_title" id="activity-name">{escape(text.title)}</h1>'
        '<div id="meta_content"><a id="js_name">政务微讯</a>'
        f'<em id="publish_time">{text.published or ""}</em></div><div class="rich_media_content" id="js_content">'
        f"{number}{sections}<section><p>点击“阅读原文”查看更多</p></section></div></div></body>"
    )
    return _page(text.title, f'<meta property="og:title" content="{escape(text.title)}">', body)


@setting
def database(text: Text) -> str:
    """A law database: its own table, with validity, above the text."""
    rows = (
        ("发布部门", text.issuer or ""), ("发文字号", text.number or ""), ("发布日期", str(text.written or "")),
        ("实施日期", ""), ("时效性", "现行有效"), ("效力级别", "规范性文件"),
    )  # fmt: skip
    table = "".join(f"<li><strong>{name}：</strong>{escape(value)}</li>" for name, value in rows)
    body = (
        f'<body><div class="top">法规库　检索</div><div class="article"><h2 class="title">{escape(text.title)}</h2>'
        f'<ul class="fields">{table}</ul><div class="fulltext">{_lines(text, "div")}</div></div></body>'
    )
    return _page(f"{text.title}-法规库", "", body)


@setting
def campus(text: Text) -> str:
    """A university that passes a call on to its staff, with its own words as the one who publishes."""
    body = (
        '<body><div class="wp_nav"><a href="/">首页</a><a href="/kyxm/">科研项目</a></div><div class="article">'
        f'<h1 class="arti_title">{escape(text.title)}</h1><p class="arti_metas"><span>发布者：科研管理处</span>'
        f"<span>发布时间：{text.published or ''}</span><span>浏览次数：51</span></p>"
        f'<div class="wp_articlecontent">{_lines(text)}</div></div></body>'
    )
    return _page(text.title, "", body)


@setting
def file_only(text: Text) -> str:
    """A page with a table and a link to the file that holds the text."""
    rows = (
        ("发文机关", text.issuer or ""), ("发文字号", text.number or ""), ("标题", text.title),
        ("成文日期", str(text.written or "")), ("发布日期", str(text.published or "")),
    )  # fmt: skip
    table = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    body = (
        f'<body><table class="xxgk">{table}</table><h1>{escape(text.title)}</h1>'
        f'<div class="content"><p><a href="./P020260301.pdf">{escape(text.title)}.pdf</a></p></div></body>'
    )
    return _page(text.title, "", body)


@damage
def wide(text: Text) -> Text:
    """Digits at full width."""
    digits = str.maketrans("0123456789", "０１２３４５６７８９")
    return replace(text, lines=tuple(line.translate(digits) for line in text.lines))


@damage
def joined(text: Text) -> Text:
    """Each two paragraphs in one."""
    lines = text.lines
    return replace(text, lines=tuple("".join(lines[at : at + 2]) for at in range(0, len(lines), 2)))


@damage
def torn(text: Text) -> Text:
    """Paragraphs cut where the line of a file ended."""
    return replace(
        text, lines=tuple(line[at : at + 38] for line in text.lines for at in range(0, len(line), 38))
    )  # fmt: skip


@damage
def between(text: Text) -> Text:
    """Lines of the site between those of the text."""
    further = "相关阅读：一图读懂有关政策"
    lines = [part for at, line in enumerate(text.lines, 1) for part in ((line, further) if at % 4 == 0 else (line,))]
    return replace(text, lines=tuple(lines))


@damage
def spaces(text: Text) -> Text:
    """A space wherever a digit meets a Chinese character."""
    gap = re.compile(r"(?<=[\u4e00-\u9fff])(?=\d)|(?<=\d)(?=[\u4e00-\u9fff])")
    return replace(text, lines=tuple(gap.sub(" ", line) for line in text.lines))


@damage
def headed(text: Text) -> Text:
    """The head of the paper printed again above the text: who issues it, its number, its title."""
    head = tuple(part for part in (f"{text.issuer}文件" if text.issuer else None, text.number, text.title) if part)
    return replace(text, lines=(*head, *text.lines))


@damage
def latin(text: Text) -> Text:
    """ASCII punctuation for Chinese, in the title as well."""
    marks = str.maketrans("，：；（）“”", ',:;()""')
    return replace(text, title=text.title.translate(marks), lines=tuple(line.translate(marks) for line in text.lines))
