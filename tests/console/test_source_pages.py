"""docs/sources.md lists every shipped source once, and says what is missing."""

import re

from console.source_pages import sources
from policy_crawler.catalog import load_catalog
from policy_crawler.catalog.issuers import DEPARTMENTS


def test_every_source_is_listed_once_with_its_state():
    page = sources()
    listed = re.findall(r"^\| `([a-z0-9-]+)` \| \[", page, re.MULTILINE)
    catalog = load_catalog()
    assert sorted(listed) == sorted(source.id for source in catalog.select())
    row = next(line for line in page.splitlines() if line.startswith("| `miit-wjfb-tz` |"))
    assert row.split(" | ")[2:5] == ["policy", "jpaas", "on"]
    doubted = catalog.get("nea-policy-tz")
    assert f"| {doubted.family} | {doubted.doubt} |" in page


def test_coverage_names_every_department_and_its_gaps():
    page = sources()
    for name in DEPARTMENTS:
        assert re.search(
            rf"^\| {name} \| [●○–] \| [●○–] \| [●○–] \| [●○–] \| [●○–] \| \d+ \| \d+ \|$", page, re.MULTILINE
        )
    assert "| 国家安全部 | – | – | – | – | – | 0 | 0 |" in page
    assert "### Gaps" in page
    gaps = page.partition("### Gaps")[2].partition("## All sources")[0]
    assert "外交部" in gaps
    assert "{" not in gaps
