"""What a crawl says while it runs: on a terminal a line a source that moves, elsewhere plain lines; always on standard
error."""

from collections import defaultdict
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from console.cli.output import err
from schedules.jobs import Crawl

# Outcomes that somebody who waits for a crawl wants to see; the others are only counted.
TOLD = ("added", "copy", "changed", "withdrawn", "restored", "missing", "suspect", "blocked", "error")


class Report:
    """Says what happens as it happens, and gathers what the summary needs: documents and run ids by source.

    A context manager: inside, a terminal shows one moving line a source that is being crawled."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False, console: Console | None = None) -> None:
        """`quiet`: say nothing, only gather; `verbose`: say the log lines of the crawls, too."""
        self.documents: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.runs: dict[str, int] = {}
        self._console = console or err()
        self._quiet = quiet
        self._verbose = verbose
        self._lines: dict[str, TaskID] = {}
        self._progress: Progress | None = None
        if self._console.is_terminal and not quiet:
            self._progress = Progress(
                SpinnerColumn(finished_text=" "),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=20),
                TextColumn("{task.fields[said]}", markup=False),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,  # the summary says it all again
                redirect_stdout=False,  # that is for results
            )

    def __enter__(self) -> Self:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._progress:
            self._progress.stop()

    def heard(self, crawl: Crawl, event: dict[str, Any]) -> None:
        """An event of a crawl's process."""
        match event["event"]:
            case "waiting":
                self.say(crawl, f"waiting: another crawl is at {event.get('site', crawl.site)}")
            case "opened":
                self.runs[crawl.source_id] = event["run"]
                if self._progress:
                    self._move(crawl, 0, None, "started")
                else:
                    self.say(crawl, "started")
            case "document" if event.get("outcome") in TOLD:
                self.documents[crawl.source_id].append({k: v for k, v in event.items() if k != "event"})
                self.say(crawl, f"{event['outcome']}: {event.get('title') or event.get('url')}")
            case "progress":
                done, waiting = event.get("requests", 0), event.get("queued", 0)
                self._move(crawl, done, done + waiting, f"{done} requests, {waiting} waiting")
            case "closed":
                self._end(crawl)

    def logged(self, crawl: Crawl, line: str) -> None:
        """A log line of a crawl's process."""
        if self._verbose:
            self.say(crawl, line)

    def say(self, crawl: Crawl, text: str) -> None:
        """A line that stays, about one crawl."""
        if not self._quiet:
            self._console.print(f"[dim]{escape(crawl.source_id)}[/dim]  {escape(text)}", soft_wrap=True)

    def note(self, text: str) -> None:
        """A line that stays, about all of them."""
        self._console.print(escape(text), soft_wrap=True)

    def _move(self, crawl: Crawl, done: int, total: int | None, said: str) -> None:
        """Move the crawl's line; it begins with the first thing said."""
        if self._progress is None:
            return
        name = crawl.source_id
        if name not in self._lines:
            self._lines[name] = self._progress.add_task(name, total=None, said=said)
        self._progress.update(self._lines[name], completed=done, total=total, said=said)

    def _end(self, crawl: Crawl) -> None:
        if self._progress and crawl.source_id in self._lines:
            self._progress.remove_task(self._lines.pop(crawl.source_id))
