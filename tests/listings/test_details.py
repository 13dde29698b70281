"""Where documents are read from that a script draws; every other URL is left alone."""

import pytest

from policy_crawler.listings import FAMILIES, family_of
from policy_crawler.listings.details import detail_url


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        (
            "https://www.nfra.gov.cn/cn/view/pages/ItemDetail.html?docId=1230001&itemId=928&generaltype=0",
            "https://www.nfra.gov.cn/cn/static/data/DocInfo/SelectByDocId/data_docId=1230001.json",
        ),
        (
            "https://www.nfra.gov.cn/cn/view/pages/governmentDetail.html?docId=1&itemId=2",
            "https://www.nfra.gov.cn/cn/static/data/DocInfo/SelectByDocId/data_docId=1.json",
        ),
        (
            "https://flk.npc.gov.cn/detail?id=ff8081819a&title=%E6%9F%90%E6%B3%95",
            "https://flk.npc.gov.cn/law-search/search/flfgDetails?bbbs=ff8081819a",
        ),
        (
            "http://www.npc.gov.cn/flcaw/userIndex.html?lid=ff80818190",
            "http://www.npc.gov.cn/flcaw/flca/ff80818190/info/",
        ),
        (
            "https://sfj.cq.gov.cn/xzwjk/page/shizhengfu/guizhangku/detail.html?id=77",
            "https://sfj.cq.gov.cn/xzwjk/fileLib/data/detail/77",
        ),
    ],
)
def test_documents_that_a_script_draws(seen: str, read: str) -> None:
    assert detail_url(seen) == read
    assert detail_url(read) == read  # nothing is led on twice


@pytest.mark.parametrize(
    "url",
    [
        "https://www.nfra.gov.cn/cn/view/pages/ItemDetail.html",
        "https://www.nfra.gov.cn/cn/view/pages/ItemDetail.html?docId=../../secret",
        "https://other.example/cn/view/pages/ItemDetail.html?docId=1",
        "https://www.example.gov.cn/detail?id=1",
        "https://flk.npc.gov.cn/search?id=1",
        "https://www.gov.cn/zhengce/content/202611/content_7050001.htm",
    ],
)
def test_other_urls_are_left_alone(url: str) -> None:
    assert detail_url(url) == url


def test_every_family_answers_with_a_url_of_the_same_host() -> None:
    url = "https://www.nfra.gov.cn/cn/view/pages/ItemDetail.html?docId=1"
    for name in FAMILIES:
        assert family_of(name).fetch_url(url).startswith("https://www.nfra.gov.cn/"), name
