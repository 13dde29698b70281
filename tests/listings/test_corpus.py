"""Real list pages: every item with title, link and date, and none more."""

import json

import pytest

from policy_crawler.listings import read_listing

pytestmark = pytest.mark.corpus


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def squeezed(text):
    return "".join(text.split())


def test_every_item_of_every_labelled_list(corpus):
    pages = corpus / "pages"
    addresses = {row["file"]: row["url"] for row in rows(pages / "manifest.jsonl")}
    problems = []
    for labelled in rows(pages / "truth_lists.jsonl"):
        file = labelled["file"]
        listing = read_listing((pages / file).read_bytes(), addresses[file] or "https://www.site.example/")
        found = {(squeezed(e.title), e.href, e.date.isoformat() if e.date else None) for e in listing.entries}
        wanted = {(squeezed(item["title"]), item["href"], item["date"]) for item in labelled["items"]}
        problems += [f"{file}: missing {item}" for item in wanted - found]
        problems += [f"{file}: too much {item}" for item in found - wanted]
        if labelled["total_pages"] and listing.total_pages != labelled["total_pages"]:
            problems.append(f"{file}: {listing.total_pages} pages, expected {labelled['total_pages']}")
    assert problems == []


def test_real_feeds_lose_no_item(corpus):
    feeds = sorted((corpus / "pages" / "news").glob("feed_*.xml"))
    assert feeds
    for feed in feeds:
        body = feed.read_bytes()
        listing = read_listing(body, "https://www.news.example/rss/")
        assert listing.family == "feed"
        assert len(listing.entries) == body.count(b"<item>")
        assert all(entry.date for entry in listing.entries)
