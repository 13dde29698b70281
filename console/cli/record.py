"""`record`: keep a page with what is read from it, as a test that a person reviews."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from console.cli.output import AsJson, json_line, out
from console.recording import EXPECTED, REQUEST, Request, found
from policy_crawler.errors import OperatorError
from policy_crawler.items import FetchedResponse
from storage.clock import Clock


def add_to(app: typer.Typer) -> None:
    app.command("record")(record)


def record(
    place: Annotated[str, typer.Argument(metavar="FILE_OR_URL", help="A file or an http(s) URL.")],
    *,
    name: Annotated[str, typer.Option(help="The folder's name: what the page is, e.g. trs-detail-joint-notice.")],
    url: Annotated[str | None, typer.Option("--url", help="The URL the file was fetched from.")] = None,
    listing: Annotated[bool, typer.Option("--listing", help="The page is a listing or a feed.")] = False,
    family: Annotated[str | None, typer.Option(help="With --listing: the family its source tells.")] = None,
    to: Annotated[Path, typer.Option(help="The folder of recorded pages.")] = Path("tests/pages"),
    as_json: AsJson = False,
) -> None:
    """Record a page as a test: its bytes, how it was asked for, and what is read from it, to be reviewed by a person.

    Example: policy-crawler record https://www.ndrc.gov.cn/xxgk/zcfb/tz/ --listing --name trs-list-ndrc
    """
    folder = to / name
    if not name or Path(name).name != name:
        raise OperatorError(f"--name: expected one folder name, found {name!r}")
    if folder.exists():
        raise OperatorError(f"{folder} exists. Remove it to record the page again, or choose another --name.")
    if not to.is_dir():
        raise OperatorError(f"--to: no folder {to}; run this in the checkout, or name the folder of recorded pages")
    request, body = _request(place, url, "listing" if listing else "document", family)
    fields = {key: value for key, value in found(request, body).items() if value not in (None, [], "")}
    folder.mkdir()
    (folder / request.file).write_bytes(body)
    (folder / REQUEST).write_text(_json(request.model_dump(mode="json", exclude_none=True)), encoding="utf-8")
    (folder / EXPECTED).write_text(_json(fields), encoding="utf-8")
    if as_json:
        json_line({"folder": str(folder), "fields": list(fields)})
        return
    console = out()
    console.print(f"Recorded {escape(str(folder))} with {len(fields)} fields.", soft_wrap=True)
    console.print(
        f"Now compare {escape(str(folder / EXPECTED))} with the page itself, correct it where the reading is wrong "
        f'(the test then fails until the reading is right), and set "reviewed": true in {REQUEST}.',
        soft_wrap=True,
    )


def _request(place: str, url: str | None, kind: Any, family: str | None) -> tuple[Request, bytes]:
    if not place.startswith(("http://", "https://")):
        try:
            body = Path(place).read_bytes()
        except OSError as error:
            raise OperatorError(f"{place}: {error.strerror}") from error
        file = f"page{Path(place).suffix or '.html'}"
        return Request(kind=kind, file=file, url=url or "", family=family), body
    answer = _answer(place, kind, family)
    content_type = answer.content_type
    request = Request(
        kind=kind,
        file=f"page.{_extension(content_type or '')}",
        url=url or answer.final_url,
        content_type=content_type,
        status=answer.status,
        family=family,
    )
    return request, answer.body


def _answer(url: str, kind: Any, family: str | None) -> FetchedResponse:
    """The page; of a listing the answer that holds its entries."""
    if kind == "listing":
        from policy_crawler.previews import ListQuery, preview  # noqa: PLC0415 -- starts Scrapy

        (seen,) = preview([ListQuery(url, family)], Clock.from_environment().today())
        if seen.last is None:
            raise OperatorError(f"{url}: {seen.problem}")
        return seen.last
    from policy_crawler.fetching import fetch  # noqa: PLC0415 -- starts Scrapy: only where a URL is asked for

    (answer,) = fetch([url])
    if not isinstance(answer, FetchedResponse):
        raise OperatorError(f"{url}: {answer}")
    return answer


def _extension(content_type: str) -> str:
    """The extension of the file that keeps a body: for people and editors, nothing reads it."""
    return next((kind for kind in ("json", "xml") if kind in content_type), "html")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
