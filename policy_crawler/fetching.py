"""A few URLs through the same guard as a crawl, kept nowhere: for previews (`read URL`, `entries`, `sources add`)."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from policy_crawler.errors import SourceError
from policy_crawler.items import FetchedResponse


def fetch(urls: Sequence[str], *, lists: bool = False) -> list[FetchedResponse | SourceError]:
    """Fetch each URL; answers in the same order, an error in place of an answer that could not be had.

    `lists`: where the list of a page is fetched by a script, answer with what that script would fetch.
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
                yield self.ask(url, number, {})

        def ask(self, url: str, number: int, headers: dict[str, str]) -> Any:
            return scrapy.Request(
                url,
                callback=self.parse,
                errback=self.failed,
                headers=headers,
                dont_filter=True,
                meta={"purpose": "listing" if lists else "document"},
                cb_kwargs={"number": number, "by_script": bool(headers)},
            )

        def parse(self, response: Any, number: int, by_script: bool) -> Iterator[Any]:
            answer = answers[number] = fetched(response)
            script = _script_of(answer) if lists and not by_script else None
            if script:
                yield self.ask(script, number, {"Referer": answer.final_url})

        def failed(self, failure: Any) -> None:
            answers[failure.request.cb_kwargs["number"]] = SourceError(why_failed(failure)[1])

    CrawlProcess({"POLICY_RECORD": False, "LOG_LEVEL": "ERROR", "ITEM_PIPELINES": {}}).run(Preview, {})
    missing = SourceError("not asked: the fetch was interrupted")
    return [answers.get(number, missing) for number in range(len(urls))]


def _script_of(answer: FetchedResponse) -> str | None:
    """The URL that the page's script fetches its list from; None when the list is in the page."""
    from policy_crawler.listings import read_listing  # noqa: PLC0415

    try:
        listing = read_listing(answer.body, answer.final_url)
    except SourceError:
        return None
    return listing.next_page.url if listing.by_script and listing.next_page else None
