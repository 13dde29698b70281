"""docs/sources.md: every source that is shipped, what is covered and what is missing; made from the catalog."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from policy_crawler.catalog import FAMILIES, LIMITS, VERIFIED, Catalog, Source, load_catalog
from policy_crawler.catalog.issuers import DEPARTMENTS, short_name
from policy_crawler.catalog.regions import PROVINCES
from policy_crawler.reading.model import DocumentType

HEAD = """\
Made from the catalog by `make docs`. A **source** is one column or feed of a site. It is *ready* when its entry is
trusted: published crawlers read it so, or the site answered; what is not ready says why. It is *on* when an
installation crawls it from the start; the rest waits for `policy-crawler sources enable` with ids, `--issuer`,
`--level`, `--region`, `--topic` or `--pack`. *Verified* says how an entry was tried."""

COVERED = (DocumentType.POLICY, DocumentType.INTERPRETATION, DocumentType.CONSULTATION)
COVERAGE = """\
Ready columns by body: ● has one, ○ has one that is not ready, – has none here. *API* means that a list is asked for as
data, not read from a page. Columns of notices may hold consultations too; only columns of their own count."""

# How a list is served as data; the rest are pages.
DATA = frozenset(
    {"ucap_api", "jpaas_search", "jpolicy", "trs_search", "gkmlpt", "govcn_search", "govcn_json", "xinhua", "nfra"}
    | {"cac", "flk", "ndrc_query", "api", "sichuan", "suzhou", "hanweb_xxgk"}
)
LEVELS = {
    "central": "Central bodies",
    "province": "Provinces",
    "city": "Cities",
    "district": "Districts",
    "news": "News",
}


def sources() -> str:
    """The whole page, of the shipped catalog alone."""
    catalog = load_catalog()
    every = catalog.select()
    parts = [
        "# Sources",
        HEAD,
        _counts(every),
        _legend("How a list is served", FAMILIES, _count(source.family for source in every)),
        _legend("Limits of a site", LIMITS, _count(limit for source in every for limit in source.limits)),
        _legend("How entries were tried", VERIFIED, _count(source.verified for source in every)),
        _packs(catalog),
        "## Coverage",
        COVERAGE,
        _departments(every),
        _provinces(every),
        _gaps(every),
        *_lists(every),
    ]
    return "\n\n".join(parts) + "\n"


def _counts(every: Sequence[Source]) -> str:
    rows = []
    for level, title in (*LEVELS.items(), ("", "all")):
        chosen = [source for source in every if level in {"", source.level}]
        ready = sum(source.ready for source in chosen)
        on = sum(source.enabled for source in chosen)
        hosts, bodies = len({source.site for source in chosen}), len({source.issuer for source in chosen})
        rows.append((title, len(chosen), ready, on, bodies, hosts))
    return _table(("level", "sources", "ready", "on", "bodies", "hosts"), rows)


def _legend(title: str, words: dict[str, str], counts: dict[str, int]) -> str:
    rows = [(f"`{name}`", meaning, counts.get(name, 0)) for name, meaning in words.items() if name != "page"]
    return f"## {title}\n\n" + _table(("word", "meaning", "sources"), rows)


def _packs(catalog: Catalog) -> str:
    rows = [
        (f"`{name}`", pack.title, len(catalog.select(pack=name)), len(catalog.select(pack=name, ready=True)))
        for name, pack in catalog.packs.items()
    ]
    return "## Packs\n\n" + _table(("pack", "what it holds", "sources", "ready"), rows)


def _departments(every: Sequence[Source]) -> str:
    by_issuer = _grouped(source for source in every if source.level == "central")
    departments = [(name, by_issuer.get(name, [])) for name in DEPARTMENTS]
    others = sorted(((name, found) for name, found in by_issuer.items() if name not in DEPARTMENTS), key=_most_first)
    return "\n\n".join(
        [
            "### The departments of the State Council",
            _coverage("department", departments),
            "### Other central bodies",
            _coverage("body", others),
        ]
    )


def _provinces(every: Sequence[Source]) -> str:
    governments, below = [], []
    for full, (short, _, _) in PROVINCES.items():
        here = [source for source in every if source.level == "province" and source.region == short]
        governments.append((full, [source for source in here if source.issuer == f"{full}人民政府"]))
        others = [source for source in here if source.issuer != f"{full}人民政府"]
        cities = [source for source in every if source.region.startswith(f"{short}/")]
        below.append((full, len(_grouped(others)), len(others), len(_grouped(cities)), len(cities)))
    header = ("province", "bodies of the province", "sources", "bodies of cities and districts", "sources")
    return "\n\n".join(
        [
            "### Governments of the provinces",
            _coverage("government", governments),
            "### Below them",
            _table(header, below),
        ]
    )


def _coverage(what: str, bodies: Iterable[tuple[str, Sequence[Source]]]) -> str:
    rows = []
    for name, found in bodies:
        marks = [_mark([source for source in found if source.publishes is kind]) for kind in COVERED]
        api = _mark([source for source in found if source.family in DATA])
        feed = _mark([source for source in found if source.family == "feed"])
        rows.append((name, *marks, api, feed, len(found), sum(source.ready for source in found)))
    return _table((what, "policy", "interpretation", "consultation", "API", "feed", "sources", "ready"), rows)


def _mark(found: Sequence[Source]) -> str:
    return "–" if not found else "●" if any(source.ready for source in found) else "○"


GAPS = """\
### Gaps

