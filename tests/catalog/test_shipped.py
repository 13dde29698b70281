"""The shipped catalog as a whole: how much it holds, and what every entry keeps to."""

import re
from collections import Counter, defaultdict
from datetime import date
from urllib.parse import urlsplit

import pytest

from policy_crawler.catalog import CHOICES, PAGE, SHIPPED, load_catalog
from policy_crawler.catalog.columns import GENERIC
from policy_crawler.catalog.files import PACKS
from policy_crawler.catalog.issuers import DEPARTMENTS
from policy_crawler.catalog.regions import PROVINCES
from policy_crawler.listings import family_of

WITHOUT_A_SITE = {"国家安全部"}


@pytest.fixture(scope="module")
def sources():
    return load_catalog().select()


def test_it_holds_at_least_what_is_promised(sources):
    assert len(sources) >= 1900
    assert sum(source.ready for source in sources) >= 1400
    assert sum(source.level == "news" for source in sources) >= 50
    assert {source.level for source in sources} == {"central", "province", "city", "district", "news"}


def test_every_department_of_the_state_council_and_every_province_is_there(sources):
    assert len(DEPARTMENTS) == 26
    assert set(DEPARTMENTS) - {source.issuer for source in sources} == WITHOUT_A_SITE
    provinces = {source.region.split("/")[0] for source in sources if source.level == "province"}
    assert provinces == {short for short, _, _ in PROVINCES.values()}


def test_the_starter_set_is_on_and_nothing_else(sources):
    catalog = load_catalog()
    starter = {source.id for source in catalog.select(pack="starter")}
    assert {source.id for source in catalog.enabled()} == starter
    assert 15 <= len(starter) <= 30
    assert starter == set(catalog.pack("starter").ids)
    for word in ("工信部", "国务院", "国家发展改革委", "财政部", "市场监管总局", "国家网信办", "国家数据局", "IT之家"):
        assert any(source.issuer_short == word for source in catalog.enabled()), word


def test_one_list_stands_once(sources):
    seen = defaultdict(list)
    for source in sources:
        parts = urlsplit(source.list_url)
        path = re.sub(r"index(?:_pc_1)?\.(?:s?html?|jsp)$", "", parts.path).rstrip("/")
        told = sorted((key, str(value)) for key, value in source.params.items() if key not in {"page_size", "paging"})
        seen[(parts.netloc.removeprefix("www."), path, parts.query, str(told))].append(source.id)
    assert [ids for ids in seen.values() if len(ids) > 1] == []


def test_entries_say_where_they_come_from_and_why_they_are_doubted(sources):
    for source in sources:
        assert source.evidence, source.id
        assert source.ready is not bool(source.doubt), source.id
        assert source.seen is not None or not source.ready or source.verified in {"none", "simulated"}, source.id
        assert not source.enabled or source.ready, source.id
        assert (source.verified == "none") == (source.verified_on is None), source.id
        assert len(source.doubt) < 120, source.id
        assert len(source.evidence) < 160, source.id


def test_hosts_and_ids_are_ascii_and_regions_go_with_levels(sources):
    for source in sources:
        assert source.list_url.isascii(), source.id
        assert re.fullmatch(r"[a-z0-9.-]+", source.site), source.id
        assert len(source.id) <= 48, source.id
        if source.level == "province":
            assert source.region.count("/") == 0, source.id
            assert source.region, source.id
        elif source.level in {"city", "district"}:
            assert 1 <= source.region.count("/") <= 2, source.id
        elif source.level == "news":
            assert source.region == "", source.id
            assert source.is_news, source.id
        assert "http-only" not in source.limits or source.list_url.startswith("http://"), source.id


def test_an_issuer_has_one_short_name_and_names_are_names(sources):
    shorts = defaultdict(set)
    for source in sources:
        shorts[source.issuer].add(source.issuer_short)
        assert source.column.strip() == source.column, source.id
        assert "None" not in source.column, source.id
        assert not re.search(r"[\t\n●]|列表入口", source.column), source.id
        assert not re.search(r"[（）]", source.issuer), source.id
    assert {issuer: names for issuer, names in shorts.items() if len(names) > 1} == {}
    assert sum(source.column in GENERIC for source in sources) < 40
    assert sum(source.column.startswith("政策与公告") for source in sources) < 100


def test_nearly_every_source_has_a_topic(sources):
    assert sum(not source.topics for source in sources) < 40


def test_every_entry_can_be_asked_for_its_first_page(sources):
    for source in sources:
        request = family_of(source.family).first(source.list_url, source.params)
        assert request.url.startswith(("http://", "https://")), source.id
        assert request.page == 1, source.id


def test_live_means_that_the_site_answered(sources):
    live = [source for source in sources if source.verified == "live"]
    assert 50 <= len(live) <= 110
    assert all("answered when asked" in source.evidence or source.seen for source in live)
    assert all(date(2026, 1, 1) <= source.verified_on for source in live)


def test_the_files_hold_nothing_but_sources_packs_and_marks():
    names = {file.name for file in SHIPPED.iterdir() if file.is_file() and file.suffix not in {".py", ".pyc"}}
    assert names <= {PACKS, "verified.tsv"}
    assert not (SHIPPED / CHOICES).exists()


def test_every_pack_holds_sources_and_says_what_they_are():
    catalog = load_catalog()
    counts = {name: len(catalog.select(pack=name)) for name in catalog.packs}
    assert min(count for name, count in counts.items() if not name.startswith("regional-")) >= 10, counts
    assert {name for name in counts if name.startswith("regional-")} == {
        f"regional-{pinyin}" for _, pinyin, _ in PROVINCES.values()
    }
    assert min(counts.values()) >= 1, counts
    assert {"starter", "finance", "industry", "data", "energy", "health", "news", "regional-guangdong"} <= counts.keys()
    assert all(pack.title for pack in catalog.packs.values())
    known = set(catalog.sources)
    assert all(set(pack.ids) <= known for pack in catalog.packs.values())


def test_families_of_number_are_spread_over_the_catalog(sources):
    families = Counter(source.family for source in sources)
    assert families["trs"] > 900
    assert families["jcms"] > 100
    assert families["gkmlpt"] > 70
    assert len(families) >= 25
    assert PAGE.family not in families
