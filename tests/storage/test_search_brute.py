"""Search against every document looked at, query by query: no miss, no false hit, on either database."""

import os
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from support import bulk, generated
from support.archives import Crawl, Moving
from support.asking import Asker
from support.brute import Brute, Normal, Seen, Tree

from policy_crawler.errors import Unreadable
from policy_crawler.pipelines.convert import reading_record
from policy_crawler.reading import read
from storage import search_asking
from storage.archive import Archive
from storage.clock import CHINA
from storage.engine import reading
from storage.models import Document, Organ, Reading, Version
from storage.search import COUNTED_EXACTLY, Query, matching, parse, search
from storage.search_index import file_texts, sources_of, validity_of
from storage.synonyms import Synonyms
from storage.traditional import SIMPLIFIED, TRADITIONAL

DOCUMENTS, QUERIES, SHOWN = 2_000, 200, 20
OF_TEXTS = dict(pair for words in generated.TRADITIONAL.items() for pair in zip(*words, strict=True))
"""What the made-up documents need; the real ones need the whole table."""
SYNONYMS = {"补贴": ("奖励",), "奖励": ("补贴",), "新能源": ("光伏", "风电"), "医保": ("基本医疗保险",)}
"""The list that both are given."""
LISTED = Synonyms().read("补贴 = 奖励\n新能源 => 光伏 = 风电\n医保 => 基本医疗保险", "test")
LENGTH = 400  # characters of a made-up document, on average: short ones hold as many kinds of places, and are quicker


@cache
def made(count: int, length: int) -> Brute:
    """What each query must answer of the made-up documents."""
    seen = [of_made(document) for document in generated.documents(0, count, of=count, length=length)]
    return Brute(seen, Normal(OF_TEXTS), SYNONYMS)


def of_made(made: generated.Made) -> Seen:
    names = [name for organ in made.organs for name in (organ, *generated.short_names(organ))]
    return Seen(
        id=made.place + 1, title=made.title, number=made.number, issuer=made.issuer, issuers=tuple(names),
        type=made.type, kind=made.kind, topic=made.topic, sources=(made.source,), validity=made.validity,
        dates={"published": made.published, "effective": made.effective, "written": made.written},
        day=made.published or made.found, body="\n".join(text for _, text in made.blocks),
        files=tuple(text for _, text in made.files), cited=made.cited, organs=made.organs,
    )  # fmt: skip


