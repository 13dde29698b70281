"""How a run ended: a pure function of what it saw. Nothing found is a failure until the source says otherwise."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from policy_crawler.catalog import Expect

FEWEST_OF_A_SITE = 3  # pages, all of which failed, that speak against a site whose list was read


class End(StrEnum):
    """How a run is judged, in the words of its row (`storage.records.Verdict` has the same values)."""

    OK = "ok"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    QUARANTINED = "quarantined"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """What a run saw of the listing. Empty texts: did not happen."""

    pages: int = 0  # list pages read
    first_page: int | None = None  # entries on page 1; None when it was never read
    same_titles: bool = False  # several entries on page 1, all with one title
    newest: date | None = None  # of page 1
    refused: str = ""  # challenge, login, robots.txt, 403: why the site did not give the list
    failed: str = ""  # transport or server error on page 1
    changed: str = ""  # the structure of the family is gone
    later: str = ""  # a page after the first could not be read
    truncated: str = ""  # a limit ended the listing before its end
    remedy: str = ""  # another way of reading page 1 that brings back what is known


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run did. `listing` is None for a run without one (a single page).

    `asked`: documents that were to be fetched; `answered` those whose page reached the archive as a page;
    `refused` and `failed` those that did not; `limit`: the limit that ended the run early."""

    listing: ListingFacts | None = None
    asked: int = 0
    refused: int = 0
    failed: int = 0
    first_problem: str = ""
    files_failed: int = 0
    first_file_problem: str = ""
    interrupted: str = ""
    crashed: str = ""  # an error of ours or of the archive
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and its reason in words; a good end may have a remark as its reason."""

    end: End
    reason: str


def judge(facts: RunFacts, expect: Expect, today: date) -> Judgement:
    """Judge a finished run; the first rule that fits decides."""
    if facts.interrupted:
        return Judgement(End.INTERRUPTED, facts.interrupted)
    if facts.crashed:
        return Judgement(End.FAILED, facts.crashed)
    if facts.listing is not None and (found := _judge_listing(facts.listing, expect, today)):
        return found
    problems = facts.refused + facts.failed
    # A list that was read well shows a healthy site; one dead link in it, tried again and again, is no failing source.
    fewest = 1 if facts.listing is None else FEWEST_OF_A_SITE
    if facts.asked >= fewest and problems == facts.asked:
        end = End.BLOCKED if facts.refused == problems else End.FAILED
        what = "refused" if end is End.BLOCKED else "failed"
        one = "the page" if facts.asked == 1 else f"all {facts.asked} pages"
        return Judgement(end, f"{one} {what}: {facts.first_problem}")
    remarks = []
    if facts.limit:
        remarks.append(f"truncated: {facts.limit}")
    if facts.listing is not None and facts.listing.truncated:
        remarks.append(f"truncated: {facts.listing.truncated}")
    if facts.listing is not None and facts.listing.later:
        remarks.append(facts.listing.later)
    if problems:
        remarks.append(f"{problems} of {facts.asked} pages could not be had: {facts.first_problem}")
    if facts.files_failed:
        count = "1 file" if facts.files_failed == 1 else f"{facts.files_failed} files"
        remarks.append(f"{count} could not be had: {facts.first_file_problem}")
    return Judgement(End.PARTIAL if remarks else End.OK, "; ".join(remarks))


def _judge_listing(listing: ListingFacts, expect: Expect, today: date) -> Judgement | None:
    remedy = f"; {listing.remedy}" if listing.remedy else ""
    changed = listing.changed + remedy if listing.changed else ""
    ends = {End.BLOCKED: listing.refused, End.FAILED: listing.failed, End.QUARANTINED: changed}
    for end, words in ends.items():
        if words:
            return Judgement(end, words)
    if listing.first_page is None:
        return Judgement(End.FAILED, "the listing was never read")
    why = drift(listing, expect, today)
    return Judgement(End.QUARANTINED, why + remedy) if why else None


def drift(listing: ListingFacts, expect: Expect, today: date) -> str:
    """Why page 1 of a listing is not believed; empty when it is."""
    entries = listing.first_page or 0
    if entries < expect.fewest:
        usual = f"usually {expect.entries}" if expect.entries else "at least 1"
        return f"{_entries(entries)} on page 1, expected {usual}"
    if listing.same_titles:
        return f"all {entries} entries of page 1 have the same title"
    days = expect.newest_within_days
    if days is not None and listing.newest is None:
        return "no entry of page 1 has a date"
    if days is not None and listing.newest is not None and listing.newest < today - timedelta(days=days):
        return f"the newest entry is of {listing.newest}, expected one of the last {days} days"
    return ""


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
