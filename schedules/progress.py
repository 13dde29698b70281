"""What a crawl says of itself while it runs, summed up for its row, where any process can read it."""

from collections import Counter, deque
from typing import Any

from storage.on_demand import TOLD_AT_MOST


class Tally:
    """The events of one crawl, counted. `changed` since the last `take`."""

    def __init__(self) -> None:
        self.run_id: int | None = None
        self.changed = False
        self._requests = 0
        self._queued = 0
        self._documents: Counter[str] = Counter()
        self._latest: deque[dict[str, Any]] = deque(maxlen=TOLD_AT_MOST)

    def hear(self, event: dict[str, Any]) -> None:
        """One event of the crawl's process."""
        match event["event"]:
            case "opened":
                self.run_id = event.get("run")
            case "document":
                self._documents[str(event.get("outcome"))] += 1
                self._latest.append({name: value for name, value in event.items() if name not in {"event", "run"}})
            case "progress":
                self._requests, self._queued = int(event.get("requests", 0)), int(event.get("queued", 0))
            case _:
                return
        self.changed = True

    def take(self) -> dict[str, Any]:
        """How far the crawl is, for `OnDemand.say`."""
        self.changed = False
        return {
            "requests": self._requests,
            "queued": self._queued,
            "documents": dict(self._documents),
            "told": self._documents.total(),
            "latest": list(self._latest),
        }
