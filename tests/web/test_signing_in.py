"""Who is let in, and what forged requests get."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from support.browsing import PASSWORD, Browser, sign_in

from console.installation import Installation
from console.web.headers import BODY_LIMIT
from console.web.pages.signing_in import same_site
from console.web.people import FIELD, SIGN_IN
from console.web.site import add_site, declared, routes
from console.web.throttle import Throttle
from storage.accounts import Accounts
from storage.clock import Clock


def test_every_route_declares_who_may_ask_for_it(app: FastAPI) -> None:
    said = {(method, route.path): declared(route) for route in routes(app) for method in route.methods}
    assert None not in said.values()
    assert said["POST", "/documents/{document_id}/marks"] == "analyst"
    assert said["GET", "/api/v1/search"] == said["GET", "/"] == "reader"
    assert {path for (_, path), role in said.items() if role == "open"} == {
        "/sign-in", "/sign-out", "/api/v1/openapi.json",
    }  # fmt: skip


def test_a_console_with_a_route_that_declares_nothing_does_not_start(here: Installation) -> None:
    app = FastAPI()
    app.get("/secret")(lambda: "everything")
    with pytest.raises(RuntimeError, match="/secret"):
        add_site(app, here)


@pytest.mark.parametrize("way", ["nobody", "wrong token", "other method", "slash"])
def test_W1_no_route_answers_who_is_not_let_in(app: FastAPI, browser: Browser, accounts: Accounts, way: str) -> None:
    headers = {"Authorization": "Bearer pcr_wrong"} if way == "wrong token" else {}
    for route in routes(app):
        if declared(route) == "open":
            continue
        address = route.path.format(document_id=1, seq=1, run_id=1, source_id="x", snapshot_version=1)
        method = next(iter(route.methods - {"HEAD"}))
        if way == "other method":
            headers = {"X-HTTP-Method-Override": "GET", "Sec-Fetch-Site": "same-origin"}
            method = "POST" if method == "GET" else "PUT"
        answer = browser.request(method, address + ("/" if way == "slash" and address != "/" else ""), headers=headers)
        assert answer.status_code in {303, 307, 401, 404, 405}, (method, address, answer.status_code)
        assert answer.status_code != 303 or answer.headers["location"].startswith("/sign-in")
        assert "kept" not in answer.text


def test_people_sign_in_and_out(browser: Browser, accounts: Accounts) -> None:
    shown = browser.get("/settings?x=1")
    assert (shown.status_code, shown.headers["location"]) == (303, "/sign-in?next=%2Fsettings%3Fx%3D1")
    answer = browser.fill("/sign-in", on="/sign-in?next=/settings", name=" Anna ", password=PASSWORD, next="/settings")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    cookie = answer.headers["set-cookie"]
    assert all(flag in cookie for flag in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert accounts.signed_in(browser.cookies[SIGN_IN]) is not None
    secret = browser.cookies[SIGN_IN]
    assert browser.fill("/sign-out", on="/nothing").headers["location"] == "/sign-in"
    assert accounts.signed_in(secret) is None


def test_a_sign_in_of_before_is_not_taken_over(browser: Browser, accounts: Accounts) -> None:
    browser.cookies.set(SIGN_IN, "chosen-by-another")
    answer = browser.fill("/sign-in", name="anna", password=PASSWORD)
    assert "chosen-by-another" not in answer.headers["set-cookie"]
    assert accounts.signed_in("chosen-by-another") is None


def test_a_wrong_password_says_the_same_for_all_names_and_waits_after_five(
    browser: Browser, accounts: Accounts
) -> None:
    said = [browser.fill("/sign-in", name=name, password="wrong password").text for name in ("anna", "nobody")]
    assert said[0].replace("anna", "nobody").count("不正确") == said[1].count("不正确") == 1
    for _ in range(4):
        assert browser.fill("/sign-in", name="anna", password="wrong password").status_code == 403
    answer = browser.fill("/sign-in", name="anna", password=PASSWORD)
    assert (answer.status_code, 840 < int(answer.headers["retry-after"]) <= 900) == (429, True)
    sign_in(browser, "rita")


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "\\evil", "javascript:alert(1)", "https://evil.example/", "/a\r\nX: y", ""],
)
def test_signing_in_leads_to_no_other_site(address: str) -> None:
    assert same_site(address) == "/"
    assert same_site("/search?q=补贴") == "/search?q=补贴"


def test_a_form_of_another_site_changes_nothing(browser: Browser, accounts: Accounts) -> None:
    sign_in(browser, "olga")
    secret = browser.cookies[SIGN_IN]
    forged = (
        {"headers": {"Origin": "https://evil.example"}},
        {"headers": {"Origin": "null"}},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
        {"headers": {}},
        {"data": {FIELD: "0" * 64}, "headers": {"Origin": "http://localhost"}},
    )
    assert [browser.post("/sign-out", **sent).status_code for sent in forged] == [403] * len(forged)  # type: ignore[arg-type]
    assert browser.get("/sign-out").status_code == 405
    assert accounts.signed_in(secret) is not None


def test_the_console_is_served_under_its_own_names_only(browser: Browser) -> None:
    for host in ("evil.example", "localhost.evil.example", "", "169.254.169.254"):
        answer = browser.get("/sign-in", headers={"Host": host})
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (421, "nosniff")
    assert browser.get("/nothing", headers={"Host": "127.0.0.1:8000"}).status_code == 404


def test_what_is_too_large_is_refused(browser: Browser) -> None:
    assert browser.post("/sign-in", content=b"x" * (BODY_LIMIT + 1)).status_code == 413
    assert browser.get("/search?q=" + "x" * 9_000).status_code == 414

    def parts() -> object:
        for _ in range(20):
            yield b"x" * 100_000

    assert browser.post("/sign-in", content=parts()).status_code in {400, 403, 413}  # type: ignore[arg-type]


def test_a_token_is_asked_for_what_it_may(browser: Browser, accounts: Accounts) -> None:
    answer = browser.get("/settings", headers={"Authorization": "Bearer pcr_nothing", "Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.json()["title"] == "not signed in"


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    clock = Clock()
    throttle = Throttle(clock, 2, timedelta(minutes=15))
    throttle.count("a")
    throttle.count("a")
    assert throttle.wait("a") == 900
    back = Throttle(Clock(offset=timedelta(hours=-1)), 2, timedelta(minutes=15))
    back._seen = throttle._seen
    assert back.wait("a") == 0
