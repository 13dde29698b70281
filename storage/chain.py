"""The hash chain over what the archive wrote: the facts and the digest of each snapshot, each reading, and the fetch
log of each run that ended. Rows of these are never rewritten, so a row that differs from its link was edited.

Links are appended in the transaction that writes the row, whoever writes it (`engine.writing` sees to that); writers
take turns, and the place in the chain is the key, so that two writers can never both append after the same link.
The chain alone cannot show that its own end was cut off with the rows: for that, keep the head that `verify` prints.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, event, inspect, select
from sqlalchemy.orm import Session

from storage.columns import storable_json
from storage.models import ChainLink, Fetch, Reading, Run, Snapshot

FORM = 1  # of new links; what a released form holds never changes
START = "0" * 64  # the hash before the first link
MARK = 6  # hex characters of each field's digest: 1 in 16 million edits of a field would go unnamed, none unnoticed

# A snapshot's place in a WARC file is not in it: compaction moves records. The bytes are, by their digest.
FIELDS: Final[dict[int, dict[str, tuple[str, ...]]]] = {
    1: {
        "snapshot": ("run_id", "url", "final_url", "status", "headers", "digest", "bytes", "fetched_at", "ip_address",
                     "tls_verified"),
        "reading": ("snapshot_id", "extractor_version", "read_at", "family", "charset", "title", "issuer", "issuers",
                    "number", "index_number", "topic", "kind", "type", "written", "published", "published_at",
                    "effective", "expires", "validity", "author", "reprinted_from", "blocks", "attachments", "mentions",
                    "evidence", "text_hash", "text_length", "number_normal", "deadline", "deadline_at",
                    "images_carry_text", "alternatives"),
        "fetch": ("run_id", "url", "final_url", "purpose", "at", "status", "outcome", "bytes", "duration_ms", "error",
                  "recorded", "reason"),
    }
}  # fmt: skip

Row = Mapping[str, Any] | RowMapping
Digests = tuple[str, str]  # of a row: SHA-256 of all its fields, the marks


def row_digests(table: str, values: Row, form: int = FORM) -> Digests:
    """The digest of a row of `table` and the marks of its fields; a field that is not there counts as null."""
    fields = [hashlib.sha256(_canonical(values.get(name))).hexdigest() for name in FIELDS[form][table]]
    whole = hashlib.sha256("\n".join((table, *fields)).encode()).hexdigest()
    return whole, "".join(field[:MARK] for field in fields)


def differing(table: str, form: int, was: str, now: str) -> tuple[str, ...]:
    """The names of the fields whose marks differ."""
    names = FIELDS[form][table]
    return tuple(name for place, name in enumerate(names) if was[place * MARK :][:MARK] != now[place * MARK :][:MARK])


def fetches_digests(rows: Iterable[Row], form: int = FORM) -> Digests:
    """The digest of a run's fetches, in the order of their ids, and `id.mark` of each."""
    digests = [(row["id"], row_digests("fetch", row, form)[0]) for row in rows]
    whole = hashlib.sha256("\n".join(f"{key} {digest}" for key, digest in digests).encode()).hexdigest()
    return whole, " ".join(f"{key}.{digest[:MARK]}" for key, digest in digests)


def link_hash(previous: str, link: Row) -> str:
    """The hash of a link after the one whose hash is `previous`."""
    facts = [previous, *(str(link[name]) for name in ("id", "kind", "row_id", "form", "digest", "marks"))]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _canonical(value: Any) -> bytes:
    """One form of a value, before it is stored and as either database gives it back."""
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat(timespec="microseconds")
    elif isinstance(value, date):
        value = value.isoformat()
    return json.dumps(storable_json(value), sort_keys=True, separators=(",", ":")).encode()


def append(connection: Connection, rows: Sequence[tuple[str, int, Digests]]) -> None:
    """Append links (kind, row's id, digests) after the newest one. The caller holds the writers' turn."""
    if not rows:
        return
    table = ChainLink.__table__
    last = connection.execute(select(table.c.id, table.c.hash).order_by(table.c.id.desc()).limit(1)).first()
    position, previous = (last.id, last.hash) if last else (0, START)
    links = []
    for kind, row_id, (digest, marks) in rows:
        position += 1
        link = {"id": position, "kind": kind, "row_id": row_id, "form": FORM, "digest": digest, "marks": marks}
        previous = link["hash"] = link_hash(previous, link)
        links.append(link)
    connection.execute(table.insert(), links)  # type: ignore[attr-defined] # a Table, though typed as any selectable


def follow(session: Session) -> None:
    """Append a link for each row that `session` writes."""
    event.listen(session, "after_flush", _after_flush)


def _after_flush(session: Session, _context: Any) -> None:
    connection = session.connection()
    written = [(table, row.id, row_digests(table, row.__dict__)) for table, row in _new_rows(session)]
    ended = [run for run in session.dirty if isinstance(run, Run) and run.state == "finished"]
    written += [
        ("run", run.id, fetches_digests(fetches_of(connection, run.id)))
        for run in ended
        if inspect(run).attrs.state.history.has_changes()
    ]
    append(connection, written)


def _new_rows(session: Session) -> list[tuple[str, Any]]:
    """The snapshots and readings just written, in the order of their ids, snapshots first."""
    return [
        (model.__tablename__, row)
        for model in (Snapshot, Reading)
        for row in sorted((row for row in session.new if isinstance(row, model)), key=lambda row: row.id)
    ]


def fetches_of(connection: Connection, run_id: int, up_to: int | None = None) -> list[RowMapping]:
    """The fetch log of a run by id, all of it or up to a row."""
    table = Fetch.__table__
    query = select(table).where(table.c.run_id == run_id).order_by(table.c.id)
    if up_to is not None:
        query = query.where(table.c.id <= up_to)
    return list(connection.execute(query).mappings())
