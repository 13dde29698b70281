"""News reports and the documents they link to."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag, urlsplit

from policy_crawler.items import Entry, FetchedResponse, PageItem
from policy_crawler.listings.articles import looks_like_article, site_of
from policy_crawler.spiders.listing import ListingSpider

_PAGE = re.compile(r"\.(?:s?html?|jhtml|htm)$", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default|list)(?:_\w+)?\.\w+$|/$", re.IGNORECASE)
MOST_LINKS = 5  # of one report: a round-up that links dozens is no report on a policy


class NewsSpider(ListingSpider):
    """A list or feed of news.

    A report is archived like any document. Links in its text to the hosts of the catalog and to *.gov.cn are
    followed, one hop and no further, when they look like documents; what they lead to is archived as reported by it.
    A 《title》 without a link stays a reference and resolves when that document arrives."""

    def read_page(
        self,
        answer: FetchedResponse,
        purpose: str,
        entry: Entry | None,
        found_on: str | None,
        reported_by: str | None = None,
    ) -> Iterator[Any]:
        for item in super().read_page(answer, purpose, entry, found_on, reported_by):
            yield item
            if isinstance(item, PageItem) and item.reading is not None and self.is_report(item):
                yield from self._reported(item, item.reading.links)

    def _reported(self, item: PageItem, printed: tuple[tuple[str, str], ...]) -> Iterator[Any]:
        report = item.response.url
        links: dict[str, str] = {}
        for url, text in printed:
            target = urldefrag(url).url
            if self.is_official(target) and target not in {report, item.response.final_url}:
                links.setdefault(target, text)
        found = [Entry(text, url, url) for url, text in list(links.items())[:MOST_LINKS]]
        new = self.ledger.discover(found, report, reported_by=report) if found else []
        for entry, is_new in zip(found, new, strict=True):
            if is_new:
                yield from self.ask(entry.url, found_on=report, reported_by=report)

    def is_report(self, item: PageItem) -> bool:
        """True for a page of the news site itself; what its links lead to is not followed further."""
        own = site_of(item.response.url) == site_of(self.source.list_url)
        return self.source.is_news and item.reported_by is None and own

    def is_official(self, url: str) -> bool:
        """True for what looks like a document on a government site or on a site of the catalog other than this."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"} or host == self.source.site:
            return False
        if host not in self.policy_hosts() and not host.endswith(".gov.cn"):
            return False
        if looks_like_article(url):
            return True
        return bool(_PAGE.search(parts.path)) and not _INDEX.search(parts.path)

    def policy_hosts(self) -> frozenset[str]:
        """The catalog's hosts that publish documents, not news."""
        return frozenset(source.site for source in self.catalog.sources.values() if not source.is_news)


class FeedSpider(NewsSpider):
    """RSS, Atom and RDF feeds, of news or of a ministry's documents."""
