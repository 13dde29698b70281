"""发布日期: when a page says it was published, kept apart from when it was signed."""

import re
from datetime import UTC, date, datetime

from policy_crawler.reading import dates
from policy_crawler.reading.containers import Container
from policy_crawler.reading.fields import Fields
from policy_crawler.reading.labelled import Labels
from policy_crawler.reading.labels import Label
from policy_crawler.reading.page import Page
from policy_crawler.reading.selecting import Selectors
from policy_crawler.reading.text import clean, folded

_METAS = (
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
_MARKS = Selectors(
    "publishtime, #pubtime_baidu, #con_time, #pubtime, #publish_time, .pubtime, .pub_time, .pages-date, .h-time, "
    ".article-time, .time-source, .artInfo, .article-info, time[datetime]"
)
_WECHAT = re.compile(r"\bvar ct\s*=\s*[\"'](1\d{9})[\"']")
_NEAR = 14  # texts behind the title's print in which its date line stands
# A date inside a sentence or a resolution's note (2007年6月29日…通过) is no line of publication.
_REST = re.compile(
    r"[。；]|通过|公布|修订|修正|施行|第[\d一二三四五六七八九十]+[届次号]|会议|页面生成|版权|©|Copyright"
)


def put_published(
    fields: Fields, labels: Labels, page: Page, front: dict[str, str], container: Container | None
) -> None:
    """The table, a labelled line, the CMS's mark, the official tag, a date under the title, the address.

    The page's own words go before PubDate: on many sites that tag is the moment of a copy or of a new publication.
    """
    fields.put("published", dates.of_meta(front.get("date", "")), "front matter date", 0.9)
    _put_labelled(fields, (*labels.table, *labels.above), 0.9)
    fields.put("published", _of_wechat(page), "script ct", 0.9)
    _put_marked(fields, page)
    for name in _METAS:
        for content in page.metas.get(name, ()):
            fields.put("published", dates.of_meta(content), f"meta {name}", 0.85)
    fields.put("published", dates.of_meta(page.structured.get("published", "")), "structured data", 0.85)
    if "published" not in fields.values:
        fields.put("published", _under_title(page, container), "date under the title", 0.6)
    last = container.last_order if container and container.last_order is not None else 0
    near = [label for label in labels.behind if label.order - last <= _NEAR]
    _put_labelled(fields, (*labels.inside, *near), 0.6)
    fields.put("published", dates.of_path(page.own_url), "address", 0.5)
    value = fields.values.get("published")
    # Midnight is how a CMS prints a day without a time.
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        fields.values["published"] = value.date()


def _put_labelled(fields: Fields, labels: tuple[Label, ...], trust: float) -> None:
    for label in labels:
        if label.field == "published" and label.value:
            fields.put("published", dates.find_date(label.value), f"label {label.word}", trust)


def _of_wechat(page: Page) -> datetime | None:
    """The moment a WeChat article keeps in its script as seconds; the page itself prints 昨天."""
    match = _WECHAT.search(page.source) if page.index.find("#js_content") else None
    return datetime.fromtimestamp(int(match[1]), UTC).astimezone(dates.CHINA) if match else None


def _put_marked(fields: Fields, page: Page) -> None:
    if "published" in fields.values:
        return
    for place in page.select(_MARKS):
        text = page.tree.attributes[place].get("datetime") or clean(page.tree.text(place)[:300])
        found = dates.of_meta(text) if text and len(text) <= 160 else None
        if found:
            fields.put("published", found, f"mark {page.tree.identity(place)}", 0.85)
            return


def _under_title(page: Page, container: Container | None) -> date | datetime | None:
    """The date in a short text between the title's print and the body: `2019-12-10 07:57:40`."""
    title = folded(page.meta("articletitle", "og:title") or page.document_title)
    first = container.first_order if container and container.first_order is not None else len(page.texts)
    seen = -1
    # Inside the container a date needs its clock: days alone are the text's own.
    for order, (_, text) in enumerate(page.texts[: first + _NEAR]):
        line = clean(text) if len(text) < 600 else ""
        key = folded(line)
        if len(key) >= 6 and key in title:
            seen = order
        elif seen >= 0 and order - seen <= _NEAR and 6 <= len(line) <= 80 and not _REST.search(line):
            found = dates.find_date(line)
            if found and (order < first or isinstance(found, datetime)):
                return found
    return None
