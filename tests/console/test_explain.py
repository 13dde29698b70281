"""`read --explain`: why a field says what it says, for people and for programs."""

import pytest

PAGE = """<html><head><meta charset="utf-8"><title>示例部关于加强数据管理的通知</title>
<meta name="ArticleTitle" content="示例部关于加强数据管理的通知"><meta name="PubDate" content="2026-03-06 10:20"></head>
<body><h1>示例部关于加强数据管理的通知</h1><div>发布时间：2026-03-05</div><div class="TRS_Editor"><p>各有关单位：</p>
<p>为加强数据管理，现就有关事项通知如下，请认真贯彻执行。</p>
<p>本通知自2026年4月1日起施行，有效期5年。</p><p>示例部</p><p>2026年3月1日</p></div></body></html>"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    return tmp_path


def test_a_person_sees_evidence_runners_up_and_the_order(command, folder):
    answer = command("read", "page.html", "--explain", cwd=folder)
    assert answer.code == 0, answer.err
    assert "published  2026-03-05" in answer.out
    assert "from   label 发布时间 (0.90)" in answer.out
    assert "not    2026-03-06T10:20:00+08:00  (meta pubdate, 0.85)" in answer.out
    assert "order  " in answer.out
    assert "validity today  " in answer.out


def test_a_program_gets_the_same_as_objects(command, folder):
    (page,) = command("read", "page.html", "--explain", "--json", cwd=folder).lines
    published = page["explained"]["fields"]["published"]
    assert (published["value"], published["source"]) == ("2026-03-05", "label 发布时间")
    assert [other["value"] for other in published["alternatives"]] == ["2026-03-06T10:20:00+08:00"]
    assert published["rule"]
    assert page["alternatives"]["published"][0]["source"] == "meta pubdate"
    assert page["explained"]["validity_today"]["reason"]


def test_without_it_the_runners_up_are_there_and_the_rules_are_not(command, folder):
    (page,) = command("read", "page.html", "--json", cwd=folder).lines
    assert "explained" not in page
    assert page["alternatives"]["published"]
    assert (page["effective"], page["expires"]) == ("2026-04-01", "2031-04-01")
