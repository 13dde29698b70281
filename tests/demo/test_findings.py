"""The demonstration calls a wrong outcome wrong: each single deviation is told in words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from console.demo.findings import Change, Counter, First, Page, Policy, Second, clause_of, differences
from console.demo.site import ADDED, CHANGED, COUNTED, WITHDRAWN, DemoSite
from storage.records import ClauseChange

OK = (("demo-gxb-tz", "ok"), ("demo-fgw-tz", "ok"), ("demo-fgw-jd", "ok"), ("demo-news", "ok"))
CLAUSE = ClauseChange("changed", "第八条", "第八条 不少于20万台（套）", "第八条 不少于30万台（套）")


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite(date(2026, 11, 24)) as served:
        yield served


@pytest.fixture
def right(site: DemoSite) -> tuple[First, Second]:
    """What a right demonstration finds."""
    urls = {key: item.url for key, item in site.documents.items()}
    policy = Policy("计划", urls["work-plan"], 4, "示工信信函〔2026〕86号", "示例工业和信息化部", None, None, ())
    first = First(30, 4, Page("新闻", urls["news-plan"]), policy, "url", OK)
    second = Second(
        added=(Page("新", urls[ADDED]),),
        changed=(Change("变", urls[CHANGED[0]], (CLAUSE,)),),
        missing=(Page("缺", urls[WITHDRAWN]),),
        blocked=(("demo-fgw-jd", "says '网站防火墙'"),),
        counter=Counter("数", urls[COUNTED], 198, 1509, 200, 1),
        others=(),
        verdicts=tuple((source, "blocked" if source == "demo-fgw-jd" else "ok") for source, _ in OK),
    )
    return first, second


def test_the_right_outcome_has_no_differences(site: DemoSite, right: tuple[First, Second]) -> None:
    assert differences(*right, site) == []
    assert right[1].counts == {"added": 1, "changed": 1, "missing": 1, "blocked": 1}
    assert clause_of(right[1]) == {"label": "第八条", "before": CLAUSE.before, "after": CLAUSE.after}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"documents": 29}, "documents in the archive: expected 30, found 29"),
        ({"attachments": 3}, "attachments"),
        ({"news": None}, "news report"),
        ({"tied_by": "title"}, "tied by: expected 'url', found 'title'"),
        ({"verdicts": OK[1:]}, "first run of demo-gxb-tz: expected ['ok'], found []"),
    ],
)
def test_a_wrong_first_crawl_is_told(
    site: DemoSite, right: tuple[First, Second], wrong: dict[str, Any], words: str
) -> None:
    first, second = right
    (told,) = differences(replace(first, **wrong), second, site)
    assert told.startswith(words)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"added": ()}, "added"),
        ({"added": (Page("别的", "http://www.gxb.example/"),)}, "added"),
        ({"missing": ()}, "missing"),
        ({"blocked": ()}, "blocked"),
        ({"others": ("withdrawn: 某通知",)}, "other events: expected [], found ['withdrawn: 某通知']"),
        ({"counter": None}, "the page with the view counter was not looked at again"),
        ({"verdicts": OK}, "second run of demo-fgw-jd: expected ['blocked'], found ['ok']"),
    ],
)
def test_a_wrong_second_crawl_is_told(
    site: DemoSite, right: tuple[First, Second], wrong: dict[str, Any], words: str
) -> None:
    first, second = right
    (told,) = differences(first, replace(second, **wrong), site)
    assert told.startswith(words)


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        (replace(CLAUSE, label="第七条"), "changed clauses: expected ['第八条'], found ['第七条']"),
        (
            replace(CLAUSE, after="第八条 不少于40万台（套）"),
            "第八条: expected '20万台（套）' to become '30万台（套）'",
        ),
    ],
)
def test_a_wrong_clause_is_told(site: DemoSite, right: tuple[First, Second], clause: ClauseChange, words: str) -> None:
    first, second = right
    wrong = replace(second, changed=(replace(second.changed[0], clauses=(clause,)),))
    (told,) = differences(first, wrong, site)
    assert told.startswith(words)


def test_a_counter_that_made_a_version_or_a_304_that_hid_it_is_told(
    site: DemoSite, right: tuple[First, Second]
) -> None:
    first, second = right
    assert second.counter is not None
    wrong = replace(second, counter=replace(second.counter, status=304, versions=2))
    assert len(differences(first, wrong, site)) == 2


def test_no_clause_or_several_are_no_changed_clause(right: tuple[First, Second]) -> None:
    second = right[1]
    assert clause_of(replace(second, changed=())) is None
    assert clause_of(replace(second, changed=second.changed * 2)) is None
