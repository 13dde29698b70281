"""Conditional requests: asks whether a page changed, with the validators of the version we have."""

import logging
from typing import Any

from policy_crawler.middlewares.ledger import ledger_of
from policy_crawler.network import Refused

logger = logging.getLogger(__name__)

VALIDATORS = ("If-None-Match", "If-Modified-Since")


class ConditionalMiddleware:
    """Adds the archive's validators to requests with `meta["conditional"]`, and lets their 304 reach the callback.

    Never on a redirected request: the validators belong to the URL that was asked, and Scrapy copies headers to the
    target, whose 304 would then stand for a page we never had. A 304 to a question without validators is asked again
    past every cache; a second one fails as "unchanged"."""

    def __init__(self, crawler: Any) -> None:
        self._ledger = ledger_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Any) -> "ConditionalMiddleware":
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        if request.meta.get("redirect_urls") or request.meta.get("refetched"):
            for name in VALIDATORS:
                request.headers.pop(name, None)
            return
        if request.method != "GET" or not request.meta.get("conditional") or self._ledger is None:
            return
        # A document is known by the URL people see, which some sites read from another.
        etag, last_modified = self._ledger.validators(request.meta.get("document_url") or request.url)
        if etag:
            request.headers["If-None-Match"] = etag
        if last_modified:
            request.headers["If-Modified-Since"] = last_modified

    async def process_response(self, request: Any, response: Any) -> Any:
        if response.status != 304 or any(name in request.headers for name in VALIDATORS):
            return response
        if request.meta.get("refetched"):
            raise Refused("unchanged", f"{request.url} answers 304 although it was not asked whether it changed")
        logger.info("%s answered 304 to an unconditional request; asking past caches", request.url)
        again = request.replace(dont_filter=True)
        again.meta["refetched"] = True
        again.headers["Cache-Control"] = "no-cache"
        again.headers["Pragma"] = "no-cache"
        return again
