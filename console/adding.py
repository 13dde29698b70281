"""From a list's page to an entry of the catalog: what can be found out is not asked.

The name of the body comes from other sources of the site, else from the page's SiteName; the level and the region from
the 政府网站标识码 (its first six digits are the area's code by GB/T 2260); what the column publishes from its name.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from policy_crawler.catalog import Catalog, Source, columns
from policy_crawler.catalog.ids import suggest_id
from policy_crawler.catalog.issuers import full_name, short_name
from policy_crawler.catalog.regions import region_of
from policy_crawler.catalog.topics import topics_of
from policy_crawler.listings.column import Column, column_of
from policy_crawler.listings.described import is_json
from policy_crawler.previews import Preview
from policy_crawler.reading import decode
from policy_crawler.reading.model import DocumentType

FEWEST_ENTRIES = 3  # fewer links make no list; records of a service and items of a feed are one, however few

PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林", "23": "黑龙江",
    "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东", "41": "河南",
    "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆",
}  # fmt: skip
"""The first two digits of an area's code (GB/T 2260)."""
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})

_SITE_SUFFIX = re.compile(r"(?:门户|政务|官方|政府)*(?:网站?|门户|官网)$")


@dataclass(frozen=True, slots=True)
class Told:
    """What the user says himself; None leaves it to us."""

    id: str | None = None
    issuer: str | None = None
    column: str | None = None
    publishes: str | None = None
    level: str | None = None
    region: str | None = None


def why_no_list(preview: Preview) -> str:
    """Why the page cannot be added; empty when it can."""
    if preview.problem:
        return preview.problem
    entries = preview.listing.entries if preview.listing else ()
    if len(entries) >= (1 if _holds_records(preview) else FEWEST_ENTRIES):
        return ""
    hint = "is it one document? then: policy-crawler crawl --url URL"
    if preview.column is not None and (feeds := _column(preview).feeds):
        hint = f"the page offers a feed: {feeds[0]}"
    return f"expected a list with at least {FEWEST_ENTRIES} entries, found {len(entries)} as {preview.family!r}; {hint}"


def _holds_records(preview: Preview) -> bool:
    if preview.last is None:
        return False
    return preview.family == "feed" or is_json(decode(preview.last.body, preview.last.content_type)[0])


def twin_of(preview: Preview, catalog: Catalog) -> Source | None:
    """The source that reads the same list already."""
    urls = {_bare(preview.query.url)} | ({_bare(preview.column.final_url)} if preview.column else set())
    return next((one for one in catalog.sources.values() if one.list_url and _bare(one.list_url) in urls), None)


def entry_of(preview: Preview, catalog: Catalog, told: Told, today: date) -> dict[str, Any]:
    """The catalog entry for a list that was read, checked. Raises OperatorError through `Source` where a told value is
    wrong."""
    column = _column(preview)
    url = preview.column.final_url if preview.column else preview.query.url
    if preview.column is not None and preview.column.url != preview.query.url:
        url = preview.query.url
    site = urlsplit(url).hostname or ""
    same_site = next((one for one in catalog.sources.values() if one.site == site), None)
    issuer = told.issuer or (same_site.issuer if same_site else "") or _body_name(column.site_name) or site
    level, region = _place(column.site_code, site)
    region = region_of(issuer, site) or region
    if same_site is not None:
        level, region = same_site.level, same_site.region
    name = told.column or column.name or columns.column_of(url) or urlsplit(url).path.strip("/") or site
    publishes = told.publishes or _publishes(name, url, news=level == "news")
    entries = preview.listing.entries if preview.listing else ()
    issuer = full_name(issuer)
    same_issuer = same_site is not None and issuer == same_site.issuer
    return {
        "id": told.id or suggest_id(url, catalog.sources),
        "issuer": issuer,
        "issuer_short": same_site.issuer_short if same_site is not None and same_issuer else short_name(issuer),
        "site": site,
        "column": name,
        "list_url": url,
        "family": preview.family,
        "publishes": publishes,
        "level": told.level or level,
        "region": told.region if told.region is not None else region,
        "topics": list(topics_of(issuer, name)),
        "expect": {"entries": len(entries)},
        "params": dict(preview.params),
        "enabled": True,
        "limits": ["http-only"] if url.startswith("http://") else [],
        "evidence": "added and previewed by this installation",
        "seen": today,
    }


def _column(preview: Preview) -> Column:
    if preview.column is None:
        return Column()
    text, _ = decode(preview.column.body, preview.column.content_type)
    if preview.family == "feed" and preview.listing is not None:
        title = re.search(r"<title[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,60})", text)
        return Column(name=" ".join(title[1].split()) if title else "")
    return column_of(text, preview.column.final_url)


def _place(code: str, site: str) -> tuple[str, str]:
    """(level, region) by a site's code; by its host where it has none."""
    if code.lower().startswith("bm"):
        return "central", ""
    if re.fullmatch(r"\d{10}", code) and code[:2] in PROVINCES:
        whole = code[2:6] == "0000" or (code[:2] in MUNICIPALITIES and code[2:4] == "00")
        level = "province" if whole else "city" if code[4:6] == "00" else "district"
        return level, PROVINCES[code[:2]]
    return ("any", "") if site.endswith(".gov.cn") else ("news", "")


def _publishes(column: str, url: str, *, news: bool) -> str:
    """By the column's name, else by what its path stands for; a government site's column of no known kind: policies."""
    kinds = (columns.kind_of(name, news=news) for name in (column, columns.column_of(url)))
    found = next((kind for kind in kinds if kind is not DocumentType.OTHER), DocumentType.POLICY)
    return found.value


def _body_name(site_name: str) -> str:
    """国家发展和改革委员会门户网站 -> 国家发展和改革委员会."""
    return _SITE_SUFFIX.sub("", site_name.strip()) or site_name.strip()


def _bare(url: str) -> str:
    """A list's URL without scheme, index file and last slash: the same list."""
    rest, _, fragment = url.partition("://")[2].partition("#")
    category = f"#{fragment}" if re.fullmatch(r"[A-Z0-9]\w{3,}", fragment) else ""  # of a catalogue: another list
    return re.sub(r"/(?:index|default)\.\w+$", "/", rest).rstrip("/") + category
