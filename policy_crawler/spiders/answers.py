"""From Scrapy's responses and failures to ours."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from policy_crawler.items import Entry, FetchedResponse
from policy_crawler.network import Refused
from policy_crawler.reading import is_refusal
from policy_crawler.reading.model import PageState

# Reasons of `network.Refused` that are the site's own word. A robots.txt that cannot be had stops us too, but says that
# the site is down, not that it does not want us.
REFUSALS = frozenset({"robots", "held"})
# Statuses that refuse us, whatever the page says.
REFUSING = frozenset({401, 403, 407, 412, 429, 451, 521})


def fetched(response: Any) -> FetchedResponse:
    """The answer as a plain value. `url` is what people see the document at, else what was asked first; `final_url`
    is where redirects led."""
    meta = response.meta
    at: datetime = meta["fetch_at"]  # set by the handler
    return FetchedResponse(
        url=meta.get("document_url") or meta.get("redirect_urls", [response.request.url])[0],
        final_url=response.url,
        status=response.status,
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ),
        body=response.body,
        fetched_at=at,
        ip_address=str(response.ip_address) if response.ip_address else None,
        truncated=bool(meta.get("truncated")),
        tls_verified=meta.get("tls_verified"),
    )


def signed_url(answer: FetchedResponse) -> str | None:
    """Where the file itself is, when a download service answers with a link that holds for a while."""
    if answer.status != 200 or "json" not in (answer.content_type or ""):
        return None
    try:
        told = json.loads(answer.body)
    except ValueError:
        return None
    data = told.get("data") if isinstance(told, dict) else None
    url = data.get("url") if isinstance(data, dict) else None
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else None


def row_of(entry: Entry, answer: FetchedResponse) -> FetchedResponse:
    """The row of a list that brings its document's text, as the answer for that document. What is kept is the row's
    JSON, and its headers say so: Content-Type, and Row-Of with the URL of the list."""
    return replace(
        answer,
        url=entry.url,
        final_url=entry.url,
        status=200,
        headers=(("Content-Type", "application/json; charset=utf-8"), ("Row-Of", answer.url)),
        body=(entry.record or "").encode(),
    )


def why_failed(failure: Any) -> tuple[bool, str]:
    """(refused, why) of a request without an answer. `refused`: the site does not want it fetched."""
    error = failure.value
    if isinstance(error, Refused):
        return error.reason in REFUSALS, f"{error.reason}: {error}"
    name = type(error).__name__.removeprefix("Download").removesuffix("Error") or type(error).__name__
    return False, f"{name}: {error}"


def moved_to(response: Any) -> str:
    """Where a page permanently is now, if elsewhere than asked; a temporary redirect moves nothing."""
    reasons = response.meta.get("redirect_reasons") or [None]
    return response.url if all(reason in {301, 308} for reason in reasons) else ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer is no page of a list. `missing`: there is no such page, as beyond the last one."""

    words: str
    refused: bool = False
    missing: bool = False


def unusable(answer: FetchedResponse) -> Problem | None:
    """Why the answer is no page of a list; None when it may be one."""
    where = f"{answer.url}: "
    if answer.truncated:
        return Problem(where + "the answer was cut short")
    state, why = is_refusal(answer.body, answer.final_url, answer.content_type, answer.status)
    status = f"status {answer.status}" if answer.status != 200 else ""
    words = where + ", ".join(filter(None, (status if status not in why else "", why)))
    if state in {PageState.BLOCKED, PageState.LOGIN} or answer.status in REFUSING:
        return Problem(words, refused=True)
    if answer.status in {404, 410} or state is PageState.MISSING:
        return Problem(words, missing=True)
    if answer.status != 200:
        return Problem(words)
    if state is PageState.EMPTY and not answer.body.strip():
        return Problem(where + "the answer is empty")
    return None
