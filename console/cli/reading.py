"""`read` and `entries`: what extraction makes of a page or a listing, without touching the archive."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from console.cli.explaining import explained_json, print_explained
from console.cli.filetext import file_json, has_words, is_file, read_file
from console.cli.output import FAILED, AsJson, json_line, out, plain
from policy_crawler.errors import OperatorError, SourceError
from policy_crawler.listings import Listing, read_listing
from policy_crawler.previews import Preview
from policy_crawler.reading import Reading, read
from storage.clock import Clock

Places = Annotated[list[str], typer.Argument(metavar="FILE_OR_URL...", help="Files or http(s) URLs.")]
Original = Annotated[str | None, typer.Option("--url", help="The URL the file was fetched from.")]


# Stands in for the URL of a file whose origin nobody gave, so that its relative links can be told apart; never printed.
NOWHERE = "http://nowhere.invalid"
LARGEST = 256 << 20  # bytes of a file; as much as crawl.max_response_mib can be


@dataclass(frozen=True, slots=True)
class Page:
    """One page to read: its bytes, or why there are none."""

    place: str  # exactly as given
    url: str
    body: bytes = b""
    content_type: str | None = None
    status: int = 200
    error: str | None = None


def add_to(app: typer.Typer) -> None:
    app.command("read")(read_pages)
    app.command("entries")(read_entries)


def read_pages(
    places: Places,
    url: Original = None,
    urls: Annotated[
        Path | None, typer.Option("--urls", help='JSON lines of {"file": …, "url": …}: the original URL of each file.')
    ] = None,
    explained: Annotated[
        bool, typer.Option("--explain", help="Show where each field stood, what else the page says, and what chose.")
    ] = False,
    ocr: Annotated[
        bool, typer.Option("--ocr", help="Recognise the text of scans and pictures (needs the extra ocr; slow).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read pages or files (PDF, Word, sheets …) and print what is found: title, dates, issuer, number, body.

    Example: policy-crawler read page.html --url https://www.miit.gov.cn/zwgk/zcwj/wjfb/tz/art/2026/art_1.html
    """
    failed = False
    for page in _pages(places, url, _url_table(urls)):
        problem, reading, file = page.error, None, None
        if problem is None and is_file(page.body):
            reading, file = read_file(page.url, page.body, page.place, ocr=ocr)
            failed |= not has_words(file)
        elif problem is None:
            try:
                reading = read(page.body, page.url, content_type=page.content_type, status=page.status)
            except SourceError as error:
                problem = str(error)
        failed |= reading is None
        if as_json:
            found: dict[str, Any] = {"file": page.place, "error": problem}
            if reading is not None:
                found = _reading_json(page.place, reading)
                if file is not None:
                    found["attachment"] = file_json(file)
                if explained:
                    found["explained"] = explained_json(reading, Clock.from_environment().today())
            json_line(found)
        else:
            _print_reading(page.place, reading, problem, explained=explained)
    raise typer.Exit(FAILED if failed else 0)


def read_entries(places: Places, url: Original = None, as_json: AsJson = False) -> None:
    """Read listing pages or feeds and print their entries and the next page.

    Example: policy-crawler entries https://www.ndrc.gov.cn/xxgk/zcfb/tz/
    """
    failed = False
    for place, problem, listing in _listings(places, url):
        failed |= listing is None
        if as_json:
            json_line({"file": place, "error": problem} if listing is None else _listing_json(place, listing))
        else:
            _print_listing(place, listing, problem)
    raise typer.Exit(FAILED if failed else 0)


def _listings(places: list[str], url: str | None) -> Iterator[tuple[str, str | None, Listing | None]]:
    """(place, problem, listing) in the order given. Lists at URLs are fetched as a crawl would, scripts and all."""
    if url is not None and len(places) > 1:
        raise OperatorError("--url names the origin of one file, but several were given")
    wanted = [place for place in places if _is_url(place)]
    seen: dict[str, Preview] = {}
    if wanted:
        from policy_crawler.previews import ListQuery, preview  # noqa: PLC0415 -- starts Scrapy

        shown = preview([ListQuery(place) for place in wanted], Clock.from_environment().today())
        seen = dict(zip(wanted, shown, strict=True))
    for place in places:
        if place in seen:
            yield place, seen[place].problem or None, seen[place].listing
            continue
        (page,) = _pages([place], url, {})
        if page.error is not None:
            yield place, page.error, None
            continue
        try:
            yield place, None, read_listing(page.body, page.url or f"{NOWHERE}/here/", content_type=page.content_type)
        except SourceError as error:
            yield place, str(error), None


