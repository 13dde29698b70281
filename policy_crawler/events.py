"""Progress as JSON lines to whoever started the crawl, on the file descriptor it names."""

import contextlib
import json
import os
from typing import Any

VARIABLE = "POLICY_CRAWLER_EVENTS_FD"


class EventWriter:
    """Writes `{"event": …}` lines. Silent without a listener, and once the listener has gone."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @classmethod
    def from_environment(cls) -> "EventWriter":
        """The writer for the descriptor in `POLICY_CRAWLER_EVENTS_FD`."""
        named = os.environ.get(VARIABLE, "")
        return cls(int(named) if named.isdecimal() else None)

    def write(self, event: str, **data: Any) -> None:
        """One line, in one write, so that lines of two processes do not mix."""
        if self._descriptor is None:
            return
        line = json.dumps({"event": event, **data}, ensure_ascii=False, default=str).encode() + b"\n"
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
        except OSError:
            self.close()

    def close(self) -> None:
        """Say no more."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
        self._descriptor = None
