"""From a list's page to an entry of the catalog: what can be found out is not asked.

The name of the body comes from other sources of the site, else from the page's SiteName; the level and the region from
the 政府网站标识码 (its first six digits are the area's code by GB/T 2260); what the column publishes from its name.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from policy_crawler.catalog import Catalog, Source
from policy_crawler.listings.column import Column, column_of
from policy_crawler.previews import Preview
from policy_crawler.reading import decode

FEWEST_ENTRIES = 3  # fewer make no list

PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林", "23": "黑龙江",
    "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东", "41": "河南",
    "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆",
}  # fmt: skip
"""The first two digits of an area's code (GB/T 2260)."""
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})

# The first that fits decides: "政策解读" is no policy, "意见征集" none yet.
_PUBLISHES = (
    ("interpretation", r"解读|问答|答记者问|jd\b|jiedu|zcjd"),
    ("consultation", r"征集|征求意见|意见征询|公开征询|yjzj|zqyj"),
    ("notice", r"公示|公告公示|采购|招标|人事|招聘"),
    ("news", r"新闻|要闻|动态|资讯|快讯|头条|news|xwfb|gzdt"),
    ("policy", r"政策|文件|法规|规章|规范性|通知|公告|公报|zcfb|wjfb|zcwj|gfxwj|policy"),
)
_SITE_SUFFIX = re.compile(r"(?:门户|政务|官方|政府)*(?:网站?|门户|官网)$")
_PUBLIC_SUFFIX = re.compile(r"\.(?:gov|com|org|net|edu)?\.?(?:cn|com|org|net)$")
_SAYS_NOTHING = re.compile(
    r"index.*|list.*|default.*|col|c\d+|n\d+|\d+|[0-9a-f]{16,}|common|site|web|art|node|channel", re.IGNORECASE
)


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
    if len(entries) >= FEWEST_ENTRIES:
        return ""
    hint = "is it one document? then: policy-crawler crawl --url URL"
    if preview.column is not None and (feeds := _column(preview).feeds):
        hint = f"the page offers a feed: {feeds[0]}"
    return f"expected a list with at least {FEWEST_ENTRIES} entries, found {len(entries)} as {preview.family!r}; {hint}"


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
    if same_site is not None:
        level, region = same_site.level, same_site.region
    name = told.column or column.name or urlsplit(url).path.strip("/") or site
    publishes = told.publishes or _kind(f"{name} {urlsplit(url).path}", level)
    entries = preview.listing.entries if preview.listing else ()
    same_issuer = same_site is not None and issuer == same_site.issuer
    return {
        "id": told.id or free_id(url, catalog),
        "issuer": issuer,
        "issuer_short": same_site.issuer_short if same_site is not None and same_issuer else issuer,
        "site": site,
        "column": name,
        "list_url": url,
        "family": preview.family,
        "publishes": publishes,
        "level": told.level or level,
        "region": told.region if told.region is not None else region,
        "expect": {"entries": len(entries)},
        "params": dict(preview.params),
        "enabled": True,
        "limits": ["http-only"] if url.startswith("http://") else [],
        "evidence": "added and previewed by this installation",
        "seen": today,
    }


def free_id(url: str, catalog: Catalog) -> str:
    """A readable id that no source has: the host's telling labels and the last telling steps of the path."""
    parts = urlsplit(url)
    host = _PUBLIC_SUFFIX.sub("", (parts.hostname or "").removeprefix("www."))
    steps = [step.partition(".")[0].lower() for step in parts.path.split("/") if step]
    telling = [step for step in steps if re.fullmatch(r"[a-z][a-z0-9_-]*", step) and not _SAYS_NOTHING.fullmatch(step)]
    words = [*reversed(host.split(".")), *(telling or steps)[-2:]]
    slug = re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")[:55].strip("-") or "source"
    number, wanted = 1, slug
    while wanted in catalog.sources:
        number += 1
        wanted = f"{slug}-{number}"
    return wanted


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


def _kind(words: str, level: str) -> str:
    found = next((kind for kind, sign in _PUBLISHES if re.search(sign, words, re.IGNORECASE)), None)
    return found or ("news" if level == "news" else "policy")


def _body_name(site_name: str) -> str:
    """国家发展和改革委员会门户网站 -> 国家发展和改革委员会."""
    return _SITE_SUFFIX.sub("", site_name.strip()) or site_name.strip()


def _bare(url: str) -> str:
    """A list's URL without scheme, index file and last slash: the same list."""
    rest = url.partition("://")[2].partition("#")[0]
    return re.sub(r"/(?:index|default)\.\w+$", "/", rest).rstrip("/")
