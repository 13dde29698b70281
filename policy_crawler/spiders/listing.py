"""A crawl that begins at a list: read it, fetch what is new, what earlier runs left, what may have changed."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import scrapy

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.items import Entry, FetchedResponse
from policy_crawler.judgement import ListingFacts
from policy_crawler.listings import FAMILIES, Listing, ListRequest, family_of, read_listing, recognise
from policy_crawler.listings.healing import propose
from policy_crawler.reading import decode
from policy_crawler.spiders.answers import fetched, moved_to, row_of, unusable, why_failed
from policy_crawler.spiders.base import LISTING, PENDING, RECHECK, PolicySpider

RECHECKS = ("due", "all", "none")
# From a stub to another to the list (Ministry of Culture and Tourism); from a column over its index to its API.
MOST_HOPS = 2
KNOWN_ENTRIES = 40  # of the newest that a list showed: what another way of reading it should bring back


class ListingSpider(PolicySpider):
    """Reads a source's listing.

    1. Fetch a page of the list; a refusal ends the run as blocked, a page without the list as quarantined.
    2. Keep the entries' URLs in the archive, then ask for those that are new.
    3. Go on to the next page until a page holds known entries only. One known entry does not end it, as pinned
       entries stand on top; a page that begins like the one before does, as some servers ignore the page number.
    4. Ask for pages that earlier runs found and did not get, then conditionally for known ones whose check is due.

    Arguments: `pages=N` reads exactly so many pages of the list, `since=YYYY-MM-DD` reads until a page is older (both
    past known entries, to fill gaps); `recheck=due|all|none`."""

    arguments = frozenset({"since", "pages", "recheck"})

    def __init__(self, since: str = "", pages: str = "", recheck: str = "due", **arguments: Any) -> None:
        super().__init__(**arguments)
        self.since = _date(since) if since else None
        self.pages = _count(pages) if pages else None
        if recheck not in RECHECKS:
            raise OperatorError(f"recheck: expected one of {', '.join(RECHECKS)}, found {recheck!r}")
        self.recheck = recheck
        self.trigger = "backfill" if since or pages else ""
        self.listing: ListingFacts = ListingFacts()
        self._first_of_page: list[str] = []  # the URL of each page's first entry, to see a server that repeats itself

    async def start(self) -> AsyncIterator[Any]:
        yield self.list_request(family_of(self.source.family).first(self.source.list_url, self.source.params))

    def list_request(self, page: ListRequest, *, hops: int = 0) -> scrapy.Request:
        """A request for a page of the list. `hops`: how many pages have led on to it without entries of their own."""
        return scrapy.Request(
            page.url,
            method=page.method,
            body=page.body or b"",
            headers={**self.list_headers(), **dict(page.headers)},
            callback=self.parse_list,
            errback=self.list_failed,
            priority=LISTING,
            dont_filter=True,
            meta={"purpose": "listing"},
            cb_kwargs={"page": page, "hops": hops},
        )

    def list_headers(self) -> dict[str, str]:
        """Headers that the list's server expects."""
        return {"Referer": self.source.list_url} if family_of(self.source.family).referer else {}

    def parse_list(self, response: Any, page: ListRequest, hops: int) -> Iterator[Any]:
        """Read one page of the list, or go on to where its script would fetch it."""
        answer, number = fetched(response), page.page
        if number == 1 and not hops:
            self.listing = replace(self.listing, moved_to=moved_to(response))
        if problem := self._unusable(answer, number):
            yield from self._cannot_read(number, **problem)
            return
        try:
            listing = read_listing(
                answer.body,
                answer.final_url,
                content_type=answer.content_type,
                family=self.source.family,
                today=self.ledger.clock.today(),
                request=page,
                params=self.source.params,
            )
        except PageChanged as error:
            yield from self._cannot_read(number, changed=str(error))
            self._seek_remedy(answer, number)
            return
        if listing.by_script and listing.next_page:
            if hops == MOST_HOPS:
                yield from self._cannot_read(number, changed=f"{answer.url}: expected entries, found another script")
                return
            yield self.list_request(replace(listing.next_page, page=number), hops=hops + 1)
            return
        yield from self._read_page(listing, number, answer)
        if number == 1 and not listing.entries:
            self._seek_remedy(answer, number)

    def _seek_remedy(self, answer: FetchedResponse, number: int) -> None:
        """See whether page 1, which gave nothing, gives the known entries when read in another way. It is told, not
        used: a person decides (`sources repair`)."""
        known = self.ledger.listed(self.source.id, KNOWN_ENTRIES) if number == 1 else []
        if not known:
            return
        text, _ = decode(answer.body, answer.content_type)
        families = (recognise(text, answer.final_url), *FAMILIES)
        found = propose(
            text, answer.final_url, known, families=families, today=self.ledger.clock.today(), params=self.source.params
        )
        if found and found[0].found_again:
            words = f"{found[0]}; see: policy-crawler sources repair {self.source.id}"
            self.listing = replace(self.listing, remedy=words)

    def _unusable(self, answer: Any, number: int) -> dict[str, str] | None:
        """Why the answer is no page of the list: {"refused"|"failed"|"ended": words}; None when it may be one."""
        problem = unusable(answer)
        if problem is None:
            return None
        if problem.missing and number > 1:
            return {"ended": ""}  # beyond the last page servers answer 404; page 1 has to be there
        return {"refused" if problem.refused else "failed": problem.words}

    def _cannot_read(
        self, number: int, refused: str = "", failed: str = "", changed: str = "", ended: str | None = None
    ) -> Iterator[Any]:
        if number == 1:
            self.listing = replace(self.listing, refused=refused, failed=failed, changed=changed)
            return  # a site that refuses its list is asked for nothing else
        if ended is None:
            why = refused or failed or changed
            self.listing = replace(self.listing, later=f"page {number} of the list could not be read: {why}")
        yield from self.after_list()

    def list_failed(self, failure: Any) -> Iterator[Any]:
        """A page of the list that was not answered."""
        refused, why = why_failed(failure)
        number = failure.request.cb_kwargs["page"].page
        words = f"{failure.request.url}: {why}"
        self.logger.warning("list %s", words)
        yield from self._cannot_read(number, refused=words) if refused else self._cannot_read(number, failed=words)

    def _read_page(self, page: Listing, number: int, answer: FetchedResponse) -> Iterator[Any]:
        repeated = bool(page.entries) and page.entries[0].url in self._first_of_page
        if repeated and number > 1:
            self.logger.info("page %d of the list begins like an earlier one; it ends here", number)
            yield from self.after_list()
            return
        self._note(page, number)
        self.ledger.count("listings")
        self.ledger.count("entries", len(page.entries))
        new = self.ledger.discover(page.entries, answer.url) if page.entries else []
        for entry, is_new in zip(page.entries, new, strict=True):
            if is_new and entry.record is not None:
                yield from self.row(entry, answer, "document")
            elif is_new:
                yield from self.ask(entry.url, entry=entry, found_on=answer.url)
        if number == 1 and self.ledger.drift(self.listing):
            # The run will be quarantined: changes seen in it would be held back, so nothing known is looked at.
            return
        for entry, is_new in zip(page.entries, new, strict=True):
            if not is_new and entry.record is not None and self.ledger.kept_as_row(entry.url):
                yield from self.row(entry, answer, "recheck")
        # What an earlier run found and did not come to fetch is not known yet: that run may not have read on either.
        unread = any(new) or self.ledger.waits(page.entries)
        if page.next_page is not None and self._goes_on(page, number, unread):
            yield self.list_request(replace(page.next_page, page=number + 1))
        else:
            yield from self.after_list()

    def _note(self, page: Listing, number: int) -> None:
        if page.entries:
            self._first_of_page.append(page.entries[0].url)
        self.listing = replace(self.listing, pages=self.listing.pages + 1)
        if number == 1:
            titles = {entry.title for entry in page.entries}
            self.listing = replace(
                self.listing,
                first_page=len(page.entries),
                same_titles=len(page.entries) >= 5 and len(titles) == 1,
                dated=sum(entry.date is not None for entry in page.entries),
                newest=max((entry.date for entry in page.entries if entry.date), default=None),
                oldest=min((entry.date for entry in page.entries if entry.date and not entry.pinned), default=None),
            )

    def _goes_on(self, page: Listing, number: int, unread: bool) -> bool:
        """Whether the next page of the list is read."""
        if not page.entries:
            return False
        if self.pages is not None:
            return number < self.pages
        if self.since is not None:
            dates = [entry.date for entry in page.entries if entry.date and not entry.pinned]
            # By the last three: one entry out of order does not end the list.
            wanted = not dates or max(dates[-3:]) >= self.since
        else:
            # Where rows are the documents, to check all of them is to read the whole list.
            wanted = unread or (self.recheck == "all" and page.entries[0].record is not None)
        limit = self.settings.getint("POLICY_LIST_PAGES")
        if wanted and self.since is None and number >= limit:
            # The first run takes the newest pages on purpose; later ones would leave a gap.
            if not self.ledger.is_backlog():
                known = f" of {page.total_pages}" if page.total_pages else ""
                self.listing = replace(
                    self.listing,
                    truncated=f"{number}{known} pages of the list read and every one had new entries; "
                    f"run again with --pages {limit * 4} to fill the gap",
                )
            return False
        return wanted

    def row(self, entry: Entry, answer: FetchedResponse, purpose: str) -> Iterator[Any]:
        """A document whose text came with its row: the row is its page, each later sighting of the row its recheck."""
        self.facts = replace(self.facts, asked=self.facts.asked + 1)
        yield from self.read_page(row_of(entry, answer), purpose, entry, answer.url)

    def after_list(self) -> Iterator[Any]:
        """What is asked after the list: leftovers, then rechecks within half of the run's requests. Nothing where the
        rows of the list are the documents: their pages cannot be had, and the list has just been read."""
        if self.source.params.get("body") == "api":
            return
        budget = self.settings.getint("POLICY_MAX_PAGES")
        used = self.ledger.counts.get("requests", 0)
        for page in self.ledger.pending(self.source.id, max(0, budget - used)):
            entry = Entry(page.title, page.url, page.url) if page.title else None
            yield from self.ask(page.url, entry=entry, priority=PENDING)
        if self.recheck == "none":
            return
        limit = budget // 2
        known = self.ledger.due if self.recheck == "due" else self.ledger.every
        for page in known(self.source.id, limit):
            yield from self.ask(page.url, purpose="recheck", priority=RECHECK)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise OperatorError(f"since: expected a date such as 2026-01-31, found {text!r}") from error


def _count(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise OperatorError(f"pages: expected a number from 1, found {text!r}")
