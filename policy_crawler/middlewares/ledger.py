"""What the middlewares need of the run's ledger, which `policy_crawler.pipelines.ledger` keeps in the archive."""

from datetime import datetime
from typing import Any, Protocol


class Ledger(Protocol):
    """The archive as a crawl in progress sees it."""

    def validators(self, url: str) -> tuple[str | None, str | None]:
        """(ETag, Last-Modified) of the last full answer that became part of the archive, where a conditional request
        is safe; None for what there is not."""

    def log_fetch(
        self,
        *,
        url: str,
        final_url: str | None,
        purpose: str,
        at: datetime,
        status: int | None,
        outcome: str,
        size: int,
        duration_ms: int | None,
        error: str | None,
    ) -> None:
        """Keep one line of the fetch log."""

    def hold(self, host: str, until: datetime) -> None:
        """Remember that `host` is left alone until then (aware UTC)."""

    def held_until(self, host: str) -> datetime | None:
        """Until when `host` is left alone; None or a moment past when it is not."""


def ledger_of(crawler: Any) -> Ledger | None:
    """The ledger of this crawl; None where nothing is recorded (scrapy shell)."""
    from policy_crawler.pipelines import ledger  # noqa: PLC0415 (the pipelines import the storage, which is slow)

    return ledger.of(crawler)
