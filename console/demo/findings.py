"""What the archive says after each crawl, and whether that is what happened on the sample site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from console.demo.content import Published
from console.demo.site import ADDED, BLOCKED, CHANGED, COUNTED, WITHDRAWN, DemoSite
from storage.queries import Queries
from storage.records import ClauseChange, RunSummary, Verdict
from storage.rows import DocumentRow
from storage.rows_watch import AlertRow, DeliveryRow

CLAUSE = "第八条"  # what `site.CHANGED` changes
SOURCES = {"gxb-tz": "demo-gxb-tz", "fgw-tz": "demo-fgw-tz", "fgw-jd": "demo-fgw-jd", "news": "demo-news"}


@dataclass(frozen=True, slots=True)
class Page:
    """A document by what people call it."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Policy(Page):
    """A policy with the fields that are shown of it."""

    id: int
    number: str
    issuer: str
    written: date | None
    published: date | None
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class First:
    """What the first crawl brought. `tied_by`: what found the policy in the news report (url, number or title)."""

    documents: int
    attachments: int
    news: Page | None
    policy: Policy | None
    tied_by: str
    verdicts: tuple[tuple[str, str], ...]  # (source id, verdict)


@dataclass(frozen=True, slots=True)
class Change(Page):
    """A changed document with its clauses."""

    clauses: tuple[ClauseChange, ...]


@dataclass(frozen=True, slots=True)
class Counter(Page):
    """A page on which only a view counter moved: from `before` to `after`. `status` as it was answered again."""

    before: int
    after: int
    status: int | None
    versions: int


@dataclass(frozen=True, slots=True)
class Second:
    """What the second crawl brought. `others`: events that are neither added nor changed."""

    added: tuple[Page, ...]
    changed: tuple[Change, ...]
    missing: tuple[Page, ...]
    blocked: tuple[tuple[str, str], ...]  # (source id, reason)
    counter: Counter | None
    others: tuple[str, ...]
    verdicts: tuple[tuple[str, str], ...]  # (source id, verdict)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each: what demo.json says."""
        return {name: len(getattr(self, name)) for name in ("added", "changed", "missing", "blocked")}


def first(queries: Queries, site: DemoSite, runs: Sequence[RunSummary]) -> First:
    """Look at the archive after the first crawl."""
    documents = queries.documents(limit=1000)
    files = [file for document in documents for file in queries.attachments(document.id) if file.digest]
    policy = _at(queries, site.documents["work-plan"])
    news = queries.news_about(policy.id)[:1] if policy else []
    ties = [tie for tie in queries.references_to(policy.id) if news and tie.document_id == news[0].id] if policy else []
    return First(
        documents=len(documents),
        attachments=len(files),
        news=_page(news[0]) if news else None,
        policy=_policy(queries, policy) if policy else None,
        tied_by=ties[0].resolved_by or "" if ties else "",
        verdicts=_verdicts(runs),
    )


def second(
    queries: Queries, site: DemoSite, runs: Sequence[RunSummary], since_event: int, views: tuple[int, int]
) -> Second:
    """Look at what came since event `since_event`. `views`: the counter's value before and after."""
    events = queries.events(since_event, state=None)
    changes = [Change(event.title or "", event.url or "", event.changes) for event in events if event.kind == "changed"]
    missing = [_page(document) for document in queries.documents(limit=1000) if document.state == "missing"]
    return Second(
        added=tuple(Page(event.title or "", event.url or "") for event in events if event.kind == "added"),
        changed=tuple(changes),
        missing=tuple(missing),
        blocked=tuple((run.source_id, run.reason) for run in runs if run.verdict is Verdict.BLOCKED),
        counter=_counter(queries, site.documents[COUNTED], runs, views),
        others=tuple(f"{event.kind}: {event.title or event.source_id}" for event in events if _is_other(event)),
        verdicts=_verdicts(runs),
    )


