"""What persons decided about which documents are one, and which may be, as exports carry it: by URL, each on the lines
of the documents that it is about; a document that was merged into another goes with that one's line."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage import fingerprints
from storage.exchange.fields import BadLine, dump, found, items, load, mapping, place
from storage.identity import url_key
from storage.merged import MERGED, are_distinct, merged_into, survivors
from storage.models import Base, Document, IdentityDecision, Page, PossibleCopy, Reading, Run
from storage.sameness import clauses
from storage.works import pairs

Fields = dict[str, Any]
_ROWS: Final = frozenset({"id", "document_id", "other_id", "reading_id", "moved", "undone_by", "undone_at", "url_key"})
LEFT_OUT: Final[dict[type[Base], frozenset[str]]] = {
    IdentityDecision: _ROWS,
    PossibleCopy: frozenset({"document_id", "other_id"}),
    Document: frozenset({"id", "first_run_id", "merged_into", "state", "versions"}),
}


class Told:
    """What is to be told of some documents: read with one question a table."""

    def __init__(self, session: Session, ids: Collection[int]) -> None:
        known = sorted(ids)
        self.merged: dict[int, list[tuple[IdentityDecision, Document]]] = defaultdict(list)
        for document_id in self._with_merged(session, known):
            for one in merged_into(session, document_id):
                decision = session.scalar(
                    select(IdentityDecision)
                    .where(IdentityDecision.other_id == one, IdentityDecision.kind == "merge",
                           IdentityDecision.undone_at.is_(None))
                    .order_by(IdentityDecision.id.desc()).limit(1)
                )  # fmt: skip
                if decision is not None:
                    self.merged[document_id].append((decision, session.get_one(Document, one)))
        both = or_(IdentityDecision.document_id.in_(known), IdentityDecision.other_id.in_(known))
        apart = select(IdentityDecision).where(
            both, IdentityDecision.kind != "merge", IdentityDecision.undone_at.is_(None)
        )
        self.apart = session.scalars(apart.order_by(IdentityDecision.id)).all()
        pair = or_(PossibleCopy.document_id.in_(known), PossibleCopy.other_id.in_(known))
        self.possible = session.scalars(select(PossibleCopy).where(pair)).all()
        rows: list[Any] = [*self.apart, *self.possible]
        sides = {side for row in rows for side in (row.document_id, row.other_id)}
        self.standing = survivors(session, sides)
        original = select(Page.document_id, Page.url).where(
            Page.document_id.in_(sorted(set(self.standing.values()))), Page.is_original.is_(True)
        )
        self.urls: dict[int | None, str] = {row[0]: row[1] for row in session.execute(original)}

    @staticmethod
    def _with_merged(session: Session, ids: list[int]) -> list[int]:
        return [one for one in session.scalars(
            select(Document.merged_into).where(Document.merged_into.in_(ids)).distinct()
        ) if one is not None]  # fmt: skip

    def decisions(self, document_id: int, reading_at: Mapping[int | None, int]) -> list[Fields]:
        """The decisions about one document; `reading_at`: the place of each reading on its line."""
        told = [
            {
                **dump(decision, _ROWS), "other": None,
                "merged": {"id": gone.id, "reading": reading_at.get(decision.reading_id),
                           "document": dump(gone, LEFT_OUT[Document])},
            }
            for decision, gone in self.merged[document_id]
        ]  # fmt: skip
        return told + [
            {**dump(row, _ROWS), "other": other, "first": self.standing[row.document_id] == document_id}
            for row in self.apart
            if (other := self._other(row, document_id)) is not None
        ]

    def may_be(self, document_id: int) -> list[Fields]:
        """What a document may be one with: told with the one that came later."""
        return [
            {**dump(row, LEFT_OUT[PossibleCopy]), "other": other}
            for row in self.possible
            if self.standing.get(row.document_id) == document_id and (other := self._other(row, document_id))
        ]

    def _other(self, row: Any, document_id: int) -> str | None:
        sides = [self.standing.get(row.document_id), self.standing.get(row.other_id)]
        if document_id not in sides or sides[0] == sides[1]:
            return None
        return self.urls.get(sides[1] if sides[0] == document_id else sides[0])


def check(data: Mapping[str, Any], readings: list[Fields]) -> tuple[list[Fields], list[Fields]]:
    """The decisions and the possible copies of a line, none in exports of earlier releases. Raises BadLine."""
    decisions = []
    for number, raw in enumerate(items({"decisions": data.get("decisions", [])}, "decisions")):
        where = f"decisions[{number}]"
        fields = load(IdentityDecision, raw, where, _ROWS)
        fields["_raw"] = raw
        fields["_other"] = _url(raw.get("other"), f"{where}.other")
        if fields["kind"] == "merge":
            gone = mapping(raw.get("merged"), f"{where}.merged")
            fields["_document"] = load(
                Document, {**mapping(gone.get("document"), f"{where}.merged.document")}, f"{where}.merged.document",
                LEFT_OUT[Document],
            )  # fmt: skip
            fields["_id"] = gone.get("id")
            fields["_reading"] = place(gone, "reading", readings, f"{where}.merged", optional=True)
        elif fields["kind"] not in {"split", "distinct"} or fields["_other"] is None:
            raise BadLine(f"{where}: expected a merge, or a split or distinct with another's URL, found {found(raw)}")
        decisions.append(fields)
    possible = []
    for number, raw in enumerate(items({"possible": data.get("possible", [])}, "possible")):
        where = f"possible[{number}]"
        fields = load(PossibleCopy, raw, where, LEFT_OUT[PossibleCopy])
        possible.append({**fields, "_raw": raw, "_other": _url(raw.get("other"), f"{where}.other")})
    return decisions, possible


def _url(url: Any, where: str) -> str | None:
    if url is not None and not isinstance(url, str):
        raise BadLine(f"{where}: expected a URL or nothing, found {found(url)}")
    return url_key(url) if url else None


def apart_from(session: Session, decisions: list[Fields]) -> set[int]:
    """The documents of the archive that a line's document was said not to be."""
    keys = [one["_other"] for one in decisions if one["kind"] != "merge"]
    pages = session.scalars(select(Page.document_id).where(Page.url_key.in_(keys)))
    return {one for one in pages if one is not None}