- Departments without a ready column of policies (国家安全部 has no such site): {policy}.
- Departments without a ready column of interpretations: {interpretation}.
- Departments without a ready column of consultations: {consultation}.
- Governments of provinces without a ready column of policies: {provinces}.
- Cities with a ready column: {count} ({cities}). The others, and nearly all counties, are missing.
- Entries come from published crawlers and lists of links of 2020 to 2026; most sites were not asked for this catalog.
  `policy-crawler sources check` asks them, and says what is off."""


def _gaps(every: Sequence[Source]) -> str:
    """What is missing, said in words."""
    ready = _grouped(source for source in every if source.ready)

    def without(kind: DocumentType, bodies: Iterable[str]) -> str:
        lacking = [name for name in bodies if not any(source.publishes is kind for source in ready.get(name, []))]
        return "、".join(short_name(name) for name in lacking) or "none"

    cities = sorted({source.region.split("/")[1] for source in every if source.level == "city" and source.ready})
    return GAPS.format(
        **{kind.value: without(kind, DEPARTMENTS) for kind in COVERED},
        provinces=without(DocumentType.POLICY, [f"{full}人民政府" for full in PROVINCES]),
        count=len(cities),
        cities="、".join(cities),
    )


def _lists(every: Sequence[Source]) -> list[str]:
    parts = ["## All sources", "*State*: on, ready, or why it is doubted. *Tried*: how it was verified, and when."]
    for level, title in LEVELS.items():
        parts.append(f"### {title}")
        groups: dict[str, list[Source]] = defaultdict(list)
        for source in every:
            if source.level == level:
                groups[source.region.split("/")[0] if level not in {"central", "news"} else source.issuer].append(
                    source
                )
        for name, found in groups.items():
            parts.append(f"#### {name}\n\n" + _list(found, level))
    return parts


def _list(found: Sequence[Source], level: str) -> str:
    issuer = level not in {"central", "news"}
    rows = []
    for source in found:
        name = f"{source.issuer_short} {source.column}" if issuer else source.column
        state = "on" if source.enabled else "ready" if source.ready else source.doubt
        tried = "–" if source.verified == "none" else f"{source.verified} {source.verified_on}"
        link = f"[{name}]({source.list_url.replace('(', '%28').replace(')', '%29')})"
        rows.append((f"`{source.id}`", link, source.publishes.value, source.family, state, tried))
    return _table(("id", "column", "publishes", "family", "state", "tried"), rows)


def _grouped(sources: Iterable[Source]) -> dict[str, list[Source]]:
    groups: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        groups[source.issuer].append(source)
    return groups


def _most_first(body: tuple[str, Sequence[Source]]) -> tuple[int, str]:
    return -len(body[1]), body[0]


def _count(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for word in words:
        counts[word] += 1
    return counts


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |" for cells in lines)
