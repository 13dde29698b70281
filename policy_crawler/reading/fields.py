"""The fields of a reading, each with its evidence: official tags and the disclosure table, marks, lines, then the rest."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from policy_crawler.reading import dates, issuers, numbers
from policy_crawler.reading.labels import Label
from policy_crawler.reading.model import Block, Evidence
from policy_crawler.reading.page import Page
from policy_crawler.reading.text import clean, folded, squeezed

_PUBLISHED_METAS = (
    "pubdate",
    "publishdate",
    "publish_time",
    "publishtime",
    "article:published_time",
    "og:release_date",
    "weibo: article:create_at",
    "datepublished",
    "apub:time",
    "bytedance:published_time",
)
_SOURCE_METAS = ("contentsource", "source", "mediaid", "og:article:author")
_PUBLISHED_MARKS = "#pubtime_baidu, publishtime, #con_time, .pubtime, .pub_time, .pages-date, .h-time, #pubtime, #publish_time, .post_info, .time-source, .info, .date, .artInfo, .article-info, .article-time, .xzc_fwrq, time[datetime]"
_SOURCE_MARKS = "#source_baidu, #source, .source, .pages-date .font"
_AUTHOR_MARKS = "#author_baidu, [itemprop=author], .author"
_PLACEHOLDERS = frozenset(
    {
        "",
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
        "author",
        "编辑",
        "网站管理员",
        "test",
        "作者",
        "本站",
        "webmaster",
    }
)
_TRAILING = re.compile(
    r"\s*(?:[|｜].*|\d{4}[-年/.]\d{1,2}.*|(?:发布|发表)?(?:时间|日期)[:：].*|浏览.*|点击.*|阅读.*|作者[:：].*|编辑[:：].*|责任编辑.*|字号.*|【.*|\[.*)$"
)
_EFFECTIVE = re.compile(r"自(?P<day>[^。；，]{6,16}?日)(?:起|开始)(?:正式)?(?:施行|实施|执行|生效)")
_FROM_PUBLICATION = re.compile(r"自(?:公布|发布|印发|下发)之日起(?:正式)?(?:施行|实施|执行|生效)")
_EXPIRES = re.compile(r"有效期(?:限)?(?:为)?(?:自[^。；]{4,20})?(?:至|截至|截止到?|到)(?P<day>[^。；，]{6,16}?日)")
_YEARS = re.compile(r"有效期(?:限)?为?(?P<years>[一二三四五六七八九十\d]{1,2})年")
_DEADLINE = re.compile(r"截止(?:时间|日期)?[为至：:]?")


@dataclass(slots=True)
class Fields:
    """Values while they are gathered; the first, most trusted value of a field stays."""

    values: dict[str, object] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)

    def put(self, name: str, value: object, source: str, confidence: float) -> bool:
        """Keep `value` unless it is empty or the field has one; True when it was kept."""
        if value in (None, "", ()) or name in self.values:
            return False
        self.values[name] = value
        self.evidence[name] = Evidence(source, confidence)
        return True

    def text(self, name: str) -> str | None:
        """A kept text, None when there is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def day(self, name: str) -> date | None:
        """A kept date without its clock."""
        value = self.values.get(name)
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class Labels:
    """The labelled values of a page, those of the disclosure table (a cluster of labels) apart from single lines."""

    table: tuple[Label, ...]
    lines: tuple[Label, ...]  # outside the body, before and around it
    inside: tuple[Label, ...]  # at the edges of the body

    def first(self, name: str) -> tuple[Label, float] | None:
        """The first non-empty value of a field, the table before lines, with how far to trust it."""
        for group, trust in ((self.table, 0.95), (self.lines, 0.85), (self.inside, 0.6)):
            for label in group:
                if label.field == name and label.value:
                    return label, trust
        return None

    def says_empty(self, name: str) -> bool:
        """True when the table has the field's label and no value: then the document has none."""
        found = [label for label in self.table if label.field == name]
        return bool(found) and not any(label.value for label in found)


