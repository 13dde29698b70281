"""Which entries the simulator crawled: `verified.tsv`, written by its run and read when the catalog is loaded.

A mark holds for the entry as it was: it carries a digest of what the crawl depends on, so an entry that was changed
since is not verified. Lines: id, date, digest; sorted by id."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

SIMULATED = Path(__file__).parent / "verified.tsv"
DEPENDS = ("list_url", "family", "params")


def digest(entry: Mapping[str, Any]) -> str:
    """12 hexadecimal digits over the parts of an entry that decide how it is crawled."""
    parts = [entry.get("list_url", ""), entry.get("family", ""), entry.get("params") or {}]
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_marks(file: Path = SIMULATED) -> dict[str, tuple[str, str]]:
    """Per id: the date and the digest of its mark; empty where there is no file."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {source: (day, mark) for source, day, mark in (line.split("\t") for line in lines if line)}


def write_marks(
    entries: Iterable[Mapping[str, Any]], on: date, file: Path = SIMULATED, *, tried: Collection[str] | None = None
) -> int:
    """Mark these entries as crawled in the simulator on that day; returns how many are marked then.

    `tried`: the ids of all that were crawled, also those that failed; the marks of others stay. None: all were, so
    that nothing but `entries` is marked. An entry whose mark still holds keeps its date: a run over an unchanged
    catalog changes nothing."""
    known = read_marks(file)
    marks = {} if tried is None else {name: mark for name, mark in known.items() if name not in tried}
    for entry in entries:
        name, mark = str(entry["id"]), digest(entry)
        day, old = known.get(name, ("", ""))
        marks[name] = (day if old == mark else on.isoformat(), mark)
    lines = [f"{name}\t{day}\t{mark}\n" for name, (day, mark) in sorted(marks.items())]
    file.write_text("".join(lines), encoding="utf-8")
    return len(lines)


def marked(entry: dict[str, Any], marks: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """The entry with `verified = "simulated"` where nothing stronger is said and its mark holds."""
    if entry.get("verified", "none") != "none" or entry.get("id") not in marks:
        return entry
    day, mark = marks[entry["id"]]
    if mark != digest(entry):
        return entry
    return {**entry, "verified": "simulated", "verified_on": date.fromisoformat(day)}
