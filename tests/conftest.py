"""Fixtures for every test; helper modules of the tests live in support/."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The repository first: tests/storage and tests/schedules would hide the packages of those names.
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

# What must be present, by POLICY_REQUIRE=postgres,chromium,corpus: then a missing one fails instead of skipping.
REQUIRED = frozenset(filter(None, os.environ.get("POLICY_REQUIRE", "").split(",")))


def missing(what: str, message: str) -> None:
    """Skip the test with `message`, or fail it where `what` is required."""
    if what in REQUIRED:
        pytest.fail(f"required by POLICY_REQUIRE: {message}", pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real pages (pages/, seed/), named by POLICY_CORPUS."""
    folder = Path(os.environ.get("POLICY_CORPUS", "")) if os.environ.get("POLICY_CORPUS") else None
    if folder is None or not (folder / "pages").is_dir():
        missing("corpus", "no real pages here: set POLICY_CORPUS to a folder that holds pages/ and seed/")
    assert folder is not None
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A running PostgreSQL: its URL with {} for the database."""
    from support import postgres

    binaries = postgres.find_binaries()
    if binaries is None:
        missing("postgres", postgres.MISSING)
    assert binaries is not None
    with postgres.running(binaries) as url:
        yield url


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of the installation, named by POLICY_CRAWLER_HOME."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    for name in [name for name in os.environ if name.startswith("POLICY_CRAWLER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("POLICY_CRAWLER_HOME", str(folder))
    return folder