def put_labelled(fields: Fields, labels: Labels) -> None:
    """Index number, topic, validity and the days of force, as the table or a line says."""
    for name in ("index_number", "topic", "validity"):
        found = labels.first(name)
        if found:
            fields.put(
                name,
                squeezed(found[0].value) if name == "index_number" else found[0].value,
                f"table {found[0].word}",
                found[1],
            )
    for name in ("written", "effective", "expires"):
        found = labels.first(name)
        if found:
            fields.put(name, dates.find_day(found[0].value), f"table {found[0].word}", found[1])


def put_published(fields: Fields, labels: Labels, page: Page, front: dict[str, str]) -> None:
    """发布日期: the table, a labelled line, the CMS's mark, the official tag, the address.

    The page's own words go before PubDate: that tag is the moment of a copy or a re-publication on many sites.
    """
    if front.get("date"):
        fields.put("published", dates.of_meta(front["date"]), "front matter date", 0.9)
    for group, trust, kind in ((labels.table, 0.95, "table"), (labels.lines, 0.9, "line")):
        for label in group:
            if label.field == "published" and label.value:
                found = dates.find_date(label.value)
                if found:
                    fields.put("published", found, f"{kind} {label.word}", trust)
    _put_marked_date(fields, page)
    for name in _PUBLISHED_METAS:
        for value in page.metas.get(name, ()):
            fields.put("published", dates.of_meta(value), f"meta {name}", 0.85)
    if "published" not in fields.values:
        found = _date_above(page)
        if found:
            fields.put("published", found, "date under the title", 0.6)
    for label in labels.inside:
        if label.field == "published" and label.value:
            fields.put("published", dates.find_date(label.value), f"line {label.word}", 0.6)
    fields.put("published", dates.of_path(page.own_url), "address", 0.5)
    value = fields.values.get("published")
    # Midnight is how a CMS prints a day without a time.
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        fields.values["published"] = value.date()


def _put_marked_date(fields: Fields, page: Page) -> None:
    if "published" in fields.values:
        return
    for node in page.tree.css(_PUBLISHED_MARKS):
        text = node.attributes.get("datetime") or clean(node.text(deep=True)[:300])
        if not text or len(text) > 160:
            continue
        found = dates.of_meta(text)
        if found:
            fields.put("published", found, f"mark {node.id or node.attributes.get('class') or node.tag}", 0.85)
            return


def _date_above(page: Page) -> date | datetime | None:
    """A short text with a date right behind the title's print: `2019-12-10 07:57:40  来源：…`."""
    title = folded(page.meta("articletitle", "og:title") or page.document_title)
    seen = -1
    for index, (_, text) in enumerate(page.texts):
        key = folded(text) if len(text) < 300 else ""
        if len(key) >= 6 and key in title:
            seen = index
        elif seen >= 0 and index - seen <= 12 and len(text) <= 60:
            found = dates.find_date(text)
            if found:
                return found
    return None


def put_number(
    fields: Fields, labels: Labels, page: Page, title: str | None, blocks: tuple[Block, ...], head: list[str]
) -> None:
    """发文字号, the document's own: field, title's end, a line of its own above or at the head of the text."""
    for group, trust in ((labels.table, 0.97), (labels.lines, 0.9)):
        for label in group:
            if label.field == "doc_number" and label.value:
                fields.put("doc_number", numbers.printed_number(label.value), f"table {label.word}", trust)
    if title:
        fields.put("doc_number", numbers.number_in_title(title), "brackets at the end of the title", 0.85)
    for line in head[:8]:
        fields.put("doc_number", numbers.number_line(line), "line at the head of the text", 0.85)
    for line in _lines_above(page):
        fields.put("doc_number", numbers.number_line(line), "line above the text", 0.8)
    _ = blocks


def _lines_above(page: Page) -> list[str]:
    """Short texts of the page that stand alone and could be a number."""
    return [
        text for _, text in page.texts if 6 <= len(text.strip()) <= 50 and text.rstrip().endswith(("号", "号）", "号)"))
    ]


