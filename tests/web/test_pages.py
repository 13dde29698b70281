"""The pages over an archive that two crawls filled, as a reader asks for them; nothing here needs a script."""

import re

import pytest
from support.browsing import Browser, sign_in
from support.console_texts import HOSTILE, PAGE, TITLE

from console.installation import Installation
from console.web.pages.searching import narrowed
from storage.accounts import Accounts


def document_id(here: Installation) -> int:
    return here.queries.find_documents(PAGE)[0].id


def test_an_empty_archive_says_what_to_do(browser: Browser) -> None:
    text = browser.get("/").text
    assert "档案还是空的" in text
    assert "policy-crawler crawl" in text
    for address in ("/search", "/search?q=补贴", "/desk", "/sources", "/runs", "/alerts", "/settings"):
        assert browser.get(address).status_code == 200, address


def test_what_came_in_is_told_in_the_readers_language(browser: Browser, filled: Installation) -> None:
    chinese = browser.get("/", headers={"Accept-Language": "zh-CN"}).text
    english = browser.get("/", headers={"Accept-Language": "en"}).text
    assert ("有修改" in chinese, "第一条" in chinese) == (True, True)
    assert ("changed" in english, "Article 1" in english) == (True, True)


def test_a_search_finds_marks_narrows_and_refuses(browser: Browser, filled: Installation) -> None:
    found = browser.get("/search", params={"q": "补贴"}).text
    assert "<mark>补贴</mark>" in found
    assert f'href="/documents/{document_id(filled)}"' in found
    wrong = browser.get("/search", params={"q": "issuer:"})
    assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (422, True)
    assert "没有符合条件的文件" in browser.get("/search", params={"q": "不存在的词语"}).text


def test_a_document_shows_its_text_outline_versions_and_what_changed(browser: Browser, filled: Installation) -> None:
    number = document_id(filled)
    text = browser.get(f"/documents/{number}").text
    assert "三百万元" in text
    assert text.count('href="#p') == 2  # the two chapters
    assert "<td>甲平台</td>" in text
    assert "二百万元" in browser.get(f"/documents/{number}?version=1").text
    changed = browser.get(f"/documents/{number}/diff").text
    assert re.search(r"<del>[^<]*二[^<]*</del><ins>[^<]*三[^<]*</ins>", changed)
    assert "<ins>" in browser.get(f"/documents/{number}/diff?view=sides").text
    for address in (
        f"/documents/{number}?version=9",
        "/documents/999",
        f"/documents/{2**70}",
        f"/documents/{number}/diff?after=9",
    ):
        assert browser.get(address).status_code == 404


def test_nothing_of_a_page_runs(browser: Browser, filled: Installation) -> None:
    number = document_id(filled)
    for address in ("/", "/search?q=受理", f"/documents/{number}", f"/documents/{number}/diff"):
        answer = browser.get(address)
        assert HOSTILE not in answer.text
        assert "<b>平台" not in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_an_archived_page_is_shown_in_a_sandbox(browser: Browser, filled: Installation) -> None:
    version = filled.queries.versions(document_id(filled))[0]
    answer = browser.get(f"/snapshots/{version.id}")
    assert HOSTILE in answer.text  # the bytes as they came
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert browser.get("/snapshots/999").status_code == 404


def test_people_keep_marks_that_others_see_or_do_not(
    browser: Browser, filled: Installation, accounts: Accounts
) -> None:
    page = f"/documents/{document_id(filled)}"
    sign_in(browser, "anna")
    for what, value in (("star", ""), ("tag", "补贴"), ("note", HOSTILE), ("assign", "rita"), ("read", "")):
        assert browser.fill(f"{page}/marks", on=page, what=what, value=value).status_code == 303
    shown = browser.get(page).text
    assert HOSTILE not in shown
    assert "&lt;script&gt;" in shown
    assert browser.get("/desk").text.count("items") >= 1
    assert browser.fill(f"{page}/marks", on=page, what="explode").status_code == 422
    sign_in(browser, "rita")
    assert "没有权限" in browser.fill(f"{page}/marks", on=page, what="star").text
    assert TITLE.split("<", maxsplit=1)[0] in browser.get("/desk?show=assigned").text
    assert browser.get("/alerts").status_code == 403


def test_runs_and_sources_answer_why(browser: Browser, filled: Installation) -> None:
    runs = browser.get("/runs").text
    assert 'href="/runs/1"' in runs
    assert browser.get("/runs/2").status_code == 200
    sources = browser.get("/sources").text
    identity = filled.queries.sources()[0].id
    assert f'href="/sources/{identity}"' in sources
    assert browser.get(f"/sources/{identity}").status_code == 200
    assert browser.get("/sources/nothing").status_code == browser.get("/runs/99").status_code == 404


@pytest.mark.parametrize(
    ("query", "value", "expected"),
    [
        ("补贴", "广东", "补贴 region:广东"),
        ("补贴 OR 医保", "广东/深圳", "(补贴 OR 医保) region:广东/深圳"),
        ("补贴 (a OR b)", "海 南", '补贴 (a OR b) region:"海 南"'),
    ],
)
def test_a_facet_narrows_the_whole_query(query: str, value: str, expected: str) -> None:
    assert narrowed(query, "region", value) == expected
