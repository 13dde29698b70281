"""One slip in an entry of the catalog is found: by a crawl of each family with a wrong path, id, paging or family."""

import pytest
from simulator.comparing import column_of
from simulator.damage import damages
from simulator.run import Outcome, crawl_in_processes, crawlable
from simulator.table import Column

from policy_crawler.catalog import Source
from policy_crawler.catalog.families import FAMILIES
from policy_crawler.reading.model import DocumentType

# No column of the catalog is served by VSB yet; the table has one for this test.
VSB = Source(
    id="vsb-example",
    issuer="示例大学",
    issuer_short="示例大学",
    site="www.example.edu.cn",
    column="通知公告",
    list_url="https://www.example.edu.cn/tzgg.htm",
    family="vsb",
    publishes=DocumentType.POLICY,
    level="city",
    region="示例/示例",
)


def _examples() -> dict[str, tuple[Source, Column]]:
    """Of each family the trusted entry that is told the most."""
    found: dict[str, tuple[Source, Column]] = {}
    for source in sorted([*crawlable(), VSB], key=lambda source: (not source.ready, -len(source.params), source.id)):
        column = column_of(source)
        if column is not None and source.family not in found:
            found[source.family] = (source, column)
    return found


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Outcome]]:
    """By family and damage; "" is the entry as it stands."""
    jobs: dict[str, tuple[Source, Column]] = {}
    names: dict[str, tuple[str, str]] = {}
    for family, (source, column) in _examples().items():
        for number, (what, spoilt) in enumerate([("", source), *damages(source, column)]):
            name = f"{family.replace('_', '-')}-{number}"
            jobs[name] = (spoilt.model_copy(update={"id": name}), column)
            names[name] = (family, what)
    found: dict[str, dict[str, Outcome]] = {}
    for outcome in crawl_in_processes(list(jobs.values()), tmp_path_factory.mktemp("damaged"), apart=True):
        family, what = names[outcome.source]
        found.setdefault(family, {})[what] = outcome
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("family", sorted(FAMILIES.keys() - {"page"}))
def test_a_damaged_entry_fails(family: str, outcomes: dict[str, dict[str, Outcome]]) -> None:
    found = dict(outcomes[family])
    whole = found.pop("")
    assert whole.problems == (), str(whole)
    assert len(found) >= 2, "a family of which nothing can be damaged"
    assert [what for what, outcome in found.items() if not outcome.problems] == []
