"""Sources chosen by what they have in common, by packs, by what a watch names, and by what the user keeps."""

import pytest

from policy_crawler.catalog import Catalog, Source, load_catalog
from policy_crawler.catalog.packs import in_region
from policy_crawler.errors import OperatorError


def entry(source_id, **changes):
    base = {
        "id": source_id,
        "issuer": "广东省财政厅",
        "issuer_short": "广东财政厅",
        "column": "通知",
        "list_url": f"https://{source_id}.example/",
        "family": "trs",
        "publishes": "policy",
        "level": "province",
        "region": "广东",
        "topics": ("财政",),
    }
    return Source.model_validate({**base, **changes})


CATALOG = Catalog(
    [
        entry("czt-tz"),
        entry("czt-jd", publishes="interpretation", ready=False, doubt="old"),
        entry(
            "szfgw",
            issuer="深圳市发展和改革委员会",
            issuer_short="深圳市发改委",
            level="city",
            region="广东/深圳",
            topics=(),
        ),
        entry(
            "miit",
            issuer="工业和信息化部",
            issuer_short="工信部",
            level="central",
            region="",
            topics=("工业",),
            family="jpaas",
        ),
    ]
)


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        ({}, ["czt-tz", "czt-jd", "szfgw", "miit"]),
        ({"issuer": "财政厅"}, ["czt-tz", "czt-jd"]),
        ({"issuer": "工信部"}, ["miit"]),
        ({"level": "city"}, ["szfgw"]),
        ({"region": "广东"}, ["czt-tz", "czt-jd", "szfgw"]),
        ({"region": "深圳市"}, ["szfgw"]),
        ({"topic": "财政", "ready": True}, ["czt-tz"]),
        ({"family": "jpaas"}, ["miit"]),
        ({"publishes": "interpretation"}, ["czt-jd"]),
        ({"ready": False}, ["czt-jd"]),
        ({"enabled": False}, []),
    ],
)
def test_select(chosen, ids):
    assert [source.id for source in CATALOG.select(**chosen)] == ids


@pytest.mark.parametrize(
    ("region", "wanted", "inside"),
    [
        ("广东/深圳/龙岗区", "广东", True),
        ("广东/深圳/龙岗区", "深圳", True),
        ("广东/深圳/龙岗区", "广东省/深圳市", True),
        ("广东/深圳/龙岗区", "龙岗区", True),
        ("广东/深圳", "广州", False),
        ("", "广东", False),
        ("广东", "", True),
    ],
)
def test_a_region_lies_in_another(region, wanted, inside):
    assert in_region(region, wanted) is inside


def test_an_unknown_pack_names_those_there_are():
    with pytest.raises(OperatorError, match=r"no pack named 'finanse'; there are starter, "):
        load_catalog().select(pack="finanse")


def test_a_users_pack(tmp_path):
    (tmp_path / "packs.toml").write_text(
        '[mine]\ntitle = "我的"\nids = ["ndrc-tz"]\nregions = ["福建"]\n', encoding="utf-8"
    )
    catalog = load_catalog(tmp_path)
    mine = catalog.select(pack="mine")
    assert "ndrc-tz" in {source.id for source in mine}
    assert {source.region.split("/")[0] for source in mine} == {"", "福建"}
    (tmp_path / "packs.toml").write_text('[mine]\ntitle = "我的"\nlevel = ["city"]\n', encoding="utf-8")
    with pytest.raises(OperatorError, match=r"packs.toml: mine.level: Extra inputs"):
        load_catalog(tmp_path)


def test_a_watch_names_a_source_or_an_issuer():
    catalog = load_catalog()
    assert [source.id for source in catalog.named("nda-tzgg")] == ["nda-tzgg"]
    by_short = {source.id for source in catalog.named("国家数据局")}
    assert {"nda-zcfb", "nda-tzgg"} <= by_short
    assert {source.id for source in catalog.named("工信部")} == {
        source.id for source in catalog.named("工业和信息化部")
    }
    assert all(source.ready for source in catalog.named("国家金融监督管理总局"))
    assert catalog.named("nfra-901")[0].ready is False
    assert catalog.named("没有这个部门") == []
    assert catalog.named("") == []


def test_the_users_choices_lie_over_all_files(tmp_path):
    (tmp_path / "own.toml").write_text('[[source]]\nid = "ndrc-tz"\nenabled = false\n', encoding="utf-8")
    (tmp_path / "choices.toml").write_text(
        '[[source]]\nid = "ndrc-tz"\nenabled = true\n\n[[source]]\nid = "mwr-gfxwj"\nenabled = true\n', encoding="utf-8"
    )
    catalog = load_catalog(tmp_path)
    assert catalog.get("ndrc-tz").enabled
    assert catalog.get("mwr-gfxwj").enabled
    assert catalog.get("mwr-gfxwj") in catalog.enabled()
    assert not load_catalog().get("mwr-gfxwj").enabled


def test_what_left_the_catalog_is_told_and_stops_nothing(tmp_path):
    (tmp_path / "own.toml").write_text('[[source]]\nid = "gone-tz"\nenabled = true\n', encoding="utf-8")
    (tmp_path / "choices.toml").write_text('[[source]]\nid = "gone-gg"\nenabled = true\n', encoding="utf-8")
    catalog = load_catalog(tmp_path)
    assert [notice.rpartition("/")[2] for notice in catalog.notices] == [
        "own.toml: source 'gone-tz' is in the catalog no more",
        "choices.toml: source 'gone-gg' is in the catalog no more",
    ]
    assert "gone-tz" not in catalog.sources


def test_a_users_source_is_on_and_keeps_its_rights(tmp_path):
    (tmp_path / "own.toml").write_text(
        '[[source]]\nid = "own-tz"\nissuer = "自己"\nissuer_short = "自己"\ncolumn = "通知"\n'
        'list_url = "https://own.example/tz/"\nfamily = "trs"\npublishes = "policy"\n'
        'level = "city"\nregion = "广东/深圳"\n',
        encoding="utf-8",
    )
    catalog = load_catalog(tmp_path)
    assert catalog.get("own-tz").enabled
    assert catalog.get("own-tz") in catalog.select(region="深圳", enabled=True)
    assert "own.example" in catalog.hosts
