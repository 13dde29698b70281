"""A small archive to export, another to import into, and what both must answer alike."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

from support.archives import NEWS, Crawl, Moving, capture, changed, first_run, reading

from storage import migrations
from storage.archive import Archive
from storage.engine import open_engine
from storage.exchange.choosing import Choice
from storage.exchange.importing import Import
from storage.exchange.jsonl import text_lines
from storage.queries import Queries
from storage.records import FileRecord, Outcome
from storage.search import search
from storage.snapshots import SnapshotStore

SITE = "https://www.miit.gov.cn/zwgk/zcwj"


POLICY = f"{SITE}/12.html"


NOTICE = f"{SITE}/30.html"


REPORT = "https://www.news.example/2026/1.html"


NUMBER = "工信部信发〔2026〕12号"


NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def fill(archive: Archive, clock: Moving) -> None:
    """A policy with two versions, a copy and a file; a notice that repeals it; a news report of it."""
    first_run(archive, clock)
    first_run(archive, clock, NEWS)
    mention = ("repeals", "工业互联网平台补贴办法", NUMBER, None, f"《工业互联网平台补贴办法》（{NUMBER}）同时废止。")
    crawl = Crawl(archive, clock)
    crawl.page(
        NOTICE,
        reading(
            title="工业和信息化部关于废止部分文件的公告", doc_number="工信部信发〔2026〕30号", mentions=(mention,),
            organs=(("工业和信息化部", "工信部"),), written=date(2026, 3, 1), effective=date(2026, 3, 1),
        ),
    )  # fmt: skip
    crawl.page(POLICY, reading(attachments=(("附件.pdf", f"{SITE}/附件.pdf", "补贴目录", "pdf"),)))
    answer = replace(capture(f"{SITE}/附件.pdf", b"%PDF-1.4 table", clock=clock), headers=())
    found = FileRecord("1", "pdf", "text", "", "补贴目录\n光伏逆变器\t三百万元", places=((0, "page 1"),))
    archive.record_attachment(crawl.run_id, POLICY, "附件.pdf", "补贴目录", "pdf", answer, found)
    crawl.page("https://www.gov.cn/zhengce/12.html", reading(reprinted_from="工业和信息化部网站"))
    crawl.close()
    clock.forward(days=1)
    later = Crawl(archive, clock)
    blocks = changed(3, "第三条　对符合条件的企业给予补贴，补贴标准不超过投资额的50%。")
    assert (
        later.page(
            POLICY, reading(blocks=blocks, attachments=(("附件.pdf", f"{SITE}/附件.pdf", "补贴目录", "pdf"),))
        ).outcome
        is Outcome.CHANGED
    )
    later.close()
    told = Crawl(archive, clock, NEWS)
    told.page(
        REPORT,
        reading(
            title="工业互联网补贴标准提高", type="news", doc_number=None, issuer="新闻网", issuers=("新闻网",),
            blocks=(("paragraph", "记者获悉，" + "补贴标准有了新的规定。" * 40 + "结尾只有全文才有。"),),
            mentions=(("cites", None, NUMBER, None, f"该文件（{NUMBER}）"),),
        ),
    )  # fmt: skip
    told.close()


EVERYTHING = Choice()


QUERIES = (
    "补贴", "光伏逆变器", "number:工信部信发〔2026〕12号", "issuer:工信部", "type:news", "50%", "validity:repealed",
    "source:miit-tz", "title:废止 OR 投资额", "NOT 补贴",
)  # fmt: skip


def exported(archive: Archive, choice: Choice = EVERYTHING) -> bytes:
    return "".join(text_lines(archive.engine, choice, NOW)).encode()


def other_archive(kind: str, tmp_path, request, clock: Moving) -> Archive:
    """An empty archive on a database of another kind or of the same."""
    if kind == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
        migrations.upgrade(engine)
    else:
        from sqlalchemy import create_engine, text

        server = request.getfixturevalue("postgres_server")
        admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS other WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE other"))
        admin.dispose()
        engine = open_engine(server.format("other"))
        migrations.upgrade(engine)
    request.addfinalizer(engine.dispose)
    return Archive(engine, SnapshotStore(tmp_path / "other-snapshots"), clock)


def take(archive: Archive, data: bytes, **more):
    told = []
    result = Import(archive.engine, archive.clock, tell=told.append, **more).run(io.BytesIO(data))
    return result, told


def answers(archive: Archive) -> dict:
    """What search, show and history say, without numbers of rows other than documents', and places of bytes."""
    queries = Queries(archive.engine)
    found = {}
    for query in QUERIES:
        result = search(archive.engine, query)
        hits = [replace(hit, version_id=0) for hit in result.hits]
        found[query] = (result.count, result.count_exact, hits)
    for url in (POLICY, NOTICE, REPORT, NUMBER):
        (document,) = queries.find_documents(url)
        key = document.id
        found[url] = {
            "document": replace(document, backlog=True),
            "versions": [
                replace(row, id=0, run_id=0, snapshot=replace(row.snapshot, id=0, file="", offset=0, length=0))
                for row in queries.versions(key)
            ],
            "copies": queries.copies(key),
            "attachments": [replace(row, id=0, file="", offset=0) for row in queries.attachments(key)],
            "from": [replace(row, id=0) for row in queries.references_from(key)],
            "to": [replace(row, id=0) for row in queries.references_to(key)],
            "news": [replace(row, backlog=True) for row in queries.news_about(key)],
            "events": [
                replace(row, id=0, run_id=0, version_id=0, matched_at=None, backlog=True)
                for row in queries.events(document_id=key)
            ],
        }
    return found
