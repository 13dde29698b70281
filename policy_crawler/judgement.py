"""How a run ended: a pure function of what it saw. Nothing found is a failure until the source says otherwise."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from policy_crawler.catalog import Expect

# What a source usually shows and now does not is drift: a redesign, a template gone wrong, another page in its place.
FEW_SHARE = 0.4  # of the usual entries; fewer are drift
MANY_TIMES, MANY_AT_LEAST = 10, 50
WELL_DATED, BADLY_DATED, FEWEST_DATED = 0.8, 0.3, 3
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
class Usual:
    """What page 1 of a source's list usually shows, learned from `runs` good runs: entries, share with dates (0-1)."""

    runs: int
    entries: float
    dated: float


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """What a run saw of the listing. Empty texts: did not happen."""

    pages: int = 0  # list pages read
    first_page: int | None = None  # entries on page 1; None when it was never read
    same_titles: bool = False  # several entries on page 1, all with one title
    dated: int = 0  # entries of page 1 with a date
    newest: date | None = None  # of page 1
    oldest: date | None = None  # of page 1, pinned entries apart
    moved_to: str = ""  # where the list's URL permanently leads, if elsewhere
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


def judge(facts: RunFacts, expect: Expect, today: date, usual: Usual | None = None) -> Judgement:
    """Judge a finished run; the first rule that fits decides. `usual` is known after some good runs."""
    if facts.interrupted:
        return Judgement(End.INTERRUPTED, facts.interrupted)
    if facts.crashed:
        return Judgement(End.FAILED, facts.crashed)
    if facts.listing is not None and (found := _judge_listing(facts.listing, expect, today, usual)):
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


def _judge_listing(listing: ListingFacts, expect: Expect, today: date, usual: Usual | None) -> Judgement | None:
    remedy = f"; {listing.remedy}" if listing.remedy else ""
    changed = listing.changed + remedy if listing.changed else ""
    ends = {End.BLOCKED: listing.refused, End.FAILED: listing.failed, End.QUARANTINED: changed}
    for end, words in ends.items():
        if words:
            return Judgement(end, words)
    if listing.first_page is None:
        return Judgement(End.FAILED, "the listing was never read")
    why = drift(listing, expect, today, usual)
    return Judgement(End.QUARANTINED, why + remedy) if why else None


def drift(listing: ListingFacts, expect: Expect, today: date, usual: Usual | None = None) -> str:
    """Why page 1 of a listing is not believed; empty when it is.

    What a source's own runs have shown comes before what its catalog entry expects."""
    entries = listing.first_page or 0
    why = "" if entries and _rolled_over(listing, today) else _too_few(entries, expect, usual)
    if not why and listing.same_titles:
        why = f"all {entries} entries of page 1 have the same title"
    if not why and entries and not _rolled_over(listing, today):
        why = _too_old(listing, expect, today)
    return why or (_unusual(listing, entries, usual) if usual else "")


def _too_old(listing: ListingFacts, expect: Expect, today: date) -> str:
    days = expect.newest_within_days
    if days is None or (listing.newest is not None and listing.newest >= today - timedelta(days=days)):
        return ""
    if listing.newest is None:
        return "no entry of page 1 has a date"
    return f"the newest entry is of {listing.newest}, expected one of the last {days} days"


def _unusual(listing: ListingFacts, entries: int, usual: Usual) -> str:
    if entries >= max(MANY_TIMES * usual.entries, MANY_AT_LEAST):
        return f"{_entries(entries)} on page 1, usually {usual.entries:g}"
    if usual.dated >= WELL_DATED and entries >= FEWEST_DATED and listing.dated < BADLY_DATED * entries:
        return f"{listing.dated} of {_entries(entries)} on page 1 dated, usually {usual.dated:.0%}"
    return ""


def _too_few(entries: int, expect: Expect, usual: Usual | None) -> str:
    fewest, words = expect.fewest, f"expected usually {expect.entries}" if expect.entries else "expected at least 1"
    if usual is not None:
        fewest, words = max(1, math.ceil(FEW_SHARE * usual.entries)), f"usually {usual.entries:g}"
    return f"{_entries(entries)} on page 1, {words}" if entries < fewest else ""


def _rolled_over(listing: ListingFacts, today: date) -> bool:
    """True in January for a list whose entries are all of this year: columns by year begin anew, with one entry."""
    return today.month == 1 and listing.oldest is not None and listing.oldest.year == today.year


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
