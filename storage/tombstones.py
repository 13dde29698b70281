"""What stands in the place of an erased document (why and when it was erased, which rows, and its URLs), and of what a
rule of retention let go."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import ChainLink, Setting

SETTING = "erased:"  # and the document's id
URL_SETTING = "erased-url:"  # and the key of a URL that is not archived again
RETENTION_SETTING = "retention:"  # and a number: 1, 2, 3 …


@dataclass(slots=True)
class Tombstones:
    """The rows that were erased by right, and the tombstones that are not what the chain says.

    `readings` are also those that were emptied because of a person's number. `let_go` are snapshots whose bytes a rule
    let go, `runs` those whose fetches it did; both may be many."""

    readings: set[int] = field(default_factory=set)
    snapshots: set[int] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    false: list[int] = field(default_factory=list)  # documents
    let_go: set[int] = field(default_factory=set)
    runs: set[int] = field(default_factory=set)
    false_rules: list[int] = field(default_factory=list)  # numbers of what was let go by a rule


def setting_of(document_id: int) -> str:
    """The name of a document's tombstone."""
    return f"{SETTING}{document_id}"


def all_of(session: Session) -> Tombstones:
    """The tombstones that the chain has."""
    found = Tombstones()
    for _, said in _said(session, "erasure", SETTING, found.false):
        found.readings.update(said["readings"])
        found.snapshots.update(said["snapshots"])
        found.records.update(said["records"])
    for _, said in _said(session, "retention", RETENTION_SETTING, found.false_rules):
        found.let_go.update(_each(said["snapshots"]))
        found.runs.update(_each(said["runs"]))
        found.readings.update(_each(said.get("readings", [])))
    return found


def ranges(ids: Iterable[int]) -> list[list[int]]:
    """Numbers in short: [[first, last], …]."""
    found: list[list[int]] = []
    for number in sorted(ids):
        if found and number <= found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def _each(spans: list[list[int]]) -> Iterator[int]:
    for first, last in spans:
        yield from range(first, last + 1)


def _said(session: Session, kind: str, prefix: str, false: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """What the settings say whose digests are in the chain; the numbers of all others come to `false`."""
    links = select(ChainLink.row_id, ChainLink.digest).where(ChainLink.kind == kind)
    linked = {link.row_id: link.digest for link in session.execute(links)}
    settings = select(Setting).where(Setting.name.startswith(prefix, autoescape=True))
    stones = {int(setting.name.removeprefix(prefix)): setting.value for setting in session.scalars(settings)}
    for number in sorted(linked.keys() | stones.keys()):
        value = stones.get(number, "")
        if linked.get(number) != hashlib.sha256(value.encode()).hexdigest():
            false.append(number)
        else:
            yield number, json.loads(value)


def erased(session: Session, url_keys: Iterable[str]) -> int | None:
    """The erased document that one of these URLs was of; None where none was."""
    names = [f"{URL_SETTING}{key}" for key in url_keys]
    value = session.scalar(select(Setting.value).where(Setting.name.in_(names)).limit(1))
    return int(value) if value is not None else None
