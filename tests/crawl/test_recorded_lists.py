"""Crawls over recorded lists: the spider walks from page to page as each family's reader says."""

import json
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from support.fault_server import respond

PAGES = Path(__file__).parents[1] / "listings" / "pages"
TYPES = {".html": "text/html; charset=utf-8", ".xml": "application/xml", ".json": "application/json"}
ARTICLE = (
    "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>发布时间：2026-11-20</p><div class='content'>"
    "<p>各有关单位：现将有关事项通知如下，请认真贯彻执行。文号{0}。</p><p>执行中的问题请及时报告我局。</p></div></body></html>"
)
WALKED = ("vsb", "huilan", "huilan-dynamic", "lonsun-column", "truecms", "epoint", "nc", "hebei", "shanghai", "sitemap",
          "links-numbers", "links-data", "links-frame")  # fmt: skip


def told(request):
    """(URL, its path with the query) as the server is asked."""
    url = urldefrag(request if isinstance(request, str) else request["url"]).url
    parts = urlsplit(url)
    return url, f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.mark.parametrize("name", WALKED)
def test_a_list_is_walked_from_page_to_page(crawler, server, name):
    folder, expected = PAGES / name, json.loads((PAGES / name / "expect.json").read_text(encoding="utf-8"))
    pages = expected["pages"]
    secure = expected["url"].startswith("https")
    host = urlsplit(expected["url"]).hostname
    crawler.hosts = [f"{'https' if secure else 'http'}://{host}"]
    crawler.source(
        id="walked",
        issuer="某某局",
        issuer_short="某某局",
        column="通知",
        list_url=expected["url"],
        family=name.partition("-")[0],
        publishes="policy",
        level="central",
        params=expected.get("params", {}),
    )
    # The shell is asked first; what it leads to is page 1.
    order = ["shell", "first", "second"] if "shell" in pages else ["first", "second"]
    address, answers = expected["url"], {}
    for state in order:
        file = next(file for file in sorted(folder.glob(f"{state}.*")))
        url, path = told(address)
        if state == "first" and name == "hebei":
            path += "?page=1&fix=0"  # the family adds what its blocks want
        answers[state] = path
        server.on(host, path, respond(file.read_bytes(), content_type=TYPES[file.suffix]))
        address = pages[state]["next"] or ""
    entries = [entry for state in order for entry in pages[state].get("entries", [])]
    for title, url, _ in entries:
        server.on(host, told(url)[1], respond(ARTICLE.format(title)))
    ended = crawler.crawl("walked", "--pages", "2")
    assert ended.verdict in {"ok", "partial"}, ended.log
    asked = [request.target for request in server.requests(host)]
    for path in answers.values():
        assert path in asked, (path, asked[:12])
    assert len(ended.documents("added")) == len(entries), ended.log
