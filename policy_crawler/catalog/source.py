"""A source as data, and the checks that a catalog file must pass."""

import re
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from policy_crawler.catalog.families import FAMILIES, PARAMS
from policy_crawler.catalog.topics import TOPICS
from policy_crawler.reading.model import DocumentType

LIMITS: dict[str, str] = {
    "geo-blocked": "answers only to addresses in mainland China",
    "challenge": "a script challenge or firewall answers in place of pages at times",
    "rate-limited": "answers with errors or other pages for a while when asked fast",
    "http-only": "has no https",
    "old-tls": "speaks only TLS 1.2, or its certificate does not hold",
    "needs-cookie": "the first answer sets a cookie that must come back",
    "needs-referer": "a page of its own must be named as Referer",
    "picky-agent": "closes the connection to clients whose name it does not know",
    "first-page-abroad": "answers every page with page 1 to addresses outside mainland China",
    "slow": "needs a longer pause or time-out than others",
}

VERIFIED: dict[str, str] = {
    "live": "the site answered as the entry says",
    "recorded": "a saved page of this very column is read as the entry says",
    "simulated": "crawled over two pages from a simulator of its family with the entry's parameters",
    "none": "not tried",
}
"""How an entry was tried, the strongest first."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]


class Expect(BaseModel):
    """What a healthy first page of the listing shows; a run below it is quarantined."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entries: int | None = Field(
        default=None, ge=1, description="Entries page 1 usually shows; fewer than half of it is drift."
    )
    newest_within_days: int | None = Field(default=None, ge=1, description="The newest entry is never older than this.")

    @property
    def fewest(self) -> int:
        """The number of entries below which page 1 is not believed; 1 where nothing is expected."""
        return max(1, -(-self.entries // 2)) if self.entries else 1


class Source(BaseModel):
    """One column or feed of a site. `id` is also the name of its spider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Slug
    issuer: str = Field(min_length=1, description="Who publishes, in full.")
    issuer_short: str = Field(min_length=1)
    site: str = Field(min_length=1, description="The host of list_url.")
    column: str = Field(min_length=1, description="栏目, as the site calls it.")
    list_url: str = Field(description="http(s) URL of the column's first page.")
    family: str = Field(description="How the list is served; one of FAMILIES.")
    publishes: DocumentType = Field(description="What its documents are unless a page says otherwise.")
    level: Literal["central", "province", "city", "district", "news", "any"]
    region: str = Field(default="", description="Province, city, district: 广东/深圳; empty for central bodies.")
    topics: tuple[str, ...] = Field(default=(), description="What it is about; words of TOPICS.")
    expect: Expect = Expect()
    every_minutes: int | None = Field(default=None, ge=5, le=60 * 24 * 31)
    cron: str | None = Field(default=None, description="When it is crawled: minute hour day month weekday, China time.")
    params: dict[str, Any] = Field(default_factory=dict, description="What the family's reader needs beyond the URL.")
    ready: bool = Field(default=True, description="False: in the catalog, but not trusted; `doubt` says why.")
    doubt: str = Field(default="", description="Why it is not ready.")
    enabled: bool = Field(default=True, description="Whether this installation crawls it by schedule.")
    limits: tuple[str, ...] = ()
    render: bool = Field(
        default=False, description="Its pages exist only through JavaScript: drawn by Chromium (extra [browser])."
    )
    tls_exception: str | None = Field(default=None, description="Why its certificate is not checked; None: it is.")
    evidence: str = Field(default="", description="How we know that the column is served like this.")
    seen: date | None = Field(default=None, description="When that was last true.")
    verified: Literal["live", "recorded", "simulated", "none"] = Field(default="none", description="How it was tried.")
    verified_on: date | None = Field(default=None, description="When it was tried.")

    @property
    def name(self) -> str:
        """What people call it: 工信部 文件发布·通知."""
        return f"{self.issuer_short} {self.column}"

    @property
    def is_news(self) -> bool:
        return self.publishes is DocumentType.NEWS

    @model_validator(mode="before")
    @classmethod
    def _site_from_url(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("site") and isinstance(data.get("list_url"), str):
            return {**data, "site": urlsplit(data["list_url"]).hostname or ""}
        return data

    @model_validator(mode="after")
    def _agrees(self) -> "Source":
        if self.family not in FAMILIES:
            raise ValueError(f"family: no family {self.family!r}; there are {', '.join(FAMILIES)}")
        if unused := sorted(set(self.params) - PARAMS.get(self.family, {}).keys()):
            raise ValueError(f"params: family {self.family!r} takes no {unused[0]!r}")
        if self.cron is not None:
            self._check_cron(self.cron)
        if unknown := sorted(set(self.topics) - TOPICS.keys()):
            raise ValueError(f"topics: no topic {unknown[0]!r}; there are {', '.join(TOPICS)}")
        if unknown := sorted(set(self.limits) - LIMITS.keys()):
            raise ValueError(f"limits: no limit {unknown[0]!r}; there are {', '.join(LIMITS)}")
        if self.family != "page":
            parts = urlsplit(self.list_url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError(f"list_url: expected an http or https URL, found {self.list_url!r}")
            if parts.hostname != self.site:
                raise ValueError(f"site: expected the host of list_url, {parts.hostname!r}, found {self.site!r}")
            if not re.fullmatch(r"[a-z0-9.-]+", self.site):
                raise ValueError(f"site: expected a host name in ASCII lower case, found {self.site!r}")
        return self

    def _check_cron(self, expression: str) -> None:
        from policy_crawler.catalog.cron import cron_trigger  # noqa: PLC0415 - APScheduler, only where it is asked for

        if self.every_minutes is not None:
            raise ValueError("cron: give either cron or every_minutes")
        try:
            cron_trigger(expression)
        except ValueError as error:
            raise ValueError(f"cron: {error}") from error
