"""A line of an import, checked in full before anything is written: what it holds, in the terms of the tables."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from storage.exchange import decided
from storage.exchange.fields import BadLine, found, items, load, mapping, place, unknown
from storage.exchange.gathering import LEFT_OUT
from storage.identity import url_key
from storage.models import (
    Attachment,
    AttachmentVersion,
    Base,
    Document,
    Event,
    Organ,
    Page,
    Reading,
    Reference,
    Sighting,
    Snapshot,
    Source,
    Validity,
    Version,
)

Fields = dict[str, Any]


@dataclass(slots=True)
class Checked:
    """A document's line. Where a row points to another of the line, `_reading`, `_page` … give its place."""

    id: int | None
    document: Fields
    pages: list[Fields]  # with _sightings, _leads
    snapshots: list[Fields]  # with _page
    readings: list[Fields]  # with _snapshot, _organs
    versions: list[Fields]  # with _reading, _page
    attachments: list[Fields]  # with _versions, each with _snapshot
    references: list[Fields]  # with _reading, _attachment, _target: a URL's key
    events: list[Fields]  # with _version: its seq
    validity: Fields | None  # with _by: a URL's key
    decisions: list[Fields] = field(default_factory=list)  # with _other, a URL's key; those of merges with _document
    possible: list[Fields] = field(default_factory=list)  # with _other
    unknown: set[str] = field(default_factory=set)

    @property
    def title(self) -> str | None:
        """The document's title."""
        title = self.document["title"]
        return None if title is None else str(title)


def check_source(data: Mapping[str, Any], unknown_fields: set[str]) -> Fields:
    """The values of a source's line. Raises BadLine."""
    unknown_fields.update(unknown(Source, data, ("record",)))
    left_out = LEFT_OUT[Source] - {"last_success_at"}
    return load(Source, dict(data), "source", left_out)


def check_document(data: Mapping[str, Any], sources: Collection[str], unknown_fields: set[str]) -> Checked:
    """A document's line, its places and names resolved. Raises BadLine."""
    check = _Check(data, unknown_fields)
    number = data.get("id")
    usable = isinstance(number, int) and not isinstance(number, bool) and 0 < number < 10**12
    pages = check.rows(Page, "pages", also=("sightings", "leads"))
    snapshots = check.rows(Snapshot, "snapshots", page=(pages, True))
    readings = check.rows(Reading, "readings", also=("organs",), snapshot=(snapshots, False))
    versions = check.rows(Version, "versions", reading=(readings, False), page=(pages, False))
    attachments = check.rows(Attachment, "attachments", also=("versions",))
    line = Checked(
        id=number if usable else None,
        document=check.row(Document, data.get("document"), "document"),
        pages=pages, snapshots=snapshots, readings=readings, versions=versions, attachments=attachments,
        references=check.rows(
            Reference, "references", also=("target",), reading=(readings, False), attachment=(attachments, True)
        ),
        events=check.rows(Event, "events", also=("version",)),
        validity=check.row(Validity, data["validity"], "validity", ("by",)) if data.get("validity") else None,
    )  # fmt: skip
    line.decisions, line.possible = decided.check(data, readings)
    _fill(check, line, snapshots)
    _judge(line, sources)
    return line


class _Check:
    """Reads the objects of one line."""

    def __init__(self, data: Mapping[str, Any], unknown_fields: set[str]) -> None:
        self.data, self.unknown = data, unknown_fields

    def row(self, model: type[Base], value: Any, where: str, also: Collection[str] = ()) -> Fields:
        """The values of one row; what it has beyond its table stays under its name with an underscore before."""
        raw = mapping(value, where)
        left_out = LEFT_OUT[model]
        self.unknown.update(unknown(model, raw, also))
        return {**load(model, raw, where, left_out), **{f"_{name}": raw.get(name) for name in also}}

    def rows(
        self, model: type[Base], name: str, also: Collection[str] = (), **places: tuple[list[Fields], bool]
    ) -> list[Fields]:
        """The rows of a list; `places` are those that point into another list, and whether they may be null."""
        rows = []
        for number, raw in enumerate(items(self.data, name)):
            where = f"{name}[{number}]"
            fields = self.row(model, raw, where, (*also, *places))
            for key, (among, optional) in places.items():
                fields[f"_{key}"] = place(raw, key, among, where, optional=optional)
            rows.append(fields)
        return rows


