"""Pages as sites set a text that they publish or take over, for pairs that ask whether two pages show one document.

A text is put into the HTML of a site (`SETTINGS`) and read again by the crawler's own reading, so that a pair is told
apart by what a reader of pages can know. The texts are our own, or those of real pages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import Any


@dataclass(frozen=True)
class Text:
    """What is published: its title, number, issuer, days and paragraphs."""

    title: str
    number: str | None
    issuer: str | None
    written: date | None
    published: date | None
    lines: tuple[str, ...]


SETTINGS: dict[str, Callable[[Text], str]] = {}


def setting(function: Callable[[Text], str]) -> Callable[[Text], str]:
    """Make the setting known by its name."""
    SETTINGS[function.__name__] = function
    return function


def _page(title: str, body: str, meta: str = "") -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title>{meta}</head><body>'
        '<div class="header"><ul class="menu"><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li>'
        f'<li><a href="/hd/">互动交流</a></li></ul></div>{body}'
        '<div class="footer"><p>主办：市人民政府办公室　网站标识码：3400000027</p></div></body></html>'
    )


def _paragraphs(text: Text) -> str:
    return "".join(f"<p>{escape(line)}</p>\n" for line in text.lines)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


@setting
def portal(text: Text) -> str:
    """The issuer's own: meta tags, a disclosure table, the text in a TRS editor."""
    meta = (
        f'<meta name="ArticleTitle" content="{escape(text.title)}"><meta name="PubDate" '
        f'content="{_day(text.published)} 09:30"><meta name="ColumnType" content="政策文件">'
    )
    rows = (
        ("索 引 号", "000014349/2026-00071"), ("发文机关", text.issuer or ""), ("成文日期", _day(text.written)),
        ("标　　题", text.title), ("发文字号", text.number or ""), ("发布日期", _day(text.published)),
    )  # fmt: skip
    table = "".join(f"<tr><td>{name}：</td><td>{escape(value)}</td></tr>" for name, value in rows)
    body = f'<table class="xxgk">{table}</table><h1>{escape(text.title)}</h1><div class="TRS_Editor">'
    return _page(text.title, body + _paragraphs(text) + "</div>", meta)


@setting
def bare(text: Text) -> str:
    """A title, a day and the text: no table and no number but where the text prints it."""
    body = f'<div class="article"><h1>{escape(text.title)}</h1><div class="info">发布时间：{_day(text.published)}</div>'
    return _page(text.title, f'{body}<div class="content">{_paragraphs(text)}</div></div>')


@setting
def reprint(text: Text) -> str:
    """A city's site that took it from gov.cn, with tools around it and the number below the title."""
    number = f'<p style="text-align:center">{escape(text.number)}</p>' if text.number else ""
    body = (
        '<div class="mbx">当前位置：<a href="/">首页</a> &gt; <a href="/zc/">上级文件</a></div>'
        f'<div class="arti"><h2 class="title">{escape(text.title)}</h2><div class="laiyuan">信息来源：中国政府网　'
        f"发布时间：{_day(text.published)} 15:20　浏览次数：<span>218</span>　字体：【大 中 小】</div>"
        f'<div id="zoom">{number}{_paragraphs(text)}</div><p>扫一扫在手机打开当前页</p></div>'
    )
    return _page(f"{text.title}_上级文件_某市人民政府", body)


@setting
def media(text: Text) -> str:
    """A news site that prints the whole text."""
    body = (
        f'<div class="main"><h1>{escape(text.title)}</h1>'
        f'<p class="source">{_day(text.published)} 18:05　来源：新华网</p>'
        f'<div class="article-content">{_paragraphs(text)}<p>（责任编辑：王小明）</p></div></div>'
    )
    return _page(f"{text.title}-某某网", body)


@setting
def breaks(text: Text) -> str:
    """One block with line breaks, wide spaces before each line, and the title cut in two."""
    half = len(text.title) // 2
    title = f"{escape(text.title[:half])}<br/>{escape(text.title[half:])}"
    lines = "<br/>\n".join(f"&emsp;&emsp;{escape(line)}" for line in text.lines)
    number = f"<br/>{escape(text.number)}<br/>" if text.number else ""
    body = (
        f'<div class="bt">{title}</div><div class="rq">日期：{_day(text.published)}</div>'
        f'<div class="nr">{number}{lines}</div>'
    )
    return _page(text.title, body)


@setting
def word(text: Text) -> str:
    """Pasted from a word processor: each line in spans, the number torn by them."""
    number = ""
    if text.number:
        parts = (text.number[:2], text.number[2:7], text.number[7:])
        spans = "".join(f'<span style="font-family:仿宋">{escape(part)}</span>' for part in parts)
        number = f'<p class="MsoNormal" align="center">{spans}</p>'
    spanned = (
        f'<p class="MsoNormal"><span>{escape(line[: len(line) // 3])}</span><span lang="EN-US">'
        f"{escape(line[len(line) // 3 :])}</span></p>"
        for line in text.lines
    )
    body = (
        f'<div class="con"><div class="tit">{escape(text.title)}</div>'
        f'<div class="sj">时间：{_day(text.published)}</div>'
        f'<div class="txt">{number}{"".join(spanned)}</div></div>'
    )
    return _page(text.title, body)


def edited(text: Text, side: dict[str, Any]) -> Text:
    """The text after what a pair says of this side: `replace` in all of it, `title`, `number`, `issuer`, `written`,
    `published` set (null takes it away), `first` so many lines kept, `above` and `below` lines added, `without` lines
    that hold a word left out."""
    for old, new in side.get("replace", {}).items():
        whole = "\n".join((text.title, text.number or "", text.issuer or "", *text.lines))
        if old not in whole:
            raise ValueError(f"{old} does not stand in {text.title}")
        text = replace(
            text, title=text.title.replace(old, new), lines=tuple(line.replace(old, new) for line in text.lines),
            number=text.number.replace(old, new) if text.number else None,
            issuer=text.issuer.replace(old, new) if text.issuer else None,
        )  # fmt: skip
    lines = text.lines[: side.get("first", len(text.lines))]
    if without := side.get("without"):
        kept = tuple(line for line in lines if without not in line)
        if kept == lines:
            raise ValueError(f"{without} does not stand in {text.title}")
        lines = kept
    text = replace(text, lines=(*side.get("above", ()), *lines, *side.get("below", ())))
    for name in ("title", "number", "issuer"):
        if name in side:
            text = replace(text, **{name: side[name]})
    for name in ("written", "published"):
        if name in side:
            text = replace(text, **{name: date.fromisoformat(side[name]) if side[name] else None})
    return text
