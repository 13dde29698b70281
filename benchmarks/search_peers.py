"""What a search is measured beside, over the same documents: LIKE, SQLite's trigram index, PostgreSQL's ILIKE, and
Datasette over the same file. Each answers with the newest 20 documents and a count to 1,001, as ours does."""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, text

from benchmarks import report
from storage.engine import reading
from storage.search import search

DATASETTE = report.ROOT / ".bench" / "peers" / "bin" / "datasette"


class Question(NamedTuple):
    """The same question in our language, and as what a text or a field must hold: `words` all of them, none of
    `without`."""

    ours: str
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    some: tuple[str, ...] = ()  # one of these
    title: str | None = None
    number: str | None = None
    issuer: str | None = None
    days: tuple[str, str] | None = None
    relevance: bool = False


class Answer(NamedTuple):
    """`count` is of all hits, 1,001 for more than 1,000; `cpu`: seconds of all processes that worked on it."""

    count: int
    cpu: float


Asked = Callable[[Question], Answer]


def ours(engine: Engine) -> Asked:
    """Search, with marks and snippets; by relevance where the question says so."""
    server = _backend(engine)

    def ask(question: Question) -> Answer:
        start = server()
        result = search(engine, question.ours, order="relevance" if question.relevance else "date")
        return Answer(min(result.count, 1_001), server() - start)

    return ask


def _backend(engine: Engine) -> Callable[[], float]:
    """CPU seconds of this process and, for PostgreSQL, of the server's process behind the engine's one connection."""
    if engine.dialect.name == "sqlite":
        return time.process_time
    with reading(engine) as session:
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return lambda: time.process_time() + cpu_of(pid)


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used, all its threads (Linux)."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e9


def condition(question: Question, like: str) -> tuple[str, dict[str, str]]:
    """The question as a WHERE over document d and reading r; texts are asked as they stand."""
    parts, bound = [], {}

    def holds(columns: tuple[str, ...], word: str) -> str:
        name = f"p{len(bound)}"
        bound[name] = f"%{word}%"
        return "(" + " OR ".join(f"{column} {like} :{name}" for column in columns) + ")"

    everywhere = ("d.title", "r.{blocks}")
    parts += [holds(everywhere, word) for word in question.words]
    if question.some:
        parts.append("(" + " OR ".join(holds(everywhere, word) for word in question.some) + ")")
    parts += ["NOT " + holds(everywhere, word) for word in question.without]
    for column in ("title", "number", "issuer"):
        if value := getattr(question, column):
            parts.append(holds((f"d.{column}",), value))
    if question.days:
        bound["first"], bound["last"] = question.days
        parts.append("d.published BETWEEN :first AND :last")
    blocks = "blocks::text" if like == "ILIKE" else "blocks"
    return " AND ".join(parts).replace("{blocks}", blocks), bound


FROM = (
    "FROM document d JOIN version v ON v.document_id = d.id AND v.seq = d.versions"
    " JOIN reading r ON r.id = v.reading_id"
)


def like(engine: Engine) -> Asked:
    """What one would write without an index: LIKE on SQLite, ILIKE on PostgreSQL."""
    operator = "LIKE" if engine.dialect.name == "sqlite" else "ILIKE"
    server = _backend(engine)

    def ask(question: Question) -> Answer:
        where, bound = condition(question, operator)
        start = server()
        with reading(engine) as session:
            if operator == "ILIKE":  # or its helpers' time would not be seen
                session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
            page = f"SELECT d.id, d.title, d.published {FROM} WHERE {where} ORDER BY d.published DESC LIMIT 20"
            session.execute(text(page), bound).all()
            count = f"SELECT count(*) FROM (SELECT 1 {FROM} WHERE {where} LIMIT 1001) AS counted"  # noqa: S608
            found = session.execute(text(count), bound).scalar_one()
        return Answer(found, server() - start)

    return ask


