"""What every spider does with a page: fetch it, read it, hand it on, and fetch the files that belong to it."""

import posixpath
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import scrapy
from scrapy import signals
from scrapy.utils.request import fingerprint

from policy_crawler.attachments import pictures
from policy_crawler.attachments.document import FILE_FAMILY, FROM_NAME
from policy_crawler.catalog import Catalog, Source
from policy_crawler.errors import OperatorError, Unreadable
from policy_crawler.items import Archived, AttachmentItem, Entry, FetchedResponse, PageItem
from policy_crawler.judgement import ListingFacts, RunFacts
from policy_crawler.listings import family_of
from policy_crawler.listings.details import detail_url
from policy_crawler.reading import read
from policy_crawler.reading.model import AttachmentLink, DocumentType, Evidence, PageState, Reading
from policy_crawler.spiders.answers import fetched, signed_url, why_failed

# Files a list may link to in place of a page.
FILE_TYPES = frozenset({"pdf", "doc", "docx", "wps", "xls", "xlsx", "et", "ofd", "zip", "rar", "ppt", "pptx"})

# Higher is asked first: the list decides, then what is new, then what an earlier run left, then what may have changed.
LISTING, NEW, FILES, PENDING, RECHECK = 400, 300, 250, 200, 100


class PolicySpider(scrapy.Spider):  # type: ignore[misc]
    """A crawl of one source. Subclasses say where documents come from; what becomes of them is the same for all.

    Made by the loader with `source` and `catalog` set. `facts` is what the run will be judged by."""

    source: Source
    catalog: Catalog
    listing: ListingFacts | None = None
    trigger: str = ""
    """What the run is called where its arguments decide; empty: whoever started it says."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.facts = RunFacts()
        self._asked: set[bytes] = set()

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> Self:
        unknown = sorted(set(kwargs) - cls.arguments)
        if unknown:
            known = ", ".join(sorted(cls.arguments)) or "none"
            raise OperatorError(f"{cls.name}: no argument {unknown[0]!r} for this spider; there are: {known}")
        spider: Self = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.after_item, signals.item_scraped)
        return spider

    arguments: frozenset[str] = frozenset()
    """The names that `-a NAME=VALUE` may have."""

    @property
    def ledger(self) -> Any:
        """The run's ledger. Imported when asked for, as previews of a spider need no archive."""
        from policy_crawler.pipelines import ledger  # noqa: PLC0415

        found = ledger.of(self.crawler)
        if found is None:
            raise OperatorError(f"{self.name}: this crawl records nothing (POLICY_RECORD is off)")
        return found

    async def start(self) -> AsyncIterator[Any]:
        """The first requests. Subclasses override."""
        return
        yield

    def ask(
        self,
        url: str,
        *,
        entry: Entry | None = None,
        purpose: str = "document",
        priority: int = NEW,
        found_on: str | None = None,
        reported_by: str | None = None,
    ) -> Iterator[scrapy.Request]:
        """The request for a document's page, once a run. A recheck asks conditionally."""
        request = scrapy.Request(
            self.fetch_url(url),
            callback=self.parse_page,
            errback=self.page_failed,
            priority=priority,
            dont_filter=True,  # filtered here, so that what is asked is counted
            meta={"purpose": purpose, "conditional": purpose == "recheck", "document_url": url},
            cb_kwargs={"purpose": purpose, "entry": entry, "found_on": found_on, "reported_by": reported_by},
        )
        seen = fingerprint(request)
        if seen not in self._asked:
            self._asked.add(seen)
            self.facts = replace(self.facts, asked=self.facts.asked + 1)
            yield request

    def fetch_url(self, url: str) -> str:
        """Where a document's page is read from; another URL where a site serves documents as JSON only. The same for
        every source, as any of them may lead to such a document."""
        found = family_of(self.source.family).fetch_url(url)
        return detail_url(url) if found == url else found

    def parse_page(
        self,
        response: Any,
        purpose: str,
        entry: Entry | None,
        found_on: str | None,
        reported_by: str | None,
    ) -> Iterator[Any]:
        """Read a document's page."""
        yield from self.read_page(fetched(response), purpose, entry, found_on, reported_by)

    def read_page(
        self,
        answer: FetchedResponse,
        purpose: str,
        entry: Entry | None,
        found_on: str | None,
        reported_by: str | None = None,
    ) -> Iterator[Any]:
        """Read what answers for a document: its page, or the row of a list that brings its text."""
        try:
            reading = self.reading_of(answer, entry)
        except Exception as error:  # a mistake of ours in one page must not hold back what the others have to tell
            self.logger.exception("%s: our reader failed", answer.url)
            self.problem(f"{answer.url}: an error of this program: {type(error).__name__}: {error}", refused=False)
            self.ledger.page_failed(answer.url, purpose)
            return
        yield PageItem(self.source.id, purpose, answer, reading, entry, found_on, reported_by)

    def reading_of(self, answer: FetchedResponse, entry: Entry | None = None) -> Reading | None:
        """What the page says; None when there is nothing to read."""
        if answer.status != 200:
            return None
        content_type = answer.content_type
        if file_type := _file_type(answer.final_url, content_type):
            return _file_reading(answer, file_type, entry)
        try:
            return read(answer.body, answer.final_url, content_type=content_type, status=answer.status)
        except Unreadable as error:
            self.logger.warning("%s cannot be read: %s", answer.url, error)
            return None

    def page_failed(self, failure: Any) -> None:
        """A document that could not be had: counted, and asked again by a later run."""
        refused, why = why_failed(failure)
        url = failure.request.meta["document_url"]
        self.logger.warning("%s: %s", url, why)
        self.problem(f"{url}: {why}", refused=refused)
        self.ledger.page_failed(url, failure.request.cb_kwargs["purpose"])

    def problem(self, why: str, *, refused: bool) -> None:
        """Count a document that could not be had."""
        self.facts = replace(
            self.facts,
            refused=self.facts.refused + refused,
            failed=self.facts.failed + (not refused),
            first_problem=self.facts.first_problem or why,
        )

    def after_item(self, item: Any) -> None:
        """Called with what the archive made of an item: files of new and changed documents are fetched now."""
        if not isinstance(item, Archived) or not isinstance(item.item, PageItem):
            return
        if item.outcome in {"blocked", "error", "suspect"}:
            self.problem(f"{item.item.response.url}: {item.reason}", refused=item.outcome == "blocked")
        elif item.outcome in {"added", "changed", "restored"}:
            for request in self.file_requests(item.item):
                self.crawler.engine.crawl(request)
        elif item.outcome == "same" and item.item.purpose == "recheck" and item.item.reading is not None:
            # A file may be replaced while its page stays as it is: under its address, where once a week is enough to
            # see that, or under another.
            linked = {link.url for link in item.item.reading.attachments}
            requests = list(self.file_requests(item.item))
            urls = [request.meta["file_url"] for request in requests]
            due = set(self.ledger.files_due(item.item.response.url, urls, linked)) if urls else set()
            for request in requests:
                if request.meta["file_url"] in due:
                    self.crawler.engine.crawl(request)

    def file_requests(self, item: PageItem) -> Iterator[scrapy.Request]:
        """Requests for the files of a page, and for the pictures of its body that say more than its words do. A file
        that is the page itself was fetched already."""
        if item.reading is None:
            return
        most = {"download_maxsize": pictures.MOST_BYTES}
        shown = pictures.pictures_of(item.reading, item.response.body)
        links = [*((link, {}) for link in item.reading.attachments), *((link, most) for link in shown)]
        for number, (link, limits) in enumerate(links, 1):
            yield scrapy.Request(
                link.url,
                callback=self.parse_file,
                errback=self.file_failed,
                priority=FILES - min(number, FILES - PENDING) + 1,  # in the page's order, else the last would be first
                dont_filter=True,  # two documents may share a file
                headers={"Referer": item.response.final_url},
                meta={"purpose": "attachment", "file_url": link.url, **limits},
                cb_kwargs={"document_url": item.response.url, "link": link, "position": number},
            )

    def parse_file(
        self, response: Any, document_url: str, link: AttachmentLink, position: int | None = None
    ) -> Iterator[Any]:
        """Hand on a document's file. It is known by the URL its page links, even where that leads to a signed one."""
        answer = fetched(response)
        if (signed := signed_url(answer)) and "document_url" not in response.meta:
            meta = {
                name: response.meta[name]
                for name in ("purpose", "file_url", "download_maxsize")
                if name in response.meta
            }
            yield response.request.replace(url=signed, meta={**meta, "document_url": link.url})
            return
        why = "cut short" if answer.truncated else "empty" if not answer.body else ""
        if answer.status != 200:
            why = f"status {answer.status}"
        if why:
            self.file_problem(link.url, why)
            return
        yield AttachmentItem(self.source.id, document_url, link.href, link.name, link.type, answer, position=position)

    def file_failed(self, failure: Any) -> None:
        _, why = why_failed(failure)
        self.file_problem(failure.request.url, why)

    def file_problem(self, url: str, why: str) -> None:
        """A file that could not be had does not undo its document; the run says so."""
        self.logger.warning("file %s: %s", url, why)
        self.facts = replace(
            self.facts,
            files_failed=self.facts.files_failed + 1,
            first_file_problem=self.facts.first_file_problem or f"{url}: {why}",
        )


def _file_type(url: str, content_type: str | None) -> str | None:
    """The file extension of an answer that is a file and no page."""
    media = (content_type or "").split(";")[0].strip().lower()
    if "html" in media or media.startswith("text/"):
        return None
    ending = posixpath.splitext(urlsplit(url).path)[1].lstrip(".").lower()
    if ending in FILE_TYPES:
        return ending
    return "pdf" if media == "application/pdf" else None


def _file_reading(answer: FetchedResponse, file_type: str, entry: Entry | None) -> Reading:
    """A document that is a file: the list row names it, the file itself is its attachment.

    Its text is read by FileTextPipeline, in a child process, while the crawl goes on."""
    name = unquote(posixpath.basename(urlsplit(answer.final_url).path))
    title = entry.title if entry else name
    return Reading(
        url=answer.final_url,
        state=PageState.DOCUMENT,
        state_reason="",
        charset="",
        family=FILE_FAMILY,
        title=title,
        type=DocumentType.OTHER,
        published=entry.date if entry else None,
        attachments=(AttachmentLink(entry.href if entry else answer.url, answer.final_url, name, file_type),),
        evidence={"title": Evidence("list row" if entry else FROM_NAME, 0.6)},
    )