def _url_table(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    table = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise OperatorError(f"--urls {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise OperatorError(f"--urls {path}: expected JSON lines in UTF-8, found other bytes") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if row["url"] is not None:
                table[str(row["file"])] = str(row["url"])
        except (ValueError, KeyError, TypeError) as error:
            raise OperatorError(f'{path}:{number}: expected {{"file": …, "url": …}}, found {line[:80]!r}') from error
    return table


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _pages(places: list[str], url: str | None, table: dict[str, str]) -> Iterator[Page]:
    """The pages in the order given; URLs are fetched through the same guard as a crawl."""
    if url is not None and len(places) > 1:
        raise OperatorError("--url names the origin of one file, but several were given; use --urls FILE")
    wanted = [place for place in places if _is_url(place)]
    fetched: dict[str, Any] = {}
    if wanted:
        from policy_crawler.fetching import fetch  # noqa: PLC0415 -- starts Scrapy: only where a URL is asked for

        fetched = dict(zip(wanted, fetch(wanted), strict=True))
    for place in places:
        if place in fetched:
            yield _fetched_page(place, fetched[place])
            continue
        try:
            yield Page(place, url or table.get(place, ""), _bytes_of(place))
        except OSError as error:
            yield Page(place, "", error=f"cannot be read: {error.strerror or error}")


def _bytes_of(place: str) -> bytes:
    """A file's bytes. Raises OSError where it cannot be read or has more than any page or document has."""
    with Path(place).open("rb") as file:
        body = file.read(LARGEST + 1)  # a device may have no end
    if len(body) > LARGEST:
        raise OSError(f"more than {LARGEST >> 20} MiB")
    return body


def _fetched_page(place: str, answer: Any) -> Page:
    if isinstance(answer, Exception):
        return Page(place, place, error=str(answer))
    content_type = answer.content_type
    return Page(place, answer.final_url, answer.body, content_type, answer.status)


def _moment(value: date | datetime | None) -> str | None:
    """An ISO date, or a date-time with +08:00."""
    result = plain(value)
    return result if result is None else str(result)


def _reading_json(place: str, reading: Reading) -> dict[str, Any]:
    return {
        "file": place,
        "url": reading.url or None,
        "state": reading.state,
        "state_reason": reading.state_reason or None,
        "title": reading.title,
        "published": _moment(reading.published),
        "issuer": reading.issuer,
        "doc_number": reading.doc_number,
        "index_number": reading.index_number,
        "body": reading.body,
        "attachments": [link.href for link in reading.attachments],
        "issuers": list(reading.issuers),
        "type": reading.type,
        "kind": reading.kind,
        "topic": reading.topic,
        "written": reading.written,
        "effective": reading.effective,
        "expires": reading.expires,
        "validity": reading.validity,
        "author": reading.author,
        "reprinted_from": reading.reprinted_from,
        "attachment_files": [{"href": a.href, "name": a.name, "type": a.type} for a in reading.attachments],
        "blocks": [{"role": block.role, "text": block.text} for block in reading.blocks],
        "references": list(reading.mentions),
        "images": list(reading.images),
        "images_carry_text": reading.images_carry_text,
        "organs": list(reading.organs),
        "number_normal": reading.number_normal,
        "deadline": _moment(reading.deadline),
        "alternatives": {
            name: [{"value": value, "source": found.source, "confidence": found.confidence} for value, found in others]
            for name, others in reading.alternatives.items()
        },
        "evidence": dict(reading.evidence),
        "family": reading.family,
        "charset": reading.charset,
    }


def _listing_json(place: str, listing: Listing) -> dict[str, Any]:
    return {
        "file": place,
        "family": listing.family,
        "entries": [{"title": e.title, "href": e.href, "url": _known(e.url), "date": e.date} for e in listing.entries],
        "next_page": _next_page(listing),
    }


def _known(url: str) -> str | None:
    """The absolute URL; None where the page's own is not known and so the link's is not either."""
    return None if url.startswith(NOWHERE) else url


def _next_page(listing: Listing) -> str | None:
    """The next page's URL; relative to the page where the page's own URL is not known."""
    if listing.next_page is None:
        return None
    return listing.next_page.url.removeprefix(f"{NOWHERE}/here/").removeprefix(NOWHERE)


FIELDS = (
    ("title", "title"),
    ("issuer", "issuer"),
    ("number", "doc_number"),
    ("index number", "index_number"),
    ("kind", "kind"),
    ("written", "written"),
    ("published", "published"),
    ("effective", "effective"),
    ("expires", "expires"),
    ("deadline", "deadline"),
    ("validity", "validity"),
    ("author", "author"),
    ("reprinted from", "reprinted_from"),
)


def _print_reading(place: str, reading: Reading | None, problem: str | None, *, explained: bool) -> None:
    console = out()
    console.print(f"[bold]{escape(place)}[/bold]", soft_wrap=True)
    if reading is None:
        console.print(f"  [red]unreadable:[/red] {escape(problem or '')}", soft_wrap=True)
        return
    note = f" ({reading.state_reason})" if reading.state_reason else ""
    console.print(f"  {reading.state.value}{escape(note)}, {reading.type.value}, {reading.family}, {reading.charset}")
    if explained:
        print_explained(reading, Clock.from_environment().today())
        return
    for label, name in FIELDS:
        value = getattr(reading, name)
        if value is not None:
            found = reading.evidence.get(name)
            origin = f" [dim]({escape(found.source)})[/dim]" if found else ""
            console.print(f"  {label:14} {escape(_moment(value) or '')}{origin}", soft_wrap=True)
    for link in reading.attachments:
        console.print(f"  {'attachment':14} {escape(link.name)} [dim]{escape(link.href)}[/dim]", soft_wrap=True)
    for mention in reading.mentions:
        target = " ".join(filter(None, (mention.title and f"《{mention.title}》", mention.number, mention.url)))
        console.print(f"  {mention.relation:14} {escape(target)}", soft_wrap=True)
    console.print()
    console.print(escape(reading.body or "(no text)"), soft_wrap=True)
    console.print()


def _print_listing(place: str, listing: Listing | None, problem: str | None) -> None:
    console = out()
    console.print(f"[bold]{escape(place)}[/bold]", soft_wrap=True)
    if listing is None:
        console.print(f"  [red]unreadable:[/red] {escape(problem or '')}", soft_wrap=True)
        return
    console.print(f"  family {listing.family}, {len(listing.entries)} entries")
    for entry in listing.entries:
        console.print(f"  {_moment(entry.date) or '          '}  {escape(entry.title)}", soft_wrap=True)
        console.print(f"              [dim]{escape(_known(entry.url) or entry.href)}[/dim]", soft_wrap=True)
    if following := _next_page(listing):
        console.print(f"  next page: {escape(following)}", soft_wrap=True)
