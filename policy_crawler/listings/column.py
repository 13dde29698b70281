"""What a column's page says about itself: whose it is, what it is called, which feeds it offers.

The meta tags are those that government sites must carry (SiteName, SiteIDCode, ColumnName; 国办发〔2017〕47号); other
sites have a title, mostly `column-site` or `column_site`.
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from parsel import Selector

_PARTS = re.compile(r"\s*(?:[-_|–—]|::|>>|»)+\s*")
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
_HOME = re.compile(r"首\s*页|主页|网站|门户|home", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """`site_code`: 政府网站标识码, `bm` + number for central bodies, else ten digits that begin with the area's code.

    Texts are empty where the page does not say."""

    name: str = ""
    site_name: str = ""
    site_code: str = ""
    feeds: tuple[str, ...] = ()


def column_of(text: str, url: str) -> Column:
    """Read a column's page. Never raises."""
    page = Selector(text=text or "<html></html>", type="html")
    meta = {
        (tag.attrib.get("name") or tag.attrib.get("property") or "").lower(): " ".join(tag.attrib["content"].split())
        for tag in page.xpath("//meta[@content]")
    }
    parts = [part for part in _PARTS.split(" ".join(page.css("title::text").getall()).strip()) if part]
    name = meta.get("columnname") or _crumb(page) or (parts[0] if parts else "")
    site = meta.get("sitename") or meta.get("og:site_name") or (parts[-1] if len(parts) > 1 else "")
    feeds = tuple(
        urljoin(url, link.attrib["href"])
        for link in page.xpath("//link[@rel='alternate' and @href]")
        if link.attrib.get("type", "").strip().lower() in _FEED_TYPES
    )
    return Column(name[:60], site[:60], meta.get("siteidcode", ""), feeds)


def _crumb(page: Selector) -> str:
    """The last step of 您的位置：首页 > 政务公开 > 通知."""
    for place in page.xpath("//*[contains(text(), '位置') and string-length(normalize-space()) < 120]"):
        box = place if place.xpath(".//a") else place.xpath("..")
        steps = [" ".join(step.xpath("string()").get(default="").split()) for step in box.xpath(".//a")]
        if steps and not _HOME.fullmatch(steps[-1]):
            return steps[-1]
    return ""
