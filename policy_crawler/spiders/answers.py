"""From Scrapy's responses and failures to ours."""

from datetime import datetime
from typing import Any

from policy_crawler.items import FetchedResponse
from policy_crawler.network import Refused

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


def why_failed(failure: Any) -> tuple[bool, str]:
    """(refused, why) of a request without an answer. `refused`: the site does not want it fetched."""
    error = failure.value
    if isinstance(error, Refused):
        return error.reason in REFUSALS, f"{error.reason}: {error}"
    name = type(error).__name__.removeprefix("Download").removesuffix("Error") or type(error).__name__
    return False, f"{name}: {error}"
