"""How a long-lived command logs: lines for people, or one JSON object a line. Nothing from outside breaks a line."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

LONGEST = 4_096  # characters of a message
# What a terminal or a log's reader would take for the end of a line or for a command.
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
_CONTROL |= {0x2028: "\\u2028", 0x2029: "\\u2029"}


def set_up(style: str = "text", stream: TextIO | None = None) -> None:
    """Log to standard error, as `text` or `json`, from INFO on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("apscheduler", "uvicorn.error", "asyncio"):  # a line a tick says nothing
        logging.getLogger(name).setLevel(logging.WARNING)


def one_line(text: str) -> str:
    """`text` as one line without control characters, cut at 4 KiB."""
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return cut.translate(_CONTROL).replace("\n", "\\n")


class TextLines(logging.Formatter):
    """Lines for people; a traceback follows the line it belongs to, indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        line = f"{self.formatTime(record)} {record.levelname} {one_line(record.getMessage())}"
        if record.exc_info:
            trace = self.formatException(record.exc_info).translate(_CONTROL)
            line += "\n" + "\n".join(f"    {part[:LONGEST]}" for part in trace.splitlines())
        return line


class JsonLines(logging.Formatter):
    """One JSON object a line: at (UTC), level, logger, message, and error with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as an object."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": one_line(record.getMessage()),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)[-LONGEST * 4 :]
        return json.dumps(said, ensure_ascii=False)
