"""One row a document, for spreadsheets (CSV) and for data frames (Parquet)."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from storage.errors import OperatorError
from storage.exchange.telling import Entry

BOM = "\ufeff"  # Excel takes a file without it for one in the system's own charset
ROWS = 500  # in one group of a Parquet file

# A cell that begins so is a formula to a spreadsheet, and may fetch or run something (OWASP, CSV injection); the wide
# forms, and a beginning after spaces, are read the same by some.
_FORMULA = re.compile(r"^[ \u3000]*[=+\-@＝＋－＠\t\r\n]")

COLUMNS: Final[dict[str, type]] = {
    "id": int, "version": int, "title": str, "number": str, "number_normal": str, "issuer": str, "organs": str,
    "type": str, "kind": str, "topic": str, "written": date, "published": date, "effective": date, "expires": date,
    "deadline": date, "validity": str, "state": str, "source": str, "url": str, "first_seen": datetime,
    "seen": datetime, "attachments": str, "sha256": str, "fetched": datetime, "excerpt": str,
}  # fmt: skip
"""The columns of both formats; Parquet has the text besides."""


def row(entry: Entry) -> dict[str, Any]:
    """The columns of one version. Several organs or files are separated by "; "."""
    document, version = entry.document, entry.version
    return {
        "id": document.id, "version": version.seq, "title": entry.title, "number": version.number,
        "number_normal": version.number_normal, "issuer": version.issuer, "organs": "; ".join(entry.organs),
        "type": document.type, "kind": version.kind, "topic": version.topic, "written": version.written,
        "published": version.published or document.published, "effective": version.effective,
        "expires": version.expires, "deadline": version.deadline, "validity": entry.validity, "state": document.state,
        "source": document.source_id, "url": entry.url, "first_seen": document.first_seen_at, "seen": version.seen_at,
        "attachments": "; ".join(name for name, _ in entry.files), "sha256": version.snapshot.digest,
        "fetched": version.snapshot.fetched_at, "excerpt": entry.excerpt,
    }  # fmt: skip


def csv_lines(entries: Iterable[Entry], *, bom: bool = False) -> Iterator[str]:
    """A CSV file (RFC 4180), a line at a time: every cell quoted, none a formula."""
    yield (BOM if bom else "") + _csv(list(COLUMNS))
    for entry in entries:
        yield _csv([safe_cell(value) for value in row(entry).values()])


def safe_cell(value: Any) -> Any:
    """A cell as text; one that a spreadsheet would take for a formula has an apostrophe before it."""
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return value.isoformat() if isinstance(value, date | datetime) else value


def _csv(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue()


def write_parquet(path: Path, entries: Iterable[Entry]) -> int:
    """A Parquet file, compressed by zstd; answers how many rows. Raises OperatorError where pyarrow is missing."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise OperatorError(
            "Parquet needs the extra 'parquet': pip install 'policy-crawler[parquet]'; or export --format csv"
        ) from error
    kinds = {int: pa.int64(), str: pa.string(), date: pa.date32(), datetime: pa.timestamp("us", tz="UTC")}
    schema = pa.schema([(name, kinds[kind]) for name, kind in (COLUMNS | {"text": str}).items()])
    count, rows = 0, iter({**row(entry), "text": entry.text or None} for entry in entries)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := list(islice(rows, ROWS)):
            writer.write_table(pa.Table.from_pylist(some, schema=schema))
            count += len(some)
    return count