def store_merged(
    session: Session, decisions: list[Fields], document: Document, readings: list[Reading], run: Run
) -> None:
    """Keep the documents that were merged into a line's document, by what they were known by."""
    for fields in decisions:
        if fields["kind"] != "merge":
            continue
        gone = Document(**fields["_document"], first_run_id=run.id, state=MERGED, versions=0, merged_into=document.id)
        number = fields["_id"]
        usable = isinstance(number, int) and not isinstance(number, bool) and 0 < number < 10**12
        if usable and session.get(Document, number) is None:
            gone.id = number
        session.add(gone)
        session.flush()
        reading = readings[fields["_reading"]] if fields["_reading"] is not None else None
        if reading is not None:
            fingerprints.keep(session, gone.id, clauses(pairs(reading.blocks)))
        session.add(
            IdentityDecision(**_own(fields), document_id=document.id, other_id=gone.id,
                             reading_id=reading.id if reading else None, moved={})
        )  # fmt: skip
        session.flush()


def join(session: Session, document_id: int, line: Mapping[str, Any]) -> None:
    """Keep what was said of a document and another, now that both are there."""
    decisions, possible = line.get("decisions", []), line.get("possible", [])
    keys = {url_key(one["other"]) for one in (*decisions, *possible) if one.get("other")}
    at = session.execute(select(Page.url_key, Page.document_id).where(Page.url_key.in_(sorted(keys))))
    there: dict[str, int | None] = {row[0]: row[1] for row in at}
    for raw in decisions:
        other = there.get(url_key(raw["other"]))
        if other is None or other == document_id or are_distinct(session, document_id, other) is not None:
            continue
        first, second = (document_id, other) if raw.get("first", True) else (other, document_id)
        fields = load(IdentityDecision, raw, "decision", _ROWS)
        split_key = url_key(fields["url"]) if fields["url"] else None
        session.add(IdentityDecision(**fields, url_key=split_key, document_id=first, other_id=second, moved={}))
        session.flush()
    for raw in possible:
        other = there.get(url_key(raw["other"]))
        if other is None or other == document_id:
            continue
        if any(session.get(PossibleCopy, pair) for pair in ((document_id, other), (other, document_id))):
            continue
        fields = load(PossibleCopy, raw, "possible", LEFT_OUT[PossibleCopy])
        session.add(PossibleCopy(**fields, document_id=document_id, other_id=other))
        session.flush()


def _own(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if not name.startswith("_")}