def build_trigram(archive: Path, path: Path) -> float:
    """An FTS5 index of the trigrams of the same titles and texts, in a file of its own; CPU seconds."""
    start = time.process_time()
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("ATTACH ? AS archive", (str(archive),))
        database.execute("CREATE VIRTUAL TABLE tri USING fts5(title, body, tokenize='trigram')")
        rows = "SELECT m.rowid, d.title, r.blocks FROM archive.search_map m"
        rows += " JOIN archive.document d ON d.id = m.document_id JOIN archive.version v ON v.id = m.version_id"
        rows += " JOIN archive.reading r ON r.id = v.reading_id"
        cursor = database.execute(rows + " WHERE m.current ORDER BY m.rowid")
        while some := cursor.fetchmany(1_000):
            texts = [(row, title, "\n".join(block[1] for block in json.loads(blocks))) for row, title, blocks in some]
            database.executemany("INSERT INTO tri (rowid, title, body) VALUES (?, ?, ?)", texts)
        database.commit()
    return time.process_time() - start


def trigram(path: Path) -> Asked:
    """Asked by MATCH, as its users do; words of two characters it cannot find, and says nothing."""
    database = sqlite3.connect(path)

    def quoted(word: str) -> str:
        return '"' + word.replace('"', '""') + '"'

    def ask(question: Question) -> Answer:
        start = time.process_time()
        wanted = [quoted(word) for word in question.words]
        if question.some:
            wanted.append("(" + " OR ".join(map(quoted, question.some)) + ")")
        if question.title:
            wanted.append(f"title : {quoted(question.title)}")
        if not wanted:
            return Answer(-1, 0.0)  # fields that it has not
        asked = " AND ".join(wanted) + "".join(f" NOT {quoted(word)}" for word in question.without)
        database.execute("SELECT rowid FROM tri WHERE tri MATCH ? ORDER BY rowid DESC LIMIT 20", (asked,)).fetchall()
        count = "SELECT count(*) FROM (SELECT 1 FROM tri WHERE tri MATCH ? LIMIT 1001)"
        found = database.execute(count, (asked,)).fetchone()[0]
        return Answer(found, time.process_time() - start)

    return ask


@contextlib.contextmanager
def datasette(archive: Path) -> Iterator[Asked | None]:
    """Datasette over the archive's file, asked for the same by SQL over HTTP; None where it is not installed."""
    if not DATASETTE.exists():
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(DATASETTE),
        "serve",
        "-i",
        str(archive),
        "--port",
        str(port),
        "--setting",
        "sql_time_limit_ms",
        "600000",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
    try:
        yield _served(process, f"http://127.0.0.1:{port}") if _answers(process, port) else None
    finally:
        process.terminate()
        process.wait()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    for _ in range(600):
        if process.poll() is not None:
            return False
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.1)
    return False


def _served(process: subprocess.Popen[bytes], url: str) -> Asked:
    def get(sql: str, bound: dict[str, str]) -> Any:
        query = urllib.parse.urlencode({"sql": sql, "_shape": "arrays", **bound})
        with urllib.request.urlopen(f"{url}/{name}.json?{query}", timeout=900) as answer:  # noqa: S310 - ours, loopback
            return json.load(answer)["rows"]

    with urllib.request.urlopen(f"{url}/-/databases.json") as answer:  # noqa: S310
        name = urllib.parse.quote(next(row["name"] for row in json.load(answer) if row["name"] != "_internal"))

    def ask(question: Question) -> Answer:
        where, bound = condition(question, "LIKE")
        start = time.process_time() + cpu_of(process.pid)
        get(f"SELECT d.id, d.title, d.published {FROM} WHERE {where} ORDER BY d.published DESC LIMIT 20", bound)
        found = get(f"SELECT count(*) FROM (SELECT 1 {FROM} WHERE {where} LIMIT 1001)", bound)[0][0]  # noqa: S608
        return Answer(found, time.process_time() + cpu_of(process.pid) - start)

    return ask
