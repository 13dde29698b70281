"""XLS, XLSX and WPS ET by calamine: a row is a line, its cells parted by tabs, with the sheet's name and row number."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

from policy_crawler.attachments.model import MAX_ROWS, Budget, FileState, FileText, Part, Refused


def read(payload: bytes, budget: Budget, kind: str) -> FileText:
    """All sheets that are worksheets, hidden ones too. The package's limits were checked before."""
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(payload))
    except python_calamine.PasswordError as error:
        raise Refused(FileState.ENCRYPTED, "the workbook needs a password") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Refused(FileState.DAMAGED, f"the workbook cannot be read: {error}") from error
    parts: list[Part] = []
    unread: list[str] = []
    for sheet in workbook.sheet_names:
        try:
            rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        except (python_calamine.CalamineError, OSError, ValueError):
            unread.append(sheet)
            continue
        if len(rows) > MAX_ROWS:
            raise Refused(FileState.TOO_LARGE, f"sheet {sheet!r} has {len(rows):,} rows; the limit is {MAX_ROWS:,}")
        parts.extend(budget.within(_parts(sheet, rows)))
    note = f"sheets that cannot be read: {', '.join(unread)}" if unread else ""
    if parts:
        return FileText(kind, FileState.TEXT, note, tuple(parts))
    if unread:
        raise Refused(FileState.DAMAGED, note)
    return FileText(kind, FileState.EMPTY, "the workbook has no filled cell")


def _parts(sheet: str, rows: list[list[Any]]) -> Iterator[Part]:
    for number, row in enumerate(rows, 1):
        line = "\t".join(cell_text(cell) for cell in row).rstrip("\t")
        if line.strip():
            yield Part(line, sheet=sheet, row=number)


def cell_text(value: Any) -> str:
    """A cell as a person reads it: whole numbers without a point, dates in ISO form, breaks as spaces."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return " ".join(str(value).split())
