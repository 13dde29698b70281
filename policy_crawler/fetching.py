"""A few URLs through the same guard as a crawl, kept nowhere: for `read URL` and `record`. Lists: `previews`."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from policy_crawler.errors import SourceError
from policy_crawler.items import FetchedResponse


def fetch(urls: Sequence[str]) -> list[FetchedResponse | SourceError]:
    """Fetch each URL; answers in the same order, an error in place of an answer that could not be had.

    Robots.txt, pauses and limits hold as in a crawl. Runs Scrapy's reactor, which starts once a process: call it once,
    with all URLs. Raises OperatorError when the settings are wrong."""
    import scrapy  # noqa: PLC0415 - half a second

    from policy_crawler.process import CrawlProcess  # noqa: PLC0415
    from policy_crawler.spiders.answers import fetched, why_failed  # noqa: PLC0415

    answers: dict[int, FetchedResponse | SourceError] = {}

    class Preview(scrapy.Spider):  # type: ignore[misc]
        name = "preview"

        async def start(self) -> AsyncIterator[Any]:
            for number, url in enumerate(urls):
                yield scrapy.Request(
                    url,
                    callback=self.parse,
                    errback=self.failed,
                    dont_filter=True,
                    meta={"purpose": "document"},
                    cb_kwargs={"number": number},
                )

        def parse(self, response: Any, number: int) -> None:
            answers[number] = fetched(response)

        def failed(self, failure: Any) -> None:
            answers[failure.request.cb_kwargs["number"]] = SourceError(why_failed(failure)[1])

    CrawlProcess({"POLICY_RECORD": False, "LOG_LEVEL": "ERROR", "ITEM_PIPELINES": {}}).run(Preview, {})
    missing = SourceError("not asked: the fetch was interrupted")
    return [answers.get(number, missing) for number in range(len(urls))]
