"""Pages that hold no list themselves and lead to the one that does: redirects by script, and frames."""

import re
from urllib.parse import urldefrag, urljoin, urlsplit

from parsel import Selector

from policy_crawler.listings.articles import site_of

_LEADS = re.compile(
    r"""(?:\blocation(?:\.href)?\s*=|\blocation\.(?:replace|assign)\s*\()\s*["'](?P<by_script>[^"'\s]+)["']
      | <meta[^>]*http-equiv\s*=\s*["']?refresh["']?[^>]*
        content\s*=\s*["']?\s*\d*\s*;?\s*url\s*=\s*["']?(?P<by_meta>[^"'>\s]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNSEEN = re.compile(r"<(script|style|title)\b.*?</\1\s*>|<!--.*?-->|<[^<>]*>", re.DOTALL | re.IGNORECASE)
_MOST_WORDS_OF_A_STUB = 100  # 如果没有自动跳转,请点击这里 and the like
_NO_LIST = re.compile(r"\.(?:jpe?g|png|gif|swf|mp4|pdf|js|css)$", re.IGNORECASE)


def stub_target(text: str, url: str) -> str | None:
    """Where a page leads that does nothing else than lead on; None for a page with content of its own."""
    if len(text) > 20_000 or not (match := _LEADS.search(text)):
        return None
    if len("".join(_UNSEEN.sub(" ", text).split())) > _MOST_WORDS_OF_A_STUB:
        return None
    return _another(match["by_script"] or match["by_meta"], url)


def frame_target(page: Selector, url: str) -> str | None:
    """The page of the same site that a page shows in its frame; the one nearest to it where there are several."""
    base = urljoin(url, page.css("base::attr(href)").get() or "")
    sources = [source.strip() for source in page.xpath("//iframe/@src | //frame/@src").getall()]
    found = [
        target
        for source in sources
        if source and (target := _another(source, base)) and site_of(target) == site_of(url)
    ]
    folder = urlsplit(url).path.rsplit("/", 1)[0] + "/"
    return max(found, key=lambda target: urlsplit(target).path.startswith(folder), default=None)


def _another(href: str, url: str) -> str | None:
    try:
        target = urldefrag(urljoin(url, href)).url
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or _NO_LIST.search(parts.path):
        return None
    return target if target != urldefrag(url).url else None
