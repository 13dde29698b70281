"""Whether the archive still holds what it once wrote: every record, every row, and how they hang together."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, RowMapping, func, select
from sqlalchemy.orm import Session

from storage import chain, heads, moving, tombstones
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.models import (
    Attachment,
    AttachmentVersion,
    Base,
    ChainLink,
    Document,
    Page,
    Reading,
    Snapshot,
    Version,
)
from storage.segments import Flaw, check_record, check_segment
from storage.snapshots import keeping_places

BATCH = 500  # rows compared at once
Step = Callable[[str, int, int], None]  # what is looked at, how many are done, of how many


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it was written. `what`: missing, damaged, edited, removed, added or dangling."""

    table: str
    row_id: int | None
    what: str
    reason: str
    fields: tuple[str, ...] = ()
    url: str | None = None
    document_id: int | None = None
    refetch: str | None = None  # the URL to crawl for it; None: it cannot be fetched again
    refetch_reason: str = ""


@dataclass(slots=True)
class Verified:
    """What was looked at and what was found. `head` is the hash of the newest link, `links` its place."""

    links: int = 0
    head: str = chain.START
    rows: int = 0
    records: int = 0
    segments: int = 0
    damages: list[Damage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(
    engine: Engine, folder: Path, *, sample: int | None = None, head: str | None = None,
    noted: Sequence[heads.Head] = (), step: Step = lambda _what, _done, _all: None,
) -> Verified:  # fmt: skip
    """Compare the archive with its chain and its WARC files under `folder`. Writes nothing.

    With `sample`, so many rows and records, chosen at random, are compared; the chain itself is walked whole. `head` is
    one that was printed before, `noted` are those of a file: they must still be in the chain. While it lasts no record
    is moved or removed."""
    found = Verified()
    with keeping_places(folder) if folder.is_dir() else nullcontext(), reading_session(engine) as session:
        erased = tombstones.all_of(session)
        for number in erased.false_rules:
            reason = f"what rule {number} let go is not what the chain says"
            found.damages.append(Damage("setting", number, "edited", reason))
        for document_id in erased.false:
            reason = "the tombstone of its erasure is not what the chain says"
            found.damages.append(Damage("document", document_id, "edited", reason))
        _chain(session, found, erased.runs, sample=sample, head=head, noted=heads.by_place(noted), step=step)
        found.damages = [damage for damage in found.damages if not _by_right(session, erased, damage)]
        _hanging(session, found)
        _records(session, folder, found, erased.snapshots | erased.let_go, sample=sample, step=step)
        if waiting := moving.waiting(session):
            found.notes.append(f"{len(waiting)} segments wait to be removed: policy-crawler snapshots compact does it")
        found.damages = [_refetchable(session, damage) for damage in found.damages]
    return found


def make_due(engine: Engine, damages: Sequence[Damage], now: datetime) -> int:
    """Let the next crawls ask anew, and in full, for what is damaged and can be fetched; returns how many pages."""
    urls = {damage.refetch for damage in damages if damage.refetch}
    with writing(engine) as session:
        pages = session.scalars(select(Page).where(Page.url.in_(urls))).all()
        for page in pages:
            page.etag = page.last_modified = None
            page.next_check_at = now
        files = {damage.url for damage in damages if damage.refetch and damage.url != damage.refetch}
        for file in session.scalars(select(Attachment).where(Attachment.url.in_(files))):
            file.checked_at = file.found_at
        return len(pages)


# -- the chain ---------------------------------------------------------------------------------------------------------

TABLES: Final[dict[str, type[Base]]] = {"snapshot": Snapshot, "reading": Reading}


def _chain(
    session: Session, found: Verified, without_fetches: set[int], *, sample: int | None, head: str | None,
    noted: Mapping[int, set[str]], step: Step,
) -> None:  # fmt: skip
    """Walk the links; compare the rows that they stand for."""
    links = ChainLink.__table__
    total = session.scalar(select(func.count()).select_from(ChainLink)) or 0
    chosen = None
    if sample is not None:
        chosen = set(session.scalars(select(ChainLink.id).order_by(func.random()).limit(sample)))
    seen = head is None or head == chain.START
    while batch := session.execute(
        select(links).where(links.c.id > found.links).order_by(links.c.id).limit(BATCH)
    ).mappings().all():  # fmt: skip
        for link in batch:
            if link["id"] != found.links + 1:
                gap = f"links {found.links + 1} to {link['id'] - 1} are not there"
                found.damages.append(Damage("chain", found.links + 1, "removed", gap))
            elif chain.link_hash(found.head, link) != link["hash"]:
                found.damages.append(Damage("chain", link["id"], "edited", "its hash is not that of what it says"))
            found.links, found.head = link["id"], link["hash"]
            seen = seen or link["hash"] == head
            if noted.get(link["id"], {link["hash"]}) != {link["hash"]}:
                reason = "it is not the link of which the head was noted outside the archive"
                found.damages.append(Damage("chain", link["id"], "edited", reason))
        picked = [link for link in batch if chosen is None or link["id"] in chosen]
        _compare(session, found, picked, without_fetches)
        step("rows", min(found.links, total), total)
    if not seen:
        found.damages.append(Damage("chain", found.links, "removed", f"the head {head} is not in the chain any more"))
    if (last := max(noted, default=0)) > found.links:
        reason = f"links {found.links + 1} to {last} are not there, of which the head was noted outside the archive"
        found.damages.append(Damage("chain", found.links + 1, "removed", reason))
    for table, model in TABLES.items():
        linked = select(ChainLink.row_id).where(ChainLink.kind == table, ChainLink.row_id == model.__table__.c.id)
        unlinked = select(model.__table__.c.id).where(~linked.exists()).order_by(model.__table__.c.id)
        for row_id in session.scalars(unlinked):
            found.damages.append(Damage(table, row_id, "added", "it is not in the chain: another program wrote it"))


def _compare(session: Session, found: Verified, links: Sequence[RowMapping], without_fetches: set[int]) -> None:
    """Name the rows that are not as their links have them."""
    for name, model in TABLES.items():
        table, ours = model.__table__, [link for link in links if link["kind"] == name]
        query = select(table).where(table.c.id.in_([link["row_id"] for link in ours]))
        rows = {row["id"]: row for row in session.execute(query).mappings()}
        for link in ours:
            found.rows += 1
            if (row := rows.get(link["row_id"])) is None:
                found.damages.append(Damage(name, link["row_id"], "removed", "the row is not there any more"))
                continue
            digest, marks = chain.row_digests(name, row, link["form"])
            if digest != link["digest"]:
                fields = chain.differing(name, link["form"], link["marks"], marks)
                reason = f"not as written: {', '.join(fields) or 'its link'}"
                found.damages.append(Damage(name, link["row_id"], "edited", reason, fields))
    for link in (link for link in links if link["kind"] == "run"):
        _compare_run(session, found, link, let_go=link["row_id"] in without_fetches)


def _compare_run(session: Session, found: Verified, link: RowMapping, *, let_go: bool) -> None:
    """Name the rows of a run's fetch log that are not as they were when it ended; later ones are not in its link.

    Where a rule let them go, none may be there."""
    was = dict(part.split(".") for part in link["marks"].split())
    last = max(map(int, was), default=0)
    rows = chain.fetches_of(session.connection(), link["row_id"], last)
    if let_go and not rows:
        return
    digest, marks = chain.fetches_digests(rows, link["form"])
    found.rows += len(was)
    if digest == link["digest"]:
        return
    now = dict(part.split(".") for part in marks.split())
    run = f"of run {link['row_id']}"
    for key in sorted(was.keys() | now.keys(), key=int):
        if key not in now:
            found.damages.append(Damage("fetch", int(key), "removed", f"the row {run} is not there any more"))
        elif key not in was:
            found.damages.append(Damage("fetch", int(key), "added", f"the row {run} was not there when it ended"))
        elif was[key] != now[key]:
            found.damages.append(Damage("fetch", int(key), "edited", f"the row {run} is not as it was when it ended"))


def _by_right(session: Session, erased: tombstones.Tombstones, damage: Damage) -> bool:
    """Whether a row differs because its document was erased, and is empty."""
    if damage.what != "edited":
        return False
    if damage.table == "reading" and damage.row_id in erased.readings:
        row = session.get_one(Reading, damage.row_id)
        return not row.blocks and row.title is None and not row.mentions
    return damage.table == "snapshot" and damage.row_id in erased.snapshots and damage.fields == ("headers",)


# -- how rows hang together --------------------------------------------------------------------------------------------


def _hanging(session: Session, found: Verified) -> None:
    """Versions without a reading, readings without a snapshot, files without their bytes, numbers left out.

    What hangs on a row that is named already is not named again."""
    named = {(damage.table, damage.row_id) for damage in found.damages}
    for child, column, parent in (
        (Version, Version.reading_id, Reading),
        (Version, Version.document_id, Document),
        (Reading, Reading.snapshot_id, Snapshot),
        (AttachmentVersion, AttachmentVersion.snapshot_id, Snapshot),
        (AttachmentVersion, AttachmentVersion.attachment_id, Attachment),
    ):
        key, target = child.__table__.c.id, parent.__table__.c.id
        query = select(key, column).outerjoin(parent.__table__, target == column).where(target.is_(None)).order_by(key)
        for row_id, missing in session.execute(query).all():
            if (parent.__tablename__, missing) not in named and (child.__tablename__, row_id) not in named:
                reason = f"its {parent.__tablename__} {missing} is not there"
                found.damages.append(Damage(child.__tablename__, row_id, "dangling", reason))
    other_bytes = (
        select(AttachmentVersion.id, AttachmentVersion.snapshot_id)
        .join(Snapshot, Snapshot.id == AttachmentVersion.snapshot_id)
        .where(Snapshot.digest != AttachmentVersion.digest)
        .order_by(AttachmentVersion.id)
    )
    for row_id, snapshot_id in session.execute(other_bytes).all():
        if ("snapshot", snapshot_id) not in named:
            reason = f"its digest is not that of its snapshot {snapshot_id}"
            found.damages.append(Damage("attachment_version", row_id, "edited", reason, ("digest",)))
    count = select(func.count()).where(Version.document_id == Document.id).scalar_subquery()
    for row_id, versions, there in session.execute(
        select(Document.id, Document.versions, count).where(Document.versions != count).order_by(Document.id)
    ).all():
        reason = f"it counts {versions} versions, and {there} are there"
        found.damages.append(Damage("document", row_id, "dangling", reason, ("versions",)))


# -- the records -------------------------------------------------------------------------------------------------------


def _records(
    session: Session, folder: Path, found: Verified, empty: set[int], *, sample: int | None, step: Step
) -> None:  # fmt: skip
    """Check every record that a row names, and the segments around them; or a sample of the records.

    `empty` are the rows that may name none: what they were of was erased, or a rule let their bytes go."""
    named = {damage.row_id for damage in found.damages if damage.table == "snapshot"}
    places = select(Snapshot.id, Snapshot.file, Snapshot.offset, Snapshot.length, Snapshot.digest)
    if sample is not None:
        places = places.order_by(func.random()).limit(sample)
    files: dict[str, dict[int, tuple[int, str]]] = defaultdict(dict)
    rows: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row_id, file, offset, length, digest in session.execute(places):
        if not file and row_id in empty:
            continue
        rows[file, offset].append(row_id)
        if row_id not in named or offset not in files[file]:  # an edited digest is named as such already
            files[file][offset] = (length, digest)
    if sample is None and folder.is_dir():
        for path in folder.glob("*.warc.gz"):
            files.setdefault(path.name, {})
    for done, (file, records) in enumerate(sorted(files.items()), 1):
        flaws: Iterable[Flaw | None] = (
            check_segment(folder / file, records)
            if sample is None
            else (check_record(folder / file, offset, *place) for offset, place in sorted(records.items()))
        )
        found.segments += sample is None
        found.records += len(records)
        for flaw in filter(None, flaws):
            _name(found, flaw, [row_id for row_id in rows[file, flaw.offset] if row_id not in named])
        step("segments", done, len(files))


def _name(found: Verified, flaw: Flaw, row_ids: Sequence[int]) -> None:
    """Name what is wrong in a segment, by the snapshots that are kept there."""
    if flaw.what == "unfinished":
        found.notes.append(f"{flaw.reason}; no row names it, so nothing is lost")
    elif not flaw.named:
        found.damages.append(Damage("segment", None, flaw.what, flaw.reason))
    else:
        found.damages += [Damage("snapshot", row_id, flaw.what, flaw.reason) for row_id in row_ids]


# -- what can be fetched again -----------------------------------------------------------------------------------------


def _refetchable(session: Session, damage: Damage) -> Damage:
    """The damage with the URL that may bring it back, and why there may be none."""
    snapshot = _snapshot_of(session, damage)
    if snapshot is None:
        return damage
    page = session.get(Page, snapshot.page_id) if snapshot.page_id is not None else None
    if page is None:
        file = session.scalar(
            select(Attachment).where(Attachment.url_key == snapshot.url_key).order_by(Attachment.id).limit(1)
        )
        if file is None:
            return replace(damage, url=snapshot.url, refetch_reason="no page or file has its URL any more")
        page = session.scalar(
            select(Page).where(Page.document_id == file.document_id, Page.is_original.is_(True)).limit(1)
        )
    if page is None:
        return replace(damage, url=snapshot.url, refetch_reason="its document has no page any more")
    damage = replace(damage, url=snapshot.url, document_id=page.document_id)
    if page.state == "missing":
        return replace(damage, refetch_reason="the page is gone from its site")
    return replace(
        damage, refetch=page.url, refetch_reason="what stands there now; the same bytes, if it was not changed"
    )


def _snapshot_of(session: Session, damage: Damage) -> Snapshot | None:
    """The snapshot whose bytes tell what the damaged row said; None where no fetch could."""
    if damage.table == "snapshot":
        return session.get(Snapshot, damage.row_id)
    if damage.table == "reading":
        row = session.get(Reading, damage.row_id)
        return session.get(Snapshot, row.snapshot_id) if row else None
    return None
