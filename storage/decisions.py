"""What one fetched page means, before and after its text is looked at. Pure rules; the first that fits decides:
error, blocked, missing, suspect, same, changed. Only the last makes a version.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median
from urllib.parse import urlsplit

from storage.clock import CHINA
from storage.identity import same_site
from storage.records import Capture, Outcome, ReadingRecord

REFUSALS = frozenset({401, 403, 407, 412, 429, 451})
GONE = frozenset({404, 410})
VERSIONS_COMPARED = 5  # a text seen in the last five versions is no change: two servers out of step
GUTTED_SHARE = 0.3  # a body below this share of the usual length is taken for a broken page, until it repeats
REPEAT_AFTER = timedelta(minutes=1)
MISSING_AGAIN_AFTER = timedelta(hours=6)
MASS_MISSING_SHARE = 0.3  # more of a source's documents gone at once is a broken site, not withdrawals
MASS_MISSING_PATIENCE = timedelta(days=14)  # then even so many are believed: a source of two documents may lose both
MASS_CHANGED_SHARE = 0.3  # more of a source's documents changed at once is a new template, not so many amendments
MASS_CHANGED_LEAST = 5
LATE_AFTER = timedelta(days=30)
FULL_CHECK_EVERY = timedelta(days=7)  # some servers answer 304 for ever
LONGEST_RETRY_AFTER = timedelta(hours=24)


def without_text(capture: Capture, reading: ReadingRecord | None, hint: Outcome | None) -> tuple[Outcome, str] | None:
    """ERROR, BLOCKED or MISSING with the reason in words; None where the text decides."""
    status, state = capture.status, reading.state if reading else ""
    said = reading.state_reason if reading else ""
    rules = (
        (hint is Outcome.ERROR, Outcome.ERROR, said or "the fetch failed"),
        (capture.truncated, Outcome.ERROR, "the connection closed before the announced end"),
        (hint is Outcome.BLOCKED or state in {"blocked", "login"}, Outcome.BLOCKED, said or f"HTTP status {status}"),
        (status in REFUSALS or status >= 500, Outcome.BLOCKED, said or f"HTTP status {status}"),
        (hint is Outcome.MISSING or state == "missing", Outcome.MISSING, said or f"HTTP status {status}"),
        (status in GONE, Outcome.MISSING, f"HTTP status {status}"),
        (_sent_home(capture), Outcome.MISSING, f"redirected to the home page {capture.final_url}"),
        (not 200 <= status < 300, Outcome.ERROR, f"HTTP status {status}"),
        (reading is None and hint is not Outcome.SUSPECT, Outcome.ERROR, "nothing could be read"),
    )
    return next(((outcome, reason) for fits, outcome, reason in rules if fits), None)


def _sent_home(capture: Capture) -> bool:
    asked, answered = urlsplit(capture.url), urlsplit(capture.final_url)
    if asked.path.strip("/") == "" and not asked.query:
        return False
    home = answered.path in {"", "/", "/index.html", "/index.htm"} and not answered.query
    return (
        home
        and (asked.path, asked.query) != (answered.path, "")
        and same_site(answered.hostname or "", asked.hostname or "-")
    )


def suspicion(reading: ReadingRecord | None, length: int, lengths: Sequence[int], had_title: bool) -> str:
    """Why a page that answered 200 is doubtful, against the normalised body `lengths` of the document's last versions
    (none for a page not known before); empty where it is not."""
    if reading is None:
        return "the answer is of another kind than a page"
    if reading.state == "empty":
        return reading.state_reason or "no title and no text"
    usual = median(lengths) if lengths else 0
    if length < GUTTED_SHARE * usual:
        return f"{length} characters of text, where the document had {usual:.0f}"
    if had_title and not reading.title:
        return "no title, where the document had one"
    return ""


def retry_after(capture: Capture) -> timedelta:
    """How long a refusing server asks to be left alone, in seconds (RFC 9110); at most a day, at least nothing."""
    for name, value in capture.headers:
        if name.lower() == "retry-after" and value.strip().isdigit():
            return min(timedelta(seconds=min(int(value.strip()[:9]), 86400)), LONGEST_RETRY_AFTER)
    return timedelta(0)


def check_interval(url: str, age: timedelta) -> timedelta:
    """How long after a check a page of a document of this age is due again.

    Six hours in its first three days, then a day, a week after a month, 30 days after a year; each shortened by up to
    a fifth, by the URL, so that what was found together is not checked together for ever."""
    if age < timedelta(days=3):
        interval = timedelta(hours=6)
    elif age < timedelta(days=30):
        interval = timedelta(days=1)
    elif age < timedelta(days=365):
        interval = timedelta(days=7)
    else:
        interval = timedelta(days=30)
    share = int.from_bytes(hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()[:4], "big") / 2**32
    return interval * (1 - 0.2 * share)


def retry_interval(attempts: int) -> timedelta:
    """How long after its `attempts`-th failure in a row a page is tried again: an hour, doubling up to a week."""
    return min(timedelta(hours=2 ** min(max(attempts, 1) - 1, 10)), timedelta(days=7))


def is_late(published: date | None, today: date) -> bool:
    """Whether a document found in normal running is dated so far back that an alert should say so."""
    return published is not None and published < today - LATE_AFTER


def age_of(published: date | None, found_at: datetime, now: datetime) -> timedelta:
    """How old a document is: since its publication, or since it was found."""
    if published is None:
        return now - found_at
    return timedelta(days=max(0, (now.astimezone(CHINA).date() - published).days))