def put_issuer(
    fields: Fields,
    labels: Labels,
    page: Page,
    title: str | None,
    lines: list[str],
    front: dict[str, str],
    *,
    media: bool,
) -> None:
    """发布机构: the table, the organs a title begins with, the source line or tag, the signature."""
    if front.get("author"):
        name = front["author"]
        fields.put("issuer", re.sub(r"(?<=[A-Za-z]) (?=[\u4e00-\u9fff])", "", name), "front matter author", 0.8)
    for label in labels.table:
        if label.field == "issuer" and label.value:
            fields.put("issuer", label.value, f"table {label.word}", 0.95)
    if title and not media:
        fields.put("issuer", issuers.issuer_in_title(title), "head of the title", 0.8)
    for label in labels.lines:
        if label.field == "issuer" and label.value and len(label.value) <= 60:
            fields.put("issuer", label.value, f"line {label.word}", 0.85)
    source = source_of(labels, page)
    if source:
        fields.put("issuer", source[0], source[1], 0.7)
    if not media:
        fields.put("issuer", issuers.signed_by(lines), "signature", 0.65)


def source_of(labels: Labels, page: Page) -> tuple[str, str] | None:
    """来源 as the page prints it, and where it stood."""
    for node in page.tree.css(_SOURCE_MARKS):
        text = clean(node.text(deep=True)[:200])
        text = re.sub(r"^(?:信息|文章|稿件|新闻)?(?:来源|稿源)\s*[:：]\s*", "", text)
        text = _TRAILING.sub("", text).strip()
        if text and len(text) <= 40 and text not in _PLACEHOLDERS and not re.search(r"\d{4}-\d", text):
            return text, f"mark {node.id or node.attributes.get('class')}"
    for group in (labels.lines, labels.table, labels.inside):
        for label in group:
            value = _TRAILING.sub("", label.value).strip() if label.field == "source" else ""
            if value and len(value) <= 60 and value not in _PLACEHOLDERS:
                return value, f"line {label.word}"
    for name in _SOURCE_METAS:
        value = page.meta(name)
        if value and value.casefold() not in _PLACEHOLDERS and not value.isdigit() and len(value) <= 60:
            return value, f"meta {name}"
    return None


def put_author(fields: Fields, labels: Labels, page: Page, front: dict[str, str]) -> None:
    """The author; placeholders (admin, 系统管理员, 无) are none."""
    if front.get("author"):
        fields.put("author", front["author"], "front matter author", 0.9)
    node = page.tree.css_first(_AUTHOR_MARKS)
    if node is not None:
        text = re.sub(r"^(?:文章)?作者\s*[:：]\s*", "", clean(node.text(deep=True)[:120]))
        if text.casefold() not in _PLACEHOLDERS and len(text) <= 30:
            fields.put("author", text, "mark author", 0.85)
    for group in (labels.lines, labels.inside):
        for label in group:
            if label.field == "author" and label.value.casefold() not in _PLACEHOLDERS and len(label.value) <= 30:
                fields.put("author", label.value, f"line {label.word}", 0.8)
    value = page.meta("author")
    if value and value.casefold() not in _PLACEHOLDERS and len(value) <= 30:
        fields.put("author", value, "meta author", 0.6)


def put_from_text(fields: Fields, blocks: tuple[Block, ...]) -> None:
    """成文日期 from the signature, and the days of force from the closing words."""
    texts = [block.text for block in blocks]
    for block in reversed(blocks[-60:]):
        if block.role == "date":
            fields.put("written", dates.find_day(block.text), "date under the signature", 0.8)
            break
    tail = "\n".join(texts)[-2000:]
    match = _EFFECTIVE.search(tail)
    if match:
        fields.put("effective", dates.find_day(match["day"]), "text 起施行", 0.8)
    elif _FROM_PUBLICATION.search(tail):
        day = fields.day("written") or fields.day("published")
        fields.put("effective", day, "text 自公布之日起施行", 0.6)
    match = _EXPIRES.search(tail)
    if match:
        fields.put("expires", dates.find_day(match["day"]), "text 有效期至", 0.8)


_META_LINE = re.compile(r"(?:来源|时间|日期|作者|浏览)\s*[:：]")


def is_meta_line(text: str) -> bool:
    """True for a line of labels such as 来源：… 时间：… 浏览量：…."""
    return len(text) <= 140 and bool(_META_LINE.search(text))
