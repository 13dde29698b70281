"""What the demonstration says: short, for somebody who sees the project for the first time."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from console.demo.findings import Change, First, Second
from policy_crawler.catalog import Source
from storage.records import RunSummary, Verdict

COLOURS = {Verdict.OK: "green", Verdict.BLOCKED: "yellow", Verdict.QUARANTINED: "yellow"}


class Report:
    """Prints the demonstration step by step. Words of pages are never read as markup."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._step = 0

    def step(self, title: str) -> None:
        """A numbered heading."""
        self._step += 1
        self._console.print(f"\n[bold cyan]{self._step}. {escape(title)}[/bold cyan]", soft_wrap=True)

    def say(self, text: str = "") -> None:
        """A line of ours; its markup is read."""
        self._console.print(text, soft_wrap=True)

    def quote(self, text: str) -> None:
        """Foreign lines, indented and literal."""
        for line in text.strip().splitlines():
            self._console.print(f"   [dim]│[/dim] {escape(line)}", soft_wrap=True)

    def opening(self, home: Path) -> None:
        """What this is and where it lives."""
        self.say("[bold]policy-crawler: the main job, on a sample site served by this machine[/bold]")
        self.say("Every page, body and number in it is invented. No packet leaves this machine.")
        self.say(f"Home: {escape(str(home))} (emptied at the start; everything found is kept there)")

    def sites(self, sources: Sequence[Source]) -> None:
        """The sample site's sources."""
        how = {"feed": "RSS", "jpaas": "Hanweb JPAAS, list by script", "trs": "TRS WCM, static pages"}
        table = _table("source", "site", "served as")
        for source in sources:
            table.add_row(escape(source.name), escape(source.site), how[source.family])
        self._console.print(Padding(table, (0, 0, 0, 3)))

    def runs(self, runs: Sequence[RunSummary], names: Mapping[str, str], columns: Sequence[str]) -> None:
        """One line a run: how it ended, and the counts named by `columns`."""
        table = _table("source", "verdict", *columns)
        for run in runs:
            verdict = run.verdict or Verdict.DIED
            cells = [str(run.counts.get(name, 0)) for name in columns]
            colour = COLOURS.get(verdict, "red")
            table.add_row(escape(names[run.source_id]), f"[{colour}]{verdict.value}[/{colour}]", *cells)
        self._console.print(Padding(table, (0, 0, 0, 3)))

    def first(self, first: First) -> None:
        """What the first crawl archived, and the tie from the news to the policy."""
        self.say(
            f"   Archived: [bold]{first.documents}[/bold] documents with {first.attachments} attachments; "
            "the bytes of every page are in snapshots/ as WARC."
        )
        policy = first.policy
        if policy is None or first.news is None:
            return
        self.say(f"   News:   {escape(first.news.title)}")
        self.say(f"           [dim]{escape(first.news.url)}[/dim]")
        self.say(f"   reports [dim](found by {escape(first.tied_by)})[/dim]")
        self.say(f"   Policy: {escape(policy.title)}")
        self.say(f"           [dim]{escape(policy.url)}[/dim]")
        self.say(
            f"           {escape(policy.number)}, {escape(policy.issuer)}, written {policy.written}, "
            f"published {policy.published}"
        )
        for name in policy.attachments:
            self.say(f"           attachment: {escape(name)}")

    def changed(self, change: Change) -> None:
        """A changed document, clause by clause."""
        self.say(f"   [bold]changed[/bold]  {escape(change.title)}")
        for clause in change.clauses:
            self.say(f"            {escape(clause.label)} {escape(clause.operation)}")
            self.say(f"            before: {escape(clause.before or '–')}")
            self.say(f"            after:  {escape(clause.after or '–')}")

    def second(self, second: Second, names: Mapping[str, str]) -> None:
        """What the second crawl found, and what it rightly did not."""
        for page in second.added:
            self.say(f"   [bold]added[/bold]    {escape(page.title)}")
        for change in second.changed:
            self.changed(change)
        for page in second.missing:
            self.say(f"   [bold]missing[/bold]  {escape(page.title)}")
            self.say("            seen gone once (404); withdrawn only if it is still gone six hours later")
        for source, reason in second.blocked:
            self.say(f"   [bold]blocked[/bold]  {escape(names[source])}")
            self.say(f"            {escape(reason)}")
        counter = second.counter
        if counter is not None:
            self.say(f"   [dim]nothing[/dim]  {escape(counter.title)}")
            self.say(
                f"            its view counter went from {counter.before} to {counter.after}: no version, no alert"
            )

    def closing(self, home: Path, differences: Sequence[str], commands: Sequence[str], seconds: float) -> None:
        """Whether all came out as expected, and what to try next."""
        self.say()
        if differences:
            self.say("[bold red]Not as expected:[/bold red]")
            for difference in differences:
                self.say(f"   {escape(difference)}")
            self.say(f"What the crawls logged: {escape(str(home / 'demo.log'))}")
        else:
            self.say(f"[bold green]All as expected[/bold green], in {seconds:.0f} seconds.")
        self.say(f"Facts: {escape(str(home / 'demo.json'))}")
        self.say("Look around in what it left:")
        self.say(f"   export POLICY_CRAWLER_HOME={escape(str(home))}")
        for command in commands:
            self.say(f"   {escape(command)}")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold", justify="left" if column in _WORDS else "right")
    return table


_WORDS = {"source", "site", "served as", "verdict"}
