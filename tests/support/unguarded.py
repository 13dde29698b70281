"""Scrapy as it comes, under a connection map: what a crawl without the guard would do. Proves that tests can fail."""

from typing import Any

from scrapy.resolver import CachingHostnameResolver

from policy_crawler import connections, middlewares, network


class UnguardedResolver(CachingHostnameResolver):
    """Scrapy's own resolver above the connection map."""

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> "UnguardedResolver":
        connections.install(reactor)
        return super().from_crawler(crawler, reactor)


HTTP11 = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
SETTINGS = {
    "TWISTED_DNS_RESOLVER": "support.unguarded.UnguardedResolver",
    "DOWNLOAD_HANDLERS": {**network.HANDLERS, "http": HTTP11, "https": HTTP11},
    "DOWNLOADER_MIDDLEWARES": dict.fromkeys(middlewares.DOWNLOADER_MIDDLEWARES)
    | {"scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600},
}
