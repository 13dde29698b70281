"""Every family's recorded pages: what its reader makes of each state of a list.

`pages/<family>/` holds one file a state, written after the family's real structures, and `expect.json`:

    {"url": the source's list_url, "params": {the source's params},
     "pages": {"shell":      optional: the column page whose script fetches the list,
               "first":      {"entries": [[title, url, date or null], …], "next": request or null, "total_pages": N},
               "second":     the answer to the first's `next`,
               "last":       …with "next": null,
               "empty":      {"entries": []},
               "redesigned": "PageChanged" or {"entries": []},
               "blocked":    "blocked"}}

`column`, beside `pages`: {"url": the address that a person has, where that is another than list_url, "params": what the
column's page tells of them}; `column.html` is what it answers, where no recorded state is. tests/console/
test_recognising.py adds every family from there.

A request is a URL, or {"url", "method", "body", "headers"}. Each state is read as the answer to "request" where it
has one; else `first` answers the shell or the family's own first request, and the others the URL of that. `today`
(2026-11-24 unless said) completes dates. More keys of a state: "content_type", "numbers" (each row's document number),
"by_script". A family with several ways of listing has one folder more for each, `<family>-<way>`, with what it needs.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policy_crawler.errors import PageChanged
from policy_crawler.listings import FAMILIES, Listing, ListRequest, family_of, read_listing, recognise
from policy_crawler.reading import decode, is_refusal
from policy_crawler.reading.model import PageState

PAGES = Path(__file__).parent / "pages"
STATES = ("first", "second", "last", "empty", "redesigned", "blocked")
MOST_BYTES = 6 * 1024
TYPES = {"html": "text/html", "json": "application/json", "xml": "application/xml", "js": "application/javascript"}
# Lists of any shape, which only their source's params describe.
NOT_RECOGNISED = frozenset({"api"})


@dataclass(frozen=True)
class Recorded:
    """A recorded family: `folder` is the family's name, or `<family>-<way>`."""

    folder: Path

    @property
    def family(self) -> str:
        return self.folder.name.partition("-")[0]

    @property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.folder / "expect.json").read_text(encoding="utf-8"))

    def file(self, state: str) -> Path:
        found = [file for file in sorted(self.folder.glob(f"{state}.*")) if file.suffix.lstrip(".") in TYPES]
        assert len(found) == 1, f"{self.folder.name}: expected one file {state}.(html|json|xml|js), found {len(found)}"
        return found[0]

    def content_type(self, state: str) -> str:
        page = self.expected["pages"][state]
        told = page.get("content_type") if isinstance(page, dict) else None
        return told or TYPES[self.file(state).suffix.lstrip(".")]

    def request(self, state: str) -> ListRequest:
        """The request that this state answers."""
        expected = self.expected
        page = expected["pages"].get(state)
        if isinstance(page, dict) and "request" in page:
            return made(page["request"], int(page.get("page", expected["pages"]["first"].get("total_pages") or 9)))
        own = family_of(self.family).first(expected["url"], expected.get("params", {}))
        if state == "shell":
            return own
        if state == "second":
            return made(expected["pages"]["first"]["next"], 2)
        shell = expected["pages"].get("shell")
        first = made(shell["next"], 1) if shell else own
        return made(first.url, 3) if state == "last" else first

    def read(self, state: str) -> Listing:
        request, expected = self.request(state), self.expected
        return read_listing(
            self.file(state).read_bytes(),
            request.url,
            content_type=self.content_type(state),
            family=self.family,
            today=date.fromisoformat(expected.get("today", "2026-11-24")),
            request=request,
            params=expected.get("params", {}),
        )


def made(request: str | dict[str, Any], page: int) -> ListRequest:
    if isinstance(request, str):
        return ListRequest(request, page=page)
    body = request.get("body")
    return ListRequest(
        request["url"],
        request.get("method", "GET"),
        body.encode() if body is not None else None,
        tuple(request.get("headers", {}).items()),
        page,
    )


