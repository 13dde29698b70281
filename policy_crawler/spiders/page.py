"""One page given by its URL."""

from collections.abc import AsyncIterator
from typing import Any

from policy_crawler.errors import OperatorError
from policy_crawler.spiders.base import PolicySpider


class PageSpider(PolicySpider):
    """Fetches and archives one URL: `scrapy crawl page -a url=https://…`. There is no listing to judge by."""

    arguments = frozenset({"url"})

    def __init__(self, url: str = "", **arguments: Any) -> None:
        super().__init__(**arguments)
        if not url:
            raise OperatorError("page: expected -a url=https://…, found no URL")
        self.url = url
        self.trigger = "url"

    async def start(self) -> AsyncIterator[Any]:
        for request in self.ask(self.url):
            yield request