def differences(found: First, then: Second, site: DemoSite) -> list[str]:
    """What is not as it happened on the site, in words; empty when all is right."""
    told = [
        _expected("documents in the archive", found.documents, len(site.documents) - 1),
        _expected("attachments", found.attachments, sum(len(d.attachments) for d in site.documents.values())),
        _expected("news report", found.news and found.news.url, site.documents["news-plan"].url),
        _expected("tied by", found.tied_by, "url"),
        _expected("added", _urls(then.added), [site.documents[ADDED].url]),
        _expected("changed", _urls(then.changed), [site.documents[CHANGED[0]].url]),
        _expected("missing", _urls(then.missing), [site.documents[WITHDRAWN].url]),
        _expected("blocked", [source for source, _ in then.blocked], [SOURCES[BLOCKED]]),
        _expected("other events", list(then.others), []),
        *_clause_differences(then.changed),
        *_counter_differences(then.counter),
    ]
    for source in SOURCES.values():
        wanted = Verdict.BLOCKED if source == SOURCES[BLOCKED] else Verdict.OK
        told.append(_expected(f"first run of {source}", _of(source, found.verdicts), ["ok"]))
        told.append(_expected(f"second run of {source}", _of(source, then.verdicts), [wanted.value]))
    return [line for line in told if line]


def alert_differences(
    then: Sequence[AlertRow], deliveries: Sequence[DeliveryRow], mails: Sequence[str], site: DemoSite
) -> list[str]:
    """What is not right with the alerts of the second crawl and with all deliveries; `mails` are the Message-IDs."""
    wanted = [("added", site.documents[ADDED].url), ("changed", site.documents[CHANGED[0]].url)]
    undelivered = [f"{row.channel.kind}: {row.state} {row.error or ''}" for row in deliveries if row.state != "sent"]
    by_mail = [row for row in deliveries if row.channel.kind == "email"]
    told = [
        _expected("alerts", sorted((alert.event.kind, alert.event.url) for alert in then), wanted),
        _expected("deliveries that did not get through", undelivered, []),
        _expected("different mails", len(set(mails)), len(by_mail)),
        _expected("mails", len(mails), len(by_mail)),
    ]
    return [line for line in told if line]


def clause_of(then: Second) -> dict[str, str | None] | None:
    """The changed clause for demo.json: {label, before, after}; None unless exactly one changed."""
    clauses = [clause for change in then.changed for clause in change.clauses]
    if len(clauses) != 1:
        return None
    return {"label": clauses[0].label, "before": clauses[0].before, "after": clauses[0].after}


def _clause_differences(changes: Sequence[Change]) -> list[str]:
    _key, old, new = CHANGED
    clauses = [clause for change in changes for clause in change.clauses]
    told = [_expected("changed clauses", [clause.label for clause in clauses], [CLAUSE])]
    for clause in clauses:
        before, after = clause.before or "", clause.after or ""
        if old not in before or before.replace(old, new) != after:
            told.append(f"{clause.label}: expected {old!r} to become {new!r}, found {before!r} and {after!r}")
    return told


def _counter_differences(counter: Counter | None) -> list[str]:
    if counter is None:
        return ["the page with the view counter was not looked at again"]
    return [
        _expected("the counter's page: status", counter.status, 200),
        _expected("the counter's page: versions", counter.versions, 1),
    ]


def _counter(queries: Queries, item: Published, runs: Sequence[RunSummary], views: tuple[int, int]) -> Counter | None:
    document = _at(queries, item)
    fetches = [fetch for fetch in queries.fetches(url=item.url) if fetch.run_id in {run.id for run in runs}]
    if document is None or not fetches:
        return None
    return Counter(item.title, item.url, *views, fetches[-1].status, document.versions)


def _at(queries: Queries, item: Published) -> DocumentRow | None:
    return next(iter(queries.find_documents(item.url)), None)


def _page(document: DocumentRow) -> Page:
    return Page(document.title or "", document.url or "")


def _policy(queries: Queries, document: DocumentRow) -> Policy:
    return Policy(
        title=document.title or "",
        url=document.url or "",
        id=document.id,
        number=document.number or "",
        issuer=document.issuer or "",
        written=document.written,
        published=document.published,
        attachments=tuple(file.name for file in queries.attachments(document.id)),
    )


def _is_other(event: Any) -> bool:
    return event.kind not in {"added", "changed"} or event.state != "published"


def _verdicts(runs: Sequence[RunSummary]) -> tuple[tuple[str, str], ...]:
    return tuple((run.source_id, run.verdict.value if run.verdict else "none") for run in runs)


def _of(source: str, verdicts: Sequence[tuple[str, str]]) -> list[str]:
    return [verdict for source_id, verdict in verdicts if source_id == source]


def _urls(pages: Sequence[Page]) -> list[str]:
    return [page.url for page in pages]


def _expected(what: str, found: Any, wanted: Any) -> str:
    return "" if found == wanted else f"{what}: expected {wanted!r}, found {found!r}"
