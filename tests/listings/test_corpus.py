"""Real list pages: every item with title, link and date, and none more."""

import json

import pytest

from policy_crawler.listings import read_listing, recognise
from policy_crawler.reading import decode

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
        body, address = (pages / file).read_bytes(), addresses[file] or "https://www.site.example/"
        listing = read_listing(body, address)
        if listing.by_script:  # a script fetches the list; what is labelled are the rows that the page also holds
            listing = read_listing(body, address, family="links")
        found = {(squeezed(e.title), e.href, e.date.isoformat() if e.date else None) for e in listing.entries}
        wanted = {(squeezed(item["title"]), item["href"], item["date"]) for item in labelled["items"]}
        problems += [f"{file}: missing {item}" for item in wanted - found]
        problems += [f"{file}: too much {item}" for item in found - wanted]
        if labelled["total_pages"] and listing.total_pages != labelled["total_pages"]:
            problems.append(f"{file}: {listing.total_pages} pages, expected {labelled['total_pages']}")
    assert problems == []


# A page that is told by its structure; `links` where it shows no system's.
FAMILIES = {
    "list/ndrc_fzggwl_list.html": "trs",
    "list/mee_ywdt_xwfb_list_excerpt.html": "trs",
    "list/most_qykjzc_list.html": "trs",
    "list/hebei_zrzy_stdt_list.html": "links",
    "list/nea_xwzx_list.html": "xinhua",
    "list/jiangxi_sthjt_list.html": "ucap",
    "list/stats_tjyqhdm_2019_index.html": "links",
    "api/dingxi_jpage_datastore.xml": "jcms",
}


def test_real_columns_are_recognised_without_being_told(corpus):
    pages = corpus / "pages"
    addresses = {row["file"]: row["url"] for row in rows(pages / "manifest.jsonl")}
    found = {}
    for file in FAMILIES:
        text, _ = decode((pages / file).read_bytes(), None)
        found[file] = recognise(text, addresses[file] or "https://www.site.example/")
    assert found == FAMILIES


def test_home_pages_and_tables_give_no_wrong_list(corpus):
    """Pages that are no lists of dated links: nothing is made up, and nothing is sent elsewhere."""
    pages = corpus / "pages"
    for file in ("sohu_home_ogs", "gne_listpage_163_1", "thepaper_home", "stats_tjyqhdm_2019_11"):
        listing = read_listing((pages / "list" / f"{file}.html").read_bytes(), "https://www.site.example/x/")
        assert not listing.by_script, file
        assert len(listing.entries) < 5, (file, listing.entries)


def test_real_feeds_lose_no_item(corpus):
    feeds = sorted((corpus / "pages" / "news").glob("feed_*.xml"))
    assert feeds
    for feed in feeds:
        body = feed.read_bytes()
        listing = read_listing(body, "https://www.news.example/rss/")
        assert listing.family == "feed"
        assert len(listing.entries) == body.count(b"<item>")
        assert all(entry.date for entry in listing.entries)