def shown(request: ListRequest | None, like: Any) -> Any:
    """A request as `expect.json` writes it: a bare URL where that is expected and all there is."""
    if request is None:
        return None
    if isinstance(like, str) and request.method == "GET" and request.body is None and not request.headers:
        return request.url
    body = {"body": request.body.decode()} if request.body is not None else {}
    headers = {"headers": dict(request.headers)} if request.headers else {}
    method = {"method": request.method} if request.method != "GET" or "method" in (like or {}) else {}
    return {"url": request.url, **method, **body, **headers}


def recorded() -> list[Recorded]:
    return [Recorded(folder) for folder in sorted(PAGES.iterdir()) if (folder / "expect.json").is_file()]


def states_of(*wanted: str) -> list[Any]:
    return [
        pytest.param(one, state, id=f"{one.folder.name}-{state}")
        for one in recorded()
        for state in one.expected["pages"]
        if state in wanted
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_its_six_states(family):
    folder = PAGES / family
    missing = [state for state in STATES if not any(folder.glob(f"{state}.*"))]
    assert not missing, f"{folder}: recorded states missing: {', '.join(missing)}"
    assert (folder / "expect.json").is_file(), f"{folder}: expect.json is missing"
    assert set(Recorded(folder).expected["pages"]) >= set(STATES)


@pytest.mark.parametrize("one", recorded(), ids=lambda one: one.folder.name)
def test_a_folder_is_small_and_of_a_known_family(one):
    assert one.family in FAMILIES
    too_large = [file.name for file in one.folder.iterdir() if file.stat().st_size > MOST_BYTES]
    assert not too_large, f"{one.folder.name}: larger than {MOST_BYTES} bytes: {too_large}"


@pytest.mark.parametrize(("one", "state"), states_of("shell", "first", "second", "last", "empty"))
def test_a_page_reads_as_expected(one, state):
    expected = one.expected["pages"][state]
    listing = one.read(state)
    assert listing.family == one.family
    found = [[entry.title, entry.url, entry.date.isoformat() if entry.date else None] for entry in listing.entries]
    assert found == expected.get("entries", [])
    if "numbers" in expected:
        assert [entry.doc_number for entry in listing.entries] == expected["numbers"]
    if state != "empty" or "next" in expected:
        assert shown(listing.next_page, expected["next"]) == expected["next"]
    assert listing.by_script == expected.get("by_script", state == "shell")
    if "total_pages" in expected:
        assert listing.total_pages == expected["total_pages"]


@pytest.mark.parametrize(("one", "state"), states_of("first", "second", "last", "empty"))
def test_a_page_of_the_list_is_no_refusal(one, state):
    request = one.request(state)
    state_of_page, why = is_refusal(one.file(state).read_bytes(), request.url, one.content_type(state), 200)
    assert state_of_page not in {PageState.BLOCKED, PageState.LOGIN, PageState.MISSING}, why


@pytest.mark.parametrize(("one", "state"), states_of("redesigned"))
def test_a_redesigned_column_gives_nothing(one, state):
    expected = one.expected["pages"][state]
    if expected == "PageChanged":
        with pytest.raises(PageChanged):
            one.read(state)
    else:
        assert expected["entries"] == []
        assert one.read(state).entries == ()


@pytest.mark.parametrize(("one", "state"), states_of("blocked"))
def test_a_challenge_is_known_as_one(one, state):
    assert one.expected["pages"][state] == "blocked"
    request = one.request(state)
    found, why = is_refusal(one.file(state).read_bytes(), request.url, one.content_type(state), 200)
    assert found in {PageState.BLOCKED, PageState.LOGIN}, why


@pytest.mark.parametrize(
    "one", [one for one in recorded() if one.family not in NOT_RECOGNISED], ids=lambda one: one.folder.name
)
def test_a_family_is_recognised_by_what_its_column_answers(one):
    state = "shell" if "shell" in one.expected["pages"] else "first"
    request = one.request(state)
    text, _ = decode(one.file(state).read_bytes(), one.content_type(state))
    assert recognise(text, request.url) == one.family
