"""A reading says why: evidence, what other sources said, the rule that chose."""

# ruff: noqa: E501  (pages stand as they are served)

from collections.abc import Callable
from datetime import date

from support.reading_pages import PROSE, document

from policy_crawler.reading import Reading, explain
from policy_crawler.reading.explain import RULES

Read = Callable[..., Reading]

PAGE = document(
    "<table><tr><td>索引号</td><td>1/2026-1</td><td>发文机关</td><td>示例局</td><td>文号</td><td>示发〔2026〕3号</td></tr>"
    "<tr><td>发布日期</td><td>2026-03-01</td><td>成文日期</td><td>2026-02-27</td><td>责任部门</td><td>信息中心</td></tr></table>"
    f"<h1>示例局关于做好试点工作的通知</h1><div id='zoom'><p>示发［２０２６］３号</p>{PROSE}<p>示例局办公室</p><p>2026年2月28日</p></div>",
    head='<meta name="ArticleTitle" content="关于做好试点工作的通知"><meta name="PubDate" content="2026-03-02 04:58">',
)


def test_two_sources_that_disagree_are_both_kept(reading_of: Read) -> None:
    reading = reading_of(PAGE)
    assert reading.published == date(2026, 3, 1)
    ((value, evidence), *_) = reading.alternatives["published"]
    assert (str(value)[:10], evidence.source) == ("2026-03-02", "meta pubdate")
    assert [value for value, _ in reading.alternatives["written"]] == [date(2026, 2, 28)]
    assert ("示例局关于做好试点工作的通知", "h1") in [
        (value, evidence.source) for value, evidence in reading.alternatives["title"]
    ]
    assert "信息中心" in [value for value, _ in reading.alternatives["issuer"]]


def test_sources_that_agree_are_no_alternatives(reading_of: Read) -> None:
    reading = reading_of(PAGE)
    assert "doc_number" not in reading.alternatives  # the same number in full width
    assert "index_number" not in reading.alternatives


def test_each_explained_field_names_its_evidence_and_rule(reading_of: Read) -> None:
    reading = reading_of(PAGE)
    whys = {why.field: why for why in explain(reading)}
    assert set(whys) == {"title", "published", "issuer", "doc_number", "index_number", "kind", "written", "body"}
    assert whys["published"].evidence.source == "label 发布日期"
    assert whys["published"].rule == RULES["published"]
    assert whys["published"].alternatives == reading.alternatives["published"]
    assert all(0 < why.evidence.confidence <= 1 for why in whys.values())


def test_every_field_that_can_have_evidence_has_a_rule(reading_of: Read) -> None:
    assert set(reading_of(PAGE).evidence) <= set(RULES)
