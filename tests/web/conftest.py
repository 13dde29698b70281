"""A console over an empty home, asked without a network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from support.archives import Crawl, first_run, reading
from support.browsing import PASSWORD, Browser
from support.console_texts import BLOCKS, HOSTILE, LATER, PAGE, TITLE

from console.installation import Installation
from console.web import passwords
from console.web.site import add_site
from storage.accounts import Accounts


@pytest.fixture
def here(home: Path) -> Installation:
    return Installation()


@pytest.fixture
def app(here: Installation) -> FastAPI:
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_site(made, here)
    return made


@pytest.fixture
def browser(app: FastAPI) -> Iterator[Browser]:
    with Browser(app, base_url="http://localhost", follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def accounts(here: Installation, password_hash: str) -> Accounts:
    """Three people: olga the operator, anna the analyst, rita the reader."""
    made = Accounts(here.engine, here.clock)
    for name, role in (("olga", "operator"), ("anna", "analyst"), ("rita", "reader")):
        made.add(name, role, password_hash)
    return made


@pytest.fixture
def filled(here: Installation) -> Installation:
    """A document with two versions, told of."""
    archive, clock = here.archive, here.clock
    first_run(archive, clock)  # type: ignore[arg-type]
    for blocks in (BLOCKS, LATER):
        crawl = Crawl(archive, clock)  # type: ignore[arg-type]
        crawl.page(PAGE, reading(title=TITLE, blocks=blocks), payload=f"<html>{HOSTILE}{blocks[1][1]}</html>")
        crawl.close()
    return here
