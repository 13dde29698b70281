"""`search`: what the archive finds."""

import re
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import AsJson, json_line, out, shown, table
from console.installation import Installation
from storage.search import Facets, SearchHit, SearchResult
from storage.search import search as search_archive

SYNTAX = """\
words       补贴 新能源          both, anywhere in title, number, issuer, text or files; AND 与 say the same
            医保 OR 社保         one of them; 或
            补贴 NOT 医保        the first without the second; 非 or -医保
            (医保 OR 社保) 补贴  brackets hold together
            "新能源汽车推广"     this very phrase
            *                    everything
synonyms    补贴                 finds 补助 too, and says so; "补贴" or exact:补贴 finds the word alone
            HOME/synonyms.txt    your own, a line each: A = B = C, or A => B
fields      title: issuer: number: type: kind: topic: source: region: level: validity: cites: attachment: exact:
            标题  发文机关 文号 类型  文种  主题  来源    地区    层级   时效      引用   附件        原词
            issuer:(工信部 OR 财政部)   a field holds for the word or the brackets right behind it
values      type       policy interpretation consultation news notice other
            validity   in_force amended partly_repealed repealed expired pending draft unknown
            level      central province city district news
            region     广东 (with its cities), 深圳, 广东/深圳/龙岗区, 中央
days        published: effective: written: deadline:   2026, 2026-03, 2026-03-01, 2026-01..2026-03, 2026-01.., ..2026
watches     in:change            the words beside it must stand in clauses that changed; change:补贴 for one word
"""


class SearchOrder(StrEnum):
    """How hits are ordered."""

    DATE = "date"
    RELEVANCE = "relevance"


def add_to(app: typer.Typer) -> None:
    app.command("search")(search)


def search(
    query: Annotated[
        str | None,
        typer.Argument(help='Words, "phrases", AND OR NOT, brackets, and fields such as title: (--syntax tells all).'),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Hits to print.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Hits to skip.")] = 0,
    order: Annotated[
        SearchOrder, typer.Option(help="Newest first, or those first whose number or title has the words.")
    ] = SearchOrder.DATE,
    after: Annotated[str | None, typer.Option(help="Go on after the page that named this place.")] = None,
    facets: Annotated[
        bool,
        typer.Option("--facets", help="Count hits by issuer, region, kind, type, year, validity, topic and source."),
    ] = False,
    syntax: Annotated[bool, typer.Option("--syntax", help="Tell the language of queries, and no more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search the archive's full text, newest first. `--syntax` tells the language; docs/search.md tells more.

    Example: policy-crawler search '工业互联网 issuer:(工信部 OR 财政部) published:2026-01..' --facets

    Example: policy-crawler search '补贴 NOT type:news region:广东' --order relevance
    """
    if syntax:
        out().print(escape(SYNTAX), end="", highlight=False, soft_wrap=True)
        return
    if query is None:
        raise typer.BadParameter("what to look for? Give words, * for everything, or --syntax for the language")
    here = Installation()
    if re.search(r"(?:validity|时效|有效性)[:：]", query, re.IGNORECASE):
        here.archive.pass_time()  # where no service runs, days pass unseen
    result = search_archive(
        here.engine, query, limit=limit, offset=offset, order=order.value, after=after, facets=facets
    )
    if as_json:
        of_all = {name: getattr(result, name) for name in ("count", "count_exact", "after", "synonyms")}
        for hit in result.hits:
            json_line({**{name: getattr(hit, name) for name in hit.__dataclass_fields__}, **of_all})
        if result.facets:
            json_line({"facets": result.facets})
        return
    _print(result)


def _print(result: SearchResult) -> None:
    about = "" if result.count_exact else "about "
    out().print(f"{about}{result.count} {'document' if result.count == 1 else 'documents'}")
    for word, also in result.synonyms.items():
        out().print(f"[dim]{escape(word)} was looked for as {escape(' or '.join(also))}, too[/dim]", soft_wrap=True)
    if result.synonyms:
        out().print('[dim]"quotes" or exact: find the words alone[/dim]')
    for hit in result.hits:
        _print_hit(hit)
    if result.facets:
        _print_facets(result.facets)
    if result.after:
        out().print(f"\n[dim]more: --after {result.after}[/dim]")


def _print_hit(hit: SearchHit) -> None:
    number = f"  {escape(hit.number)}" if hit.number else ""
    out().print(f"\n[bold]{escape(hit.title or '(no title)')}[/bold]{number}", soft_wrap=True)
    until = f"comments until {hit.deadline}" if hit.deadline else None
    validity = hit.validity.replace("_", " ") if hit.validity != "unknown" else None
    told = (f"#{hit.document_id}", shown(hit.published), hit.issuer, hit.type, validity, until)
    facts = "  ".join(filter(None, told))
    out().print(f"[dim]{escape(facts)}[/dim]", soft_wrap=True)
    if hit.snippet.file:
        place = ", ".join(filter(None, (hit.snippet.file, hit.snippet.page)))
        out().print(f"[dim]in {escape(place)}[/dim]", soft_wrap=True)
    if hit.snippet.text:
        out().print(_marked(hit.snippet.text, hit.snippet.highlights), soft_wrap=True)


def _print_facets(facets: Facets) -> None:
    of = f"all {facets.of} hits" if facets.exact else f"about {facets.of} hits, told by {facets.looked_at} of them"
    about = "" if facets.exact else "about "
    rows = (
        (name, value, f"{about}{count}") for name, counts in facets.counts().items() for value, count in counts[:10]
    )
    table(f"Counts of {of}", ("field", "value", "documents"), rows)


def _marked(snippet: str, highlights: tuple[tuple[int, int], ...]) -> str:
    """A snippet with its hits emphasised; the rest of its text is never read as markup."""
    parts, at = [], 0
    for start, end in highlights:
        parts += [escape(snippet[at:start]), f"[yellow]{escape(snippet[start:end])}[/yellow]"]
        at = end
    return "".join([*parts, escape(snippet[at:])])
