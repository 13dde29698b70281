"""Lists read through the same guard as a crawl and kept nowhere: `entries URL`, `sources add`, `check`, `repair`."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urldefrag

from policy_crawler.errors import OperatorError, SourceError
from policy_crawler.items import FetchedResponse
from policy_crawler.judgement import ListingFacts
from policy_crawler.listings import Listing, ListRequest, Params, family_of, read_listing, recognise

MOST_HOPS = 3  # requests from a column's URL to its entries


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list to look at. `family` None: found out from the page, and `params` with it. `render`: drawn by a browser."""

    url: str
    family: str | None = None
    params: Params = field(default_factory=dict)
    render: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list shows now.

    `problem`: why it could not be read; `refused` where the site does not want it fetched, `changed` where the
    structure is not that of the family. `column` is the answer of the column's own URL, `last` the one with entries."""

    query: ListQuery
    family: str = ""
    params: Params = field(default_factory=dict)
    listing: Listing | None = None
    column: FetchedResponse | None = None
    last: FetchedResponse | None = None
    problem: str = ""
    refused: bool = False
    changed: bool = False

    def facts(self) -> ListingFacts:
        """The same facts that a run is judged by."""
        if self.refused:
            return ListingFacts(refused=self.problem)
        if self.problem:
            return ListingFacts(changed=self.problem) if self.changed else ListingFacts(failed=self.problem)
        entries = self.listing.entries if self.listing else ()
        titles = {entry.title for entry in entries}
        return ListingFacts(
            pages=1,
            first_page=len(entries),
            same_titles=len(entries) >= 5 and len(titles) == 1,
            dated=sum(entry.date is not None for entry in entries),
            newest=max((entry.date for entry in entries if entry.date), default=None),
            oldest=min((entry.date for entry in entries if entry.date and not entry.pinned), default=None),
        )

    @property
    def dated(self) -> float | None:
        """The share of entries with a date, 0 to 1; None without entries."""
        entries = self.listing.entries if self.listing else ()
        return sum(entry.date is not None for entry in entries) / len(entries) if entries else None


def preview(queries: Sequence[ListQuery], today: date) -> list[Preview]:
    """Read page 1 of each list; previews in the same order.

    Robots.txt, pauses and limits hold as in a crawl. Runs Scrapy's reactor, which starts once a process: call it once,
    with all lists. Raises OperatorError when the settings are wrong."""
    import scrapy  # noqa: PLC0415 - half a second

    from policy_crawler.process import CrawlProcess  # noqa: PLC0415
    from policy_crawler.spiders.answers import fetched, why_failed  # noqa: PLC0415

    done: dict[int, Preview] = {}
    steps = [_Steps(query, today) for query in queries]

    class ListPreview(scrapy.Spider):  # type: ignore[misc]
        name = "preview"

        async def start(self) -> AsyncIterator[Any]:
            for number, one in enumerate(steps):
                try:
                    yield self.ask(number, one.first())
                except OperatorError as error:
                    done[number] = Preview(one.query, problem=str(error))

        def ask(self, number: int, page: ListRequest) -> Any:
            return scrapy.Request(
                page.url,
                method=page.method,
                body=page.body or b"",
                headers={**({"Referer": steps[number].query.url} if page.page != 1 else {}), **dict(page.headers)},
                callback=self.parse,
                errback=self.failed,
                dont_filter=True,
                meta={"purpose": "listing", "render": steps[number].query.render},
                cb_kwargs={"number": number, "page": page},
            )

        def parse(self, response: Any, number: int, page: ListRequest) -> Iterator[Any]:
            try:
                outcome = steps[number].take(fetched(response), page)
            except Exception as error:  # a mistake of ours in one list must not keep the others from being shown
                self.logger.exception("%s: our reader failed", page.url)
                words = f"{page.url}: an error of this program: {type(error).__name__}: {error}"
                outcome = Preview(steps[number].query, column=steps[number].column, problem=words)
            if isinstance(outcome, Preview):
                done[number] = outcome
            else:
                yield self.ask(number, outcome)

        def failed(self, failure: Any) -> None:
            number = failure.request.cb_kwargs["number"]
            refused, why = why_failed(failure)
            words = f"{failure.request.url}: {why}"
            done[number] = Preview(steps[number].query, column=steps[number].column, problem=words, refused=refused)

    CrawlProcess({"POLICY_RECORD": False, "LOG_LEVEL": "ERROR", "ITEM_PIPELINES": {}}).run(ListPreview, {})
    return [done.get(number, Preview(query, problem="not asked: interrupted")) for number, query in enumerate(queries)]


class _Steps:
    """From a column's URL to its entries: one answer after the other."""

    def __init__(self, query: ListQuery, today: date) -> None:
        self.query = query
        self.family = query.family
        self.params = query.params
        self.column: FetchedResponse | None = None
        self._today = today
        self._hops = 0

    def first(self) -> ListRequest:
        if self.family is None:
            return ListRequest(self.query.url)
        return family_of(self.family).first(self.query.url, self.params)

    def take(self, answer: FetchedResponse, page: ListRequest) -> ListRequest | Preview:
        """The next request, or the preview that this answer ends with."""
        from policy_crawler.reading import decode  # noqa: PLC0415
        from policy_crawler.spiders.answers import unusable  # noqa: PLC0415

        self._hops += 1
        self.column = self.column or answer
        if problem := unusable(answer):
            return self._ended(answer, problem=problem.words, refused=problem.refused)
        if self.family is None:
            text, _ = decode(answer.body, answer.content_type)
            self.family = recognise(text, answer.final_url)
            # Behind the `#` some columns name their category; answers do not carry it.
            category = urldefrag(self.query.url).fragment
            shown = f"{answer.final_url}#{category}" if category else answer.final_url
            self.params = family_of(self.family).discover(text, shown)
            try:
                wanted = family_of(self.family).first(answer.final_url, self.params)
            except OperatorError as error:
                return self._ended(answer, problem=str(error), changed=True)
            if wanted.url != answer.final_url or wanted.body:
                return wanted
        try:
            listing = read_listing(
                answer.body,
                answer.final_url,
                content_type=answer.content_type,
                family=self.family,
                today=self._today,
                request=page,
                params=self.params,
            )
        except SourceError as error:
            return self._ended(answer, problem=str(error), changed=True)
        if listing.by_script and listing.next_page is not None and self._hops <= MOST_HOPS:
            return listing.next_page
        return self._ended(answer, listing=listing)

    def _ended(self, answer: FetchedResponse, **found: Any) -> Preview:
        return Preview(self.query, self.family or "", self.params, column=self.column, last=answer, **found)