def _fill(check: _Check, line: Checked, snapshots: list[Fields]) -> None:
    """Read what stands inside the rows, and make the keys that this release knows URLs by."""
    for number, page in enumerate(line.pages):
        where = f"pages[{number}]"
        page["url_key"] = url_key(page["url"])
        listed = items({"sightings": page["_sightings"]}, "sightings", f"{where}.")
        page["_sightings"] = [check.row(Sighting, row, f"{where}.sightings[{at}]") for at, row in enumerate(listed)]
        leads = items({"leads": page["_leads"]}, "leads", f"{where}.")
        if not all(isinstance(key, str) for key in leads):
            raise BadLine(f"{where}.leads: expected a list of texts, found {found(leads)}")
    for number, reading in enumerate(line.readings):
        where = f"readings[{number}]"
        organs = items({"organs": reading["_organs"]}, "organs", f"{where}.")
        reading["_organs"] = [check.row(Organ, row, f"{where}.organs[{at}]") for at, row in enumerate(organs)]
    for number, file in enumerate(line.attachments):
        where = f"attachments[{number}]"
        file["url_key"] = url_key(file["url"])
        versions = []
        for at, raw in enumerate(items({"versions": file["_versions"]}, "versions", f"{where}.")):
            here = f"{where}.versions[{at}]"
            fields = check.row(AttachmentVersion, raw, here, ("snapshot",))
            fields["_snapshot"] = place(raw, "snapshot", snapshots, here)
            versions.append(fields)
        file["_versions"] = versions
    for row in line.snapshots:
        row["url_key"] = url_key(row["url"])
    for number, reference in enumerate(line.references):
        reference["_target"] = _key(reference["_target"], f"references[{number}].target")
    if line.validity is not None:
        line.validity["_by"] = _key(line.validity["_by"], "validity.by")


def _key(url: Any, where: str) -> str | None:
    if url is not None and not isinstance(url, str):
        raise BadLine(f"{where}: expected a URL or nothing, found {found(url)}")
    return url_key(url) if url else None


def _judge(line: Checked, sources: Collection[str]) -> None:
    """What must hold between the rows."""
    if sum(page["is_original"] for page in line.pages) != 1:
        raise BadLine("pages: expected one that is_original, found another number of them")
    seqs = [version["seq"] for version in line.versions]
    if seqs != list(range(1, line.document["versions"] + 1)) or not seqs:
        raise BadLine(f"versions: expected seq 1 to {line.document['versions']} in order, found {found(seqs)}")
    for number, file in enumerate(line.attachments):
        seqs = [version["seq"] for version in file["_versions"]]
        if seqs != sorted(set(seqs)):
            raise BadLine(f"attachments[{number}].versions: expected seq in order, found {found(seqs)}")
    for number, event in enumerate(line.events):
        if event["_version"] is not None and event["_version"] not in range(1, line.document["versions"] + 1):
            raise BadLine(f"events[{number}].version: expected a seq of a version, found {found(event['_version'])}")
    named = {line.document["source_id"], *(event["source_id"] for event in line.events)}
    named |= {one["_document"]["source_id"] for one in line.decisions if "_document" in one}
    for page in line.pages:
        named |= {page["source_id"], *(sighting["source_id"] for sighting in page["_sightings"])}
    for source_id in sorted(named):
        if source_id not in sources:
            raise BadLine(f"source_id: expected a source of an earlier line, found {found(source_id)}")
    _unique("pages", [page["url_key"] for page in line.pages])
    _unique("attachments", [file["url_key"] for file in line.attachments])
    _unique("readings", [(row["_snapshot"], row["extractor_version"]) for row in line.readings])


def _unique(name: str, keys: list[Any]) -> None:
    twice = next((key for at, key in enumerate(keys) if key in keys[:at]), None)
    if twice is not None:
        raise BadLine(f"{name}: expected each once, found {found(twice)} twice")
