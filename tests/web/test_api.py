"""The API over an archive that two crawls filled, as a program asks it."""

import pytest
from support.browsing import Browser
from support.console_texts import PAGE

from console.installation import Installation
from storage.accounts import Accounts


@pytest.fixture
def number(filled: Installation) -> int:
    return filled.queries.find_documents(PAGE)[0].id


def test_a_document_is_found_read_and_compared(browser: Browser, number: int) -> None:
    found = browser.get("/api/v1/search", params={"q": "补贴", "facets": True}).json()
    assert (found["count"], found["count_exact"], found["after"]) == (1, True, None)
    (hit,) = found["hits"]
    assert hit["document_id"] == number
    assert "补贴" in {hit["snippet"][start:end] for start, end in hit["highlights"]}
    assert found["facets"]["type"] == [["policy", 1]]
    told = browser.get(f"/api/v1/documents/{number}").json()
    assert (told["versions"], told["issuer"]) == (2, "工业和信息化部")
    first = browser.get(f"/api/v1/documents/{number}/versions/1").json()
    assert ["article", "第一条 每个平台的补贴不超过二百万元。"] in first["blocks"]
    (change,) = browser.get(f"/api/v1/documents/{number}/diff", params={"before": 1, "after": 2}).json()
    assert (change["operation"], change["label"]) == ("changed", "第一条")
    assert browser.get(f"/api/v1/documents/{number}/references").json() == []
    assert [event["kind"] for event in browser.get("/api/v1/events").json()["events"]] == ["added", "changed"]
    assert sum(source["documents"] for source in browser.get("/api/v1/sources").json()) == 1
    assert len(browser.get("/api/v1/runs").json()) == 3


def test_what_has_not_changed_is_not_sent_again(browser: Browser, number: int) -> None:
    tag = browser.get(f"/api/v1/documents/{number}").headers["etag"]
    answer = browser.get(f"/api/v1/documents/{number}", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/documents/999", 404),
        ("/api/v1/documents/0", 422),
        (f"/api/v1/documents/{2**70}", 422),
        ("/api/v1/search", 422),
        ("/api/v1/search?q=(", 422),
        ("/api/v1/search?q=x&limit=100000", 422),
        ("/api/v1/search?q=x&after=nothing", 422),
        ("/api/v1/nothing", 404),
    ],
)
def test_errors_are_problems_that_say_what_to_do(browser: Browser, address: str, status: int) -> None:
    answer = browser.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_a_program_needs_a_token_where_there_are_accounts(browser: Browser, number: int, accounts: Accounts) -> None:
    assert browser.get("/api/v1/sources").status_code == 401
    secret, row = accounts.add_token("rita", "reading", ("read",))
    headers = {"Authorization": f"Bearer {secret}"}
    assert browser.get("/api/v1/sources", headers=headers).status_code == 200
    assert browser.post(f"/documents/{number}/marks", headers=headers, data={"what": "star"}).status_code == 403
    accounts.revoke(row.id)
    assert browser.get("/api/v1/sources", headers=headers).status_code == 401


def test_the_api_tells_itself(browser: Browser, accounts: Accounts) -> None:
    told = browser.get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.")
    assert set(told["paths"]) >= {"/api/v1/search", "/api/v1/documents/{document_id}", "/api/v1/events"}
