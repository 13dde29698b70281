"""Every entry of the shipped catalog is crawled over two pages of its list, against sites that refuse what is wrong."""

from pathlib import Path

import pytest
from simulator.run import crawlable, run
from simulator.sites import of
from simulator.table import columns


@pytest.mark.timeout(1200)  # three minutes on two free cores (2026-11)
def test_every_entry_is_crawled(tmp_path: Path) -> None:
    sources = crawlable()
    outcomes = run(sources, tmp_path)
    failures = [str(outcome) for outcome in outcomes if outcome.problems]
    assert not failures, "\n".join([f"{len(failures)} of {len(outcomes)} failed:", *failures])
    assert [outcome.source for outcome in outcomes] == sorted(source.id for source in sources)


def test_no_two_columns_share_a_document() -> None:
    """Else a crawl of one could pass by the pages of another."""
    seen: dict[str, str] = {}
    for column in columns().values():
        site = of(column)
        for document in site.listed(1)[:3]:
            address = site.address(document)
            assert seen.setdefault(address, column.id) == column.id, address
            assert seen.setdefault(document.title, column.id) == column.id, document.title
