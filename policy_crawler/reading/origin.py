"""Who issues, who wrote, and where a text was taken from."""

import re

from policy_crawler.reading import issuers
from policy_crawler.reading.fields import Fields
from policy_crawler.reading.labelled import Labels
from policy_crawler.reading.page import Page
from policy_crawler.reading.selecting import Selectors
from policy_crawler.reading.text import clean, squeezed

_SOURCE_METAS = ("contentsource", "source", "mediaid", "og:article:author")
_SOURCE_MARKS = Selectors("#source_baidu, #source, #js_name, .source")
_AUTHOR_MARKS = Selectors("#author_baidu, [itemprop=author], .author")
_NOBODY = frozenset(
    [
        "无",
        "admin",
        "administrator",
        "管理员",
        "系统管理员",
        "null",
        "none",
        "佚名",
        "匿名",
        "-",
        "--",
        "author",
        "编辑",
        "网站管理员",
        "test",
        "作者",
        "本站",
        "webmaster",
        "root",
        "超级管理员",
        "本网",
        "默认",
        "undefined",
        "来源",
        "未知",
        "不详",
        "信息中心管理员",
    ]
)
# What follows a source on its line and is none of it.
_TRAILING = re.compile(
    r"\s*(?:[|｜].*|\d{4}[-年/.]\d{1,2}.*|(?:发布|发表)?(?:时间|日期)\s*[:：].*|浏览.*|点击.*|阅读.*|举报$|(?:作者|编辑|责编|责任编辑|字号|字体|打印).*|【.*|\[.*)$"
)
_LEAD = re.compile(r"^(?:(?:信息|文章|稿件|新闻|内容|本文)?来源|稿源|出处)(?:\s*[:：∶]|于)\s*")
_MEDIA = re.compile(r"(?:网|报|社|台|刊|周刊|新闻|客户端|频道|杂志|在线|通讯|之家|科技|财经|中国)$")
# Who issues goes before 责任部门 and 公开主体, the office that keeps the page.
_ISSUING = ("发文", "发布", "制", "颁布", "公布", "信息发布")
_LONGEST = 60


def put_organ(fields: Fields, labels: Labels, title: str | None) -> None:
    """发布机构 of a page of government: the table, the organs its title begins with, a labelled line."""
    for label in sorted(labels.table, key=lambda label: not label.word.startswith(_ISSUING)):
        if label.field == "issuer":
            fields.put("issuer", label.value, f"table {label.word}", 0.95)
    fields.put("issuer", issuers.issuer_in_title(title or ""), "head of the title", 0.8)
    for label in labels.above:
        if label.field == "issuer" and len(label.value) <= _LONGEST:
            fields.put("issuer", label.value, f"line {label.word}", 0.85)


def put_source(fields: Fields, source: tuple[str, str] | None, front: dict[str, str]) -> None:
    """来源, where no organ was printed: for news it is who reports. `source` as `find_source` gives it."""
    # Archives space Latin from Chinese words: `IT 之家` is printed `IT之家` in the text.
    if "author" in front:
        spaced = re.sub(r"(?<=[A-Za-z0-9]) (?=[\u4e00-\u9fff])", "", front["author"])
        fields.put("issuer", spaced, "front matter author", 0.8)
    if source:
        fields.put("issuer", source[0], source[1], 0.7)


def put_medium(fields: Fields, page: Page) -> None:
    """The medium itself, where the report names no source."""
    fields.put("issuer", _byline(page), "name beside the date", 0.5)
    fields.put("issuer", page.structured.get("publisher"), "structured data publisher", 0.6)
    fields.put("issuer", page.meta("og:site_name"), "meta og:site_name", 0.4)


def is_medium(name: str) -> bool:
    """True for the names of news media: 新华社, 人民日报, 中国政府网 is none."""
    return bool(_MEDIA.search(name)) and not name.endswith(("政府网", "政府网站", "门户网站", "本网"))


def find_source(labels: Labels, page: Page) -> tuple[str, str] | None:
    """来源 as the page prints it, and where it stood."""
    for place in page.select(_SOURCE_MARKS):
        text = _bare(clean(page.tree.text(place)[:200]))
        if text and len(text) <= 40 and not re.search(r"\d{4}-\d", text):
            return text, f"mark {page.tree.identity(place)}"
    for group, source, _ in labels.groups():
        for label in group:
            named = _bare(label.value) if label.field == "source" else ""
            if named and len(named) <= _LONGEST:
                return named, f"{source} {label.word}"
    for name in _SOURCE_METAS:
        value = page.meta(name)
        if (
            value
            and value.casefold() not in _NOBODY
            and not value.isdigit()
            and len(value) <= _LONGEST
            and "://" not in value
        ):
            return value, f"meta {name}"
    return None


def _bare(text: str) -> str:
    """A source without its label and what else stands on its line; "" for placeholders and addresses."""
    text = _TRAILING.sub("", _LEAD.sub("", text)).strip(" :：|，,。⋅·•-—")
    if "（" not in text and "(" not in text:
        text = text.rstrip("）)")
    return "" if text.casefold() in _NOBODY or "://" in text else text


def reprinted_from(source: tuple[str, str] | None, page: Page) -> str | None:
    """来源 when it is not the site itself; None also when the page names none."""
    site = squeezed(page.meta("sitename", "og:site_name") or "")
    name = squeezed(source[0]) if source else ""
    return None if not source or (site and (name in site or site in name)) else source[0]


def _byline(page: Page) -> str | None:
    """The name of a medium in the text next to the page's first full moment: `2019-09-26 10:56:28 证券时报网`."""
    for order, (_, text) in enumerate(page.texts):
        if "20" in text and len(text) < 200 and re.search(r"20\d\d[-年/.]\d\d?[-月/.]\d\d?日?\s+\d\d?[:：]\d\d", text):
            beside = clean(re.sub(r"20\d\d[-年/.]\d\d?[-月/.]\d\d?日?\s+\d\d?[:：]\d\d(?:[:：]\d\d)?", "", text))
            if 2 <= len(beside) <= 20 and _MEDIA.search(beside):
                return beside
            for _, near in (*page.texts[order + 1 : order + 3], *page.texts[max(0, order - 1) : order]):
                name = clean(near)
                if 2 <= len(name) <= 20 and _MEDIA.search(name):
                    return name
            return None
    return None


def put_author(fields: Fields, labels: Labels, page: Page, front: dict[str, str], *, media: bool) -> None:
    """The author; placeholders (admin, 系统管理员, 无) are nobody. The tag of a page of government names its editor."""
    _put_name(fields, front.get("author"), "front matter author", 0.9)
    for place in page.select(_AUTHOR_MARKS)[:1]:
        text = clean(page.tree.text(place)[:120])
        _put_name(fields, re.sub(r"^(?:文章)?作者\s*[:：]\s*", "", text), "mark author", 0.85)
    for group, source, _ in labels.groups():
        for label in group:
            if label.field == "author":
                _put_name(fields, label.value, f"{source} {label.word}", 0.8)
    _put_name(fields, page.structured.get("author"), "structured data author", 0.7)
    tag = page.meta("author")
    if media and tag and tag not in page.document_title:
        _put_name(fields, tag, "meta author", 0.6)


def _put_name(fields: Fields, value: str | None, source: str, confidence: float) -> None:
    if (
        value
        and value.casefold().strip() not in _NOBODY
        and len(value) <= 30
        and not re.search(r"\d{4}-\d|[:：@]", value)
    ):
        fields.put("author", value, source, confidence)