@pytest.mark.timeout(300)
def test_made_up_documents_are_found_as_looking_at_each_finds_them(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk.fill(engine, generated.documents(0, DOCUMENTS, of=DOCUMENTS, length=LENGTH))
    assert bulk.index(engine) == DOCUMENTS
    brute = made(DOCUMENTS, LENGTH)
    compare(engine, brute, asker(brute.documents, 1), QUERIES)
    for name, value in {"SAMPLED_ABOVE": 200, "POINTS": 200, "WINDOWS": 8}.items():
        monkeypatch.setattr(search_asking, name, value)
    monkeypatch.setattr("storage.search.COUNTED_EXACTLY", 100)
    for word in ("发展", "管理", "*", "NOT 发展"):
        right = len(matching(engine, word))
        assert right > 300
        assert abs(search(engine, word, limit=1).count - right) < right / 4, word


def asker(documents: Sequence[Seen], seed: int) -> Asker:
    words = [*generated.TERMS, *generated.RARE[:3_000], *generated.LATIN, *generated.JOINED[:1], *generated.AMOUNTS]
    return Asker(documents, words, OF_TEXTS, SYNONYMS, seed)


def compare(engine: Engine, brute: Brute, ask: Asker, queries: int) -> Counter[str]:
    """Ask both `queries` times; what differs is told with the query. Answers how many hits queries had."""
    places = {seen.id: place for place, seen in enumerate(brute.documents)}
    sizes: Counter[str] = Counter()
    for number in range(queries):
        tree = ask.query()
        text, expected = ask.text(tree), brute.answer(tree)
        size = len(expected)
        sizes["none" if not size else "few" if size <= 20 else "many" if size <= COUNTED_EXACTLY else "over 1,000"] += 1
        query = parse(text, LISTED)
        ids = matching(engine, query)
        found = [places[document] for document in ids]
        wrong = {"missed": expected - set(found), "false": set(found) - expected}
        assert not any(wrong.values()), f"{text!r} {tree}: {told(brute, wrong)}"
        assert len(found) == size, f"{text!r}: some twice"
        days = [brute.documents[place].day for place in found]
        assert days == sorted(days, reverse=True), text
        result = search(engine, query, limit=1)
        assert result.count_exact == (size <= COUNTED_EXACTLY), text
        if result.count_exact:
            assert result.count == size, text
        if number % 10 == 0 and found:
            by_pages(engine, query, ids)
            by_relevance(engine, query, brute, tree, found)
            facets(engine, query, brute, found)
    return sizes


def told(brute: Brute, wrong: dict[str, set[int] | frozenset[int]]) -> str:
    """What is wrong, with some documents of each kind."""
    return "; ".join(
        f"{what} {[brute.documents[place].id for place in list(some)[:3]]}" for what, some in wrong.items()
    )


def by_pages(engine: Engine, query: Query, whole: list[int]) -> None:
    """From page to page no row is lost and none comes twice."""
    found, after, pages = [], None, 0
    while pages < 3:
        page, pages = search(engine, query, limit=7, after=after), pages + 1
        found += [hit.document_id for hit in page.hits]
        if (after := page.after) is None:
            break
    assert found == whole[: len(found)], query.text
    assert len(found) == min(len(whole), pages * 7), query.text
    assert (after is None) == (len(found) == len(whole)), query.text


def by_relevance(engine: Engine, query: Query, brute: Brute, tree: Tree, newest: list[int]) -> None:
    """The number that was written, then titles with all the words, with one, the rest; in each the newest 200 first,
    those among them by how dense the words stand."""
    ranks: dict[int, list[int]] = {}
    for place in newest:
        ranks.setdefault(brute.tier(tree, place), []).append(brute.documents[place].id)
    found = [hit.document_id for hit in search(engine, query, limit=SHOWN, order="relevance").hits]
    found += [hit.document_id for hit in search(engine, query, limit=SHOWN, offset=SHOWN, order="relevance").hits]
    assert len(found) == len(set(found)) == min(2 * SHOWN, len(newest)), query.text
    at = 0
    for _, ids in sorted(ranks.items()):
        shown = found[at : at + len(ids)]
        assert set(shown) <= set(ids[:200]), query.text
        at += len(ids)


def facets(engine: Engine, query: Query, brute: Brute, found: list[int]) -> None:
    """Each count is that of the hits, where all are counted."""
    counted = search(engine, query, limit=1, facets=True).facets
    assert counted is not None
    assert counted.exact == (len(found) <= COUNTED_EXACTLY)
    if not counted.exact:
        return
    seen = [brute.documents[place] for place in found]
    assert counted.of == len(seen)
    assert dict(counted.type) == Counter(one.type for one in seen)
    assert dict(counted.validity) == Counter(one.validity for one in seen)
    assert dict(counted.source) == Counter(source for one in seen for source in one.sources)
    assert dict(counted.issuer) == Counter(organ for one in seen for organ in one.organs)
    assert dict(counted.year) == Counter(str(day.year) for one in seen if (day := one.dates["published"]))


@pytest.mark.corpus
@pytest.mark.timeout(300)
def test_real_pages_are_found_as_looking_at_each_finds_them(archive: Archive, clock: Moving, corpus: Path) -> None:
    crawl = Crawl(archive, clock)
    for folder in ("detail", "news"):
        for page in sorted((corpus / "pages" / folder).iterdir()):
            url = f"https://www.miit.gov.cn/{folder}/{page.name}"
            try:
                record = reading_record(read(page.read_bytes(), url))
            except Unreadable:
                continue
            crawl.page(url, record, page.name)
    brute = Brute(real(archive.engine), Normal(dict(zip(TRADITIONAL, SIMPLIFIED, strict=True))), SYNONYMS)
    assert len(brute.documents) > 80
    compare(archive.engine, brute, asker(brute.documents, 2), QUERIES)


def real(engine: Engine) -> list[Seen]:
    """The documents as the archive's rows have them."""
    with reading(engine) as session:
        rows = session.execute(
            select(Document, Reading)
            .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
            .join(Reading, Reading.id == Version.reading_id)
        ).all()
        ids = [document.id for document, _ in rows]
        sources, validity, files = sources_of(session, ids), validity_of(session, ids), file_texts(session, ids)
        organs: dict[int, list[str]] = {}
        for reading_id, name in session.execute(select(Organ.reading_id, Organ.name).order_by(Organ.position)):
            organs.setdefault(reading_id, []).append(name)
        return [
            Seen(
                id=document.id, title=document.title or "", number=document.number, issuer=document.issuer,
                issuers=(*read_.issuers, *organs.get(read_.id, ())), type=document.type, kind=read_.kind,
                topic=read_.topic, sources=sources[document.id], validity=validity[document.id],
                dates={"published": document.published, "effective": read_.effective, "written": document.written},
                day=document.published or document.first_seen_at.astimezone(CHINA).date(),
                body="\n".join(text for _, text in read_.blocks),
                files=tuple(file.text for file in files.get(document.id, ())),
                cited=tuple((mention[1], mention[2]) for mention in read_.mentions),
                numbers=tuple(filter(None, (document.number_normal,))),
                organs=tuple(organs.get(read_.id) or filter(None, (document.issuer,))),
            )
            for document, read_ in rows
        ]  # fmt: skip


@pytest.mark.long
@pytest.mark.timeout(7_200)
def test_a_hundred_thousand_documents_are_found_as_looking_at_each_finds_them(engine: Engine) -> None:
    count = int(os.environ.get("POLICY_BRUTE", "100000"))
    bulk.fill(engine, generated.documents(0, count, of=count))
    assert bulk.index(engine) == count
    brute = made(count, 1_650)
    sizes = compare(engine, brute, asker(brute.documents, 3), QUERIES)
    print(f"{engine.dialect.name}: {QUERIES} queries over {count:,} documents, {dict(sizes)}; no miss, no false hit")
