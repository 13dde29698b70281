"""`sources add` and `import` know every family by its column's page, and what they write is crawled."""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlsplit

import pytest
from support.fault_server import Exchange, respond

from policy_crawler.listings import FAMILIES, ListRequest, family_of

PAGES = Path(__file__).parents[1] / "listings" / "pages"
TYPES = {".html": "text/html; charset=utf-8", ".xml": "application/xml", ".json": "application/json",
         ".js": "application/javascript"}  # fmt: skip
# Their column does not say how its list is asked for: JSON that is posted for; ids that are in another file.
TOLD_ONLY = frozenset({"api-form", "api-json", "jcms-from_nought"})
# A second way of a family at the same address as the first.
SAME_ADDRESS = frozenset({"govcn_search-buckets", "sitemap-single", "lonsun", "ucap_api-codeid"})
CRAWLED = frozenset({"api", "gkmlpt", "hanweb_xxgk", "trs_search-infogate", "ucap_api-channel"})
ARTICLE = (
    "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>发布时间：2026-11-20</p><div class='content'>"
    "<p>各有关单位：现将有关事项通知如下，请认真贯彻执行。{0}。</p><p>执行中的问题请及时报告我局。</p></div></body></html>"
)


@dataclass(frozen=True)
class Recorded:
    """A recorded column: the address that a person has, what it answers, and the answers that its list then gives."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def family(self) -> str:
        return self.name.partition("-")[0]

    @cached_property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.folder / "expect.json").read_text(encoding="utf-8"))

    @property
    def own_request(self) -> ListRequest:
        return family_of(self.family).first(self.expected["url"], self.expected.get("params", {}))

    @property
    def address(self) -> str:
        told = self.expected.get("column", {}).get("url")
        return told or (self.own_request.url if self.own_request.method == "GET" else self.expected["url"])

    @property
    def first_request(self) -> str:
        """The URL that answers page 1."""
        shell = self.expected["pages"].get("shell")
        asked = shell["next"] if shell else self.own_request.url
        return asked if isinstance(asked, str) else asked["url"]

    def answer(self, *states: str) -> Any:
        file = next(file for state in states for file in sorted(self.folder.glob(f"{state}.*")))
        return respond(file.read_bytes(), content_type=TYPES[file.suffix])

    @property
    def titles(self) -> set[str]:
        return {title for title, _, _ in self.expected["pages"]["first"]["entries"]}


def recorded() -> list[Recorded]:
    folders = [folder for folder in sorted(PAGES.iterdir()) if (folder / "expect.json").is_file()]
    return [Recorded(folder) for folder in folders if folder.name not in TOLD_ONLY | SAME_ADDRESS]


def place(url: str) -> tuple[str, str]:
    """(host, path with query)."""
    parts = urlsplit(urldefrag(url).url)
    return parts.hostname or "", f"{parts.path}?{parts.query}" if parts.query else parts.path


def served(server: Any, columns: list[Recorded]) -> set[str]:
    """Script every column, its list and the documents; the origins that are served."""
    lists: dict[tuple[str, str], list[Recorded]] = defaultdict(list)
    origins: set[str] = set()
    for one in columns:
        for url in (one.address, one.first_request):
            origins.add("{0.scheme}://{0.netloc}".format(urlsplit(url)))
        host, path = place(one.first_request)
        moved = place(one.expected["url"])[0] == host != place(one.address)[0]
        for at in {host, place(one.address)[0]} if moved else {host}:
            lists[at, path.partition("?")[0]].append(one)
        for title, url, _ in one.expected["pages"]["first"]["entries"]:
            origins.add("{0.scheme}://{0.netloc}".format(urlsplit(url)))
            server.on(place(url)[0], place(url)[1], respond(ARTICLE.format(title)))
    for (host, path), ones in lists.items():
        server.on(host, path, _list_of(ones))
    for one in columns:
        if (one.folder / "column.html").is_file() and "shell" in one.expected["pages"]:
            path = place(one.own_request.url)[1].partition("?")[0]
            server.on(
                place(one.own_request.url)[0], path, one.answer("shell")
            )  # what names the list, whatever is asked
        if urldefrag(one.address).url != urldefrag(one.first_request).url:
            server.on(*place(one.address), one.answer("column", "shell", "first"))
    return origins


def _list_of(ones: list[Recorded]) -> Any:
    """Page 1 of the list that is asked for: the one whose request has most in common where a path serves several."""

    async def behave(exchange: Exchange) -> None:
        asked = set(parse_qsl(urlsplit(exchange.request.target).query))
        best = max(ones, key=lambda one: len(asked & set(parse_qsl(urlsplit(one.first_request).query))))
        further = any(name in {"page", "pageNo", "currPage"} and value == "2" for name, value in asked)
        await (best.answer("second", "last") if further else best.answer("first"))(exchange)

    return behave


@pytest.fixture(scope="module")
def columns() -> list[Recorded]:
    return recorded()


def test_every_family_is_recognised_from_its_column_and_then_crawled(command, server, tmp_path, columns):
    origins = served(server, columns)
    command.more = {
        "POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for(sorted(origins))),
        "POLICY_CRAWLER_CRAWL__DELAY": "0",
    }
    addresses = tmp_path / "columns.txt"
    addresses.write_text("\n".join(one.address for one in columns) + "\n", encoding="utf-8")
    answer = command("sources", "import", str(addresses), "--yes", "--json")
    lines = answer.lines
    assert len(lines) == len(columns), answer.err
    refused = {one.name: line["error"] for one, line in zip(columns, lines, strict=True) if "error" in line}
    assert not refused, "\n".join(f"{name}: {why}" for name, why in refused.items())
    for one, line in zip(columns, lines, strict=True):
        assert line["family"] == one.family, one.name
        assert one.titles <= {entry["title"] for entry in line["preview"]["entries"]}, one.name
        if "params" in one.expected.get("column", {}):
            assert line["params"] == one.expected["column"]["params"], one.name
    assert {one.family for one in columns} == set(FAMILIES)
    ids = [line["id"] for line in lines]
    checked = command("sources", "check", *ids, "--json").lines
    seen = {one.name: (row["state"], row["entries"]) for one, row in zip(columns, checked, strict=True)}
    previewed = {one.name: len(line["preview"]["entries"]) for one, line in zip(columns, lines, strict=True)}
    assert seen == {name: ("ok", entries) for name, entries in previewed.items()}, "as they are written"
    crawled = [name for one, name in zip(columns, ids, strict=True) if one.name in CRAWLED]
    runs = command("crawl", *crawled, "--pages", "1", "--json").lines
    assert {run["source"]: run["verdict"] for run in runs} == dict.fromkeys(crawled, "ok")


# Real columns, and the family that each shows; their own hosts have sources already.
REAL = {
    "list/ndrc_fzggwl_list.html": ("trs", "/xxgk/zcfb/fzggwl/"),
    "list/mee_ywdt_xwfb_list_excerpt.html": ("trs", "/ywdt/xwfb/"),
    "list/most_qykjzc_list.html": ("trs", "/satp/qykjzc/"),
    "list/hebei_zrzy_stdt_list.html": ("links", "/heb/xinwen/stdt/index.html"),
}


@pytest.mark.corpus
def test_real_columns_are_recognised_without_being_told(command, server, tmp_path, corpus):
    truth = (corpus / "pages" / "truth_lists.jsonl").read_text(encoding="utf-8").splitlines()
    counts = {row["file"]: row["count"] for row in map(json.loads, truth)}
    hosts = {file: f"host{number}.example.gov.cn" for number, file in enumerate(REAL)}
    for file, (_, path) in REAL.items():
        server.on(hosts[file], path, respond((corpus / "pages" / file).read_bytes(), content_type="text/html"))
    command.more = {"POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for([f"https://{one}" for one in hosts.values()]))}
    addresses = tmp_path / "columns.txt"
    addresses.write_text("\n".join(f"https://{hosts[file]}{REAL[file][1]}" for file in REAL), encoding="utf-8")
    lines = command("sources", "import", str(addresses), "--yes", "--json").lines
    found = {
        file: (line.get("family"), len(line["preview"]["entries"])) for file, line in zip(REAL, lines, strict=True)
    }
    assert found == {file: (family, counts[file]) for file, (family, _) in REAL.items()}
