"""What stands in the place of an erased document: why and when it was erased, which rows, and its URLs."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import ChainLink, Setting

SETTING = "erased:"  # and the document's id
URL_SETTING = "erased-url:"  # and the key of a URL that is not archived again


@dataclass(slots=True)
class Tombstones:
    """The rows that were erased by right, and the tombstones that are not what the chain says."""

    readings: set[int] = field(default_factory=set)
    snapshots: set[int] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    false: list[int] = field(default_factory=list)  # documents


def setting_of(document_id: int) -> str:
    """The name of a document's tombstone."""
    return f"{SETTING}{document_id}"


def all_of(session: Session) -> Tombstones:
    """The tombstones that the chain has."""
    found = Tombstones()
    links = select(ChainLink.row_id, ChainLink.digest).where(ChainLink.kind == "erasure")
    linked = {link.row_id: link.digest for link in session.execute(links)}
    stones = {
        int(setting.name.removeprefix(SETTING)): setting.value
        for setting in session.scalars(select(Setting).where(Setting.name.startswith(SETTING, autoescape=True)))
    }
    for document_id in sorted(linked.keys() | stones.keys()):
        value = stones.get(document_id, "")
        if linked.get(document_id) != hashlib.sha256(value.encode()).hexdigest():
            found.false.append(document_id)
            continue
        said = json.loads(value)
        found.readings.update(said["readings"])
        found.snapshots.update(said["snapshots"])
        found.records.update(said["records"])
    return found


def erased(session: Session, url_keys: Iterable[str]) -> int | None:
    """The erased document that one of these URLs was of; None where none was."""
    names = [f"{URL_SETTING}{key}" for key in url_keys]
    value = session.scalar(select(Setting.value).where(Setting.name.in_(names)).limit(1))
    return int(value) if value is not None else None
