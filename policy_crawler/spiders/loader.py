"""The spiders of Scrapy are the sources of the catalog: `scrapy list`, `scrapy crawl miit-wjfb-tz`."""

from typing import Any
from urllib.parse import urlsplit

from scrapy.utils.misc import load_object

from policy_crawler.catalog import Catalog, Source, load_catalog
from policy_crawler.config import Home
from policy_crawler.errors import OperatorError

# Named, not imported: listing the sources needs none of them.
LISTING = "policy_crawler.spiders.listing.ListingSpider"
FEED = "policy_crawler.spiders.news.FeedSpider"
NEWS = "policy_crawler.spiders.news.NewsSpider"
PAGE = "policy_crawler.spiders.page.PageSpider"
Names = list[str]  # the loader's own `list` hides the built-in one


class CatalogSpiderLoader:
    """Scrapy's `SPIDER_LOADER_CLASS`: one spider class a source, named by its id."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @classmethod
    def from_settings(cls, settings: Any) -> "CatalogSpiderLoader":
        """Load the shipped catalog and the user's own sources. Raises OperatorError."""
        return cls(load_catalog(Home.find().sources))

    def list(self) -> Names:
        """The ids of all sources that can be read."""
        return [source.id for source in self.catalog.sources.values() if source.ready]

    def load(self, spider_name: str) -> type[Any]:
        """The spider class of a source. Raises KeyError, as Scrapy expects."""
        try:
            source = self.catalog.get(spider_name)
        except OperatorError as error:
            raise KeyError(str(error)) from error
        base = load_object(spider_path(source))
        return type(base.__name__, (base,), {"name": source.id, "source": source, "catalog": self.catalog})

    def find_by_request(self, request: Any) -> Names:
        """The sources of the request's host, for `scrapy parse` and `scrapy shell`."""
        host = urlsplit(request.url).hostname
        return [source.id for source in self.catalog.sources.values() if source.site == host]


def spider_path(source: Source) -> str:
    """Where the spider class of a source is defined. How its list is served is known to `listings`, not here."""
    if source.family == "page":
        return PAGE
    if source.family == "feed":
        return FEED
    return NEWS if source.is_news else LISTING
