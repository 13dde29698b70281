"""Writes a line of the fetch log for every request: hops, retries, robots.txt, and those that were refused."""

from typing import Any

from policy_crawler.middlewares.ledger import ledger_of
from policy_crawler.network import Refused
from storage.clock import Clock


class FetchLogMiddleware:
    """Stands nearest to the wire, where no answer and no failure passes by."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> "FetchLogMiddleware":
        return cls(crawler)

    async def process_response(self, request: Any, response: Any) -> Any:
        log_fetch(self._crawler, request, response=response)
        return response

    async def process_exception(self, request: Any, exception: Exception) -> None:
        log_fetch(self._crawler, request, error=exception)


def log_fetch(crawler: Any, request: Any, *, response: Any = None, error: Exception | None = None) -> None:
    """Log one answer or one failure.

    Outcomes: fetched (2xx), not_modified, redirect, status (4xx, 5xx), refused (by us, `error` begins with its
    reason), error. `size` is the body's bytes as transferred; `url` what was asked first, `final_url` this hop."""
    ledger = ledger_of(crawler)
    if ledger is None:
        return
    meta = request.meta
    first = meta.get("redirect_urls", [request.url])[0]
    ledger.log_fetch(
        url=first,
        final_url=request.url if request.url != first else None,
        purpose=meta.get("purpose", "document"),
        at=meta.get("fetch_at") or Clock.from_environment().now(),
        status=response.status if response is not None else None,
        outcome=_outcome(response, error),
        size=len(response.body) if response is not None else 0,
        duration_ms=meta.get("fetch_ms"),
        error=_described(error),
    )


def _outcome(response: Any, error: Exception | None) -> str:
    if error is not None:
        return "refused" if isinstance(error, Refused) else "error"
    if response.status == 304:
        return "not_modified"
    if 300 <= response.status < 400:
        return "redirect"
    return "fetched" if response.status < 300 else "status"


def _described(error: Exception | None) -> str | None:
    if error is None:
        return None
    kind = error.reason if isinstance(error, Refused) else type(error).__name__
    return f"{kind}: {error}"[:500]
