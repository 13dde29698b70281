"""The catalog's files: what is shipped, what users add, and how mistakes are told."""

import pytest

from policy_crawler.catalog import FAMILIES, PAGE, Expect, load_catalog, read_sources
from policy_crawler.catalog.catalog import SHIPPED
from policy_crawler.catalog.files import source_files
from policy_crawler.errors import OperatorError
from policy_crawler.listings import FAMILIES as READERS
from policy_crawler.listings import family_of
from policy_crawler.spiders.loader import CatalogSpiderLoader, spider_path

GOOD = """
[[source]]
id = "gyb-tz"
issuer = "示例工业部"
issuer_short = "工业部"
column = "通知"
list_url = "https://www.gyb.example/tz/"
family = "trs"
publishes = "policy"
level = "central"
"""


def write(folder, text, name="own.toml"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_catalog_is_sound():
    catalog = load_catalog()
    assert {"miit-wjfb-tz", "ithome-rss", "ndrc-tz", PAGE.id} <= catalog.sources.keys()
    assert catalog.get("miit-wjfb-tz").name == "工信部 文件发布·通知"
    assert catalog.get("miit-wjfb-tz").expect.entries == 15
    assert "www.miit.gov.cn" in catalog.hosts
    assert "-" not in catalog.hosts
    for source in catalog.sources.values():
        assert source.evidence, source.id
        if source.enabled and source is not PAGE:
            assert source.ready, source.id
            assert source.seen is not None, source.id
    assert PAGE not in catalog.enabled()


def test_every_source_file_is_in_a_folder_of_its_level():
    for file in source_files(SHIPPED):
        levels = {source.level for source in read_sources(file)}
        assert levels == {file.parent.name}, file


def test_every_family_has_a_reader_and_every_source_a_class():
    assert set(READERS) | {"page"} == FAMILIES.keys()
    for name in READERS:
        assert family_of(name).name == name
    catalog = load_catalog()
    loader = CatalogSpiderLoader(catalog)
    assert loader.list() == [source.id for source in catalog.sources.values() if source.ready]
    for source in catalog.sources.values():
        spider = loader.load(source.id)
        assert (spider.name, spider.source) == (source.id, source)
        assert spider.__doc__ or spider.__mro__[1].__doc__
    assert spider_path(catalog.get("ithome-list")).endswith("NewsSpider")
    with pytest.raises(KeyError, match="Did you mean 'miit-wjfb-tz'"):
        loader.load("miit-wjfb-t")


def test_a_users_file_adds_a_source_whose_site_is_that_of_its_url(tmp_path):
    catalog = load_catalog(write(tmp_path / "sources", GOOD))
    assert catalog.get("gyb-tz").site == "www.gyb.example"
    assert catalog.get("gyb-tz") in catalog.enabled()
    assert catalog.origins["gyb-tz"].name == "own.toml"


def test_a_users_entry_is_laid_over_a_shipped_one(tmp_path):
    text = '[[source]]\nid = "miit-wjfb-tz"\nenabled = false\nexpect = { entries = 3 }\n'
    catalog = load_catalog(write(tmp_path / "sources", text))
    source = catalog.get("miit-wjfb-tz")
    assert (source.enabled, source.expect.entries, source.family) == (False, 3, "jpaas")
    assert source not in catalog.enabled()


def test_a_folder_that_is_not_there_adds_nothing(tmp_path):
    assert load_catalog(tmp_path / "none").sources.keys() == load_catalog().sources.keys()


def test_the_nearest_id_is_named():
    with pytest.raises(OperatorError, match=r"Did you mean 'ndrc-tzgg'\? See 'policy-crawler sources list'"):
        load_catalog().get("ndrc-tzg")
    with pytest.raises(OperatorError, match=r"no source named '§§§§'\. See"):
        load_catalog().get("§§§§")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ('family = "trs"', 'family = "trss"'),
            r"own.toml: source 'gyb-tz': family: no family 'trss'; there are jpaas",
        ),
        (('level = "central"', 'level = "centre"'), r"own.toml: source 'gyb-tz': level: .*'centre'"),
        (('publishes = "policy"', ""), r"publishes: Field required"),
        (('column = "通知"', 'column = "通知"\ncolum = "x"'), r"colum: Extra inputs"),
        (("https://www.gyb.example/tz/", "ftp://www.gyb.example/tz/"), r"list_url: expected an http or https URL"),
        (('column = "通知"', 'column = "通知"\nsite = "gyb.example"'), r"site: expected the host of list_url"),
        (('id = "gyb-tz"', 'id = "GYB tz"'), r"source 'GYB tz': id: "),
        (('id = "gyb-tz"', 'id = "page"'), r"source 'page' is built in"),
        (('id = "gyb-tz"', ""), r"number 1: id: expected a slug"),
        (("[[source]]", "[source]"), r"two brackets"),
        (("[[source]]", "[[sources]]"), r"sources: expected only \[defaults\] and \[\[source\]\]"),
        (("[[source]]", "[[source]"), r"own.toml: not valid TOML"),
        (('level = "central"', 'level = "central"\nlimits = ["far"]'), r"limits: no limit 'far'"),
        (('level = "central"', 'level = "central"\nparams = { tag = "x" }'), r"params: family 'trs' takes no 'tag'"),
        (('level = "central"', 'level = "central"\nexpect = { entries = 0 }'), r"expect.entries: .*\(found 0\)"),
        (('level = "central"', 'level = "central"\nevery_minutes = 1'), r"every_minutes: .*\(found 1\)"),
    ],
)
def test_mistakes_name_the_file_the_source_and_the_key(tmp_path, change, said):
    with pytest.raises(OperatorError, match=said):
        load_catalog(write(tmp_path / "sources", GOOD.replace(*change)))


def test_one_id_in_two_files_of_a_folder(tmp_path):
    folder = write(tmp_path / "sources", GOOD)
    write(folder, GOOD, "zz.toml")
    with pytest.raises(OperatorError, match=r"zz.toml: source 'gyb-tz' stands in .*own.toml already"):
        load_catalog(folder)


def test_a_file_that_is_not_text(tmp_path):
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(OperatorError, match=r"x.toml: not valid TOML"):
        load_catalog(tmp_path)


@pytest.mark.parametrize(("entries", "fewest"), [(None, 1), (1, 1), (15, 8), (24, 12)])
def test_fewer_than_half_of_the_usual_entries_is_drift(entries, fewest):
    assert Expect(entries=entries).fewest == fewest
