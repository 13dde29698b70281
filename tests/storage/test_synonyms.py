"""Synonyms: the shipped list, a user's own, and what they mean to a query."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import synonyms, tokens
from storage.errors import OperatorError
from storage.match_text import MatchText
from storage.query import parse
from storage.synonyms import Synonyms, extended, shipped


def document(body: str, title: str = "通知") -> MatchText:
    return MatchText(title=title, number=None, issuer=None, body=body, type="policy")


def test_the_shipped_list_is_in_form_and_of_use() -> None:
    found = shipped()
    assert dict(found.of("补贴")) == {"补助": "补助"}
    assert "第五代移动通信" in dict(found.of("5g"))
    assert "国家发展和改革委员会" in dict(found.of("发改委"))
    assert found.of("国家发展和改革委员会")
    assert "发改委" not in dict(found.of("国家发展和改革委员会"))  # a province's is not meant
    assert {"医疗保险", "基本医疗保险"} <= dict(found.of("医保")).keys()


@pytest.mark.parametrize(
    ("line", "asked", "found"),
    [
        ("首台套 = 首套", "首台套", ["首套"]),
        ("首台套 = 首套", "首套", ["首台套"]),
        ("首台套 => 首套 = 首批", "首台套", ["首套", "首批"]),
        ("首台套 => 首套 = 首批", "首套", []),
        ("首台套 = 首套 => 首批", "首套", ["首台套", "首批"]),
        ("首台套＝首套 # 装备", "首台套", ["首套"]),
        ("ＮＥＶ = 新能源汽車", "nev", ["新能源汽車"]),
        ("储能 = 新型储能", "储能", []),  # found by itself
        ("储能 = 新型储能", "新型储能", ["储能"]),
        ("\ufeff储能 = 蓄能", "储能", ["蓄能"]),
        ("储能 = 蓄能\n储能 => 抽蓄\n", "储能", ["蓄能", "抽蓄"]),
        ("储能 = 蓄能\n!储能", "储能", []),
        ("储能 = 蓄能\n!储能", "蓄能", []),
        ("\n# 全是注释\n", "储能", []),
    ],
)
def test_a_line_says_what_is_looked_for(line: str, asked: str, found: list[str]) -> None:
    assert [listed for _, listed in Synonyms().read(line, "mine.txt").of(tokens.canonical(asked))] == found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("补贴 = 补助\n医保", "line 2: one word alone"),
        ("补贴 = = 补助", "line 1: a word is missing"),
        ("补贴 =>", "line 1: a word is missing"),
        ("=> 补贴", "line 1: a word is missing"),
        ("补贴 => 补助 => 资助", "line 1: more than one =>"),
        ("\n\n补贴 = 补 贴", "line 3: 补 贴 stands there twice"),
        ("补贴 = ！！", "line 1: '！！' holds nothing to search for"),
        ("!", "line 1: a word is missing"),
        ("首套 = " + " = ".join(f"套{number}" for number in range(40)), "line 1: 首套 has 40 synonyms"),
    ],
)
def test_a_mistake_is_named_by_its_line(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "synonyms.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OperatorError, match=problem) as caught:
        extended([file])
    assert str(file) in str(caught.value)


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    file = tmp_path / "synonyms.txt"
    file.write_bytes("补贴 = 补助".encode("gb18030"))
    with pytest.raises(OperatorError, match="UTF-8"):
        extended([file])
    assert extended([tmp_path / "none.txt"]).of("补贴")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[None]:
    """A user's file in use in this process."""
    file = tmp_path / "synonyms.txt"
    file.write_text("以旧换新 = 换新补贴\n!补贴\n", encoding="utf-8")
    synonyms.use(file)
    yield
    synonyms.use()


@pytest.mark.usefixtures("own")
def test_the_users_list_is_what_queries_are_read_with() -> None:
    assert parse("以旧换新").matches(document("开展换新补贴")) is not None
    assert parse("以旧换新", shipped()).matches(document("开展换新补贴")) is None
    assert parse("补贴").matches(document("给予补助")) is None
    assert parse("医保").matches(document("参加医疗保险")) is not None


def test_synonyms_are_told_and_only_add() -> None:
    query = parse("医保 title:补贴 NOT 社保")
    assert query.synonyms() == {"医保": ("医疗保险", "基本医疗保险", "医疗保障"), "title:补贴": ("补助",)}
    text = document("参加医疗保险，社会保险另行规定。", "补助办法")
    hits = query.matches(text)
    assert hits is not None  # NOT leaves out what it names, no more
    assert [(hit.term, hit.place) for hit in hits] == [("医保 = 医疗保险", "body"), ("title:补贴 = 补助", "title")]
    assert parse('"医保"').matches(text) is None
    assert parse("exact:医保").synonyms() == {}
    assert parse("补助办法").synonyms() == {}


def test_a_word_that_stands_there_itself_is_told_as_written() -> None:
    hits = parse("补贴").matches(document("先补助，后补贴"))
    assert hits is not None
    assert [hit.term for hit in hits] == ["补贴"]
