"""What keeps and proves the archive, as commands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.archives import Crawl, Moving

from console.installation import Installation
from policy_crawler.config import Home
from policy_crawler.pipelines.convert import reread
from storage.archive import Archive
from storage.records import Capture

URL = "https://www.miit.gov.cn/art/2026/{}.html"
PAGE = """<html><head><meta charset="utf-8"><meta name="ArticleTitle" content="关于第{0}件事的通知">
<title>关于第{0}件事的通知</title></head><body><h1>关于第{0}件事的通知</h1><div class="TRS_Editor">
<p>工信部信发〔2026〕{0}号</p><p>各省、自治区、直辖市工业和信息化主管部门：</p>
<p>为了推动工业互联网发展，现就第{0}件事通知如下，请认真贯彻执行，并于每年六月三十日前提交材料。</p>
<p>联系人：张三，手机13800138000，身份证号11010519491231002X。</p>
<p>工业和信息化部</p><p>2026年3月1日</p></div></body></html>"""


@pytest.fixture
def filled(home: Path) -> Iterator[Archive]:
    """An installation with two documents."""
    archive = Installation(Home(home), Moving(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))).archive
    crawl = Crawl(archive, archive.clock)  # type: ignore[arg-type]
    for number in (1, 2):
        url, body = URL.format(number), PAGE.format(number)
        answer = Capture(url, url, 200, (("Content-Type", "text/html"),), body.encode(), archive.clock.now())
        crawl.page(url, reread(answer), body)
    crawl.close()
    archive.snapshots.close()
    yield archive
    archive.engine.dispose()


def test_verify_names_what_is_damaged_and_how_to_mend_it(filled: Archive, command) -> None:  # type: ignore[no-untyped-def]
    answer = command("verify", "--json")
    assert answer.code == 0, answer.err
    (total,) = answer.lines
    assert (total["rows"], total["records"], total["damages"]) == (4, 2, 0)
    assert "all as written" in command("verify", "--sample", "1", "--head", total["head"]).out
    (path,) = filled.snapshots.folder.glob("*.warc.gz")
    path.write_bytes(path.read_bytes()[:-9])
    answer = command("verify", "--refetch")
    assert answer.code == 1
    assert "1 not as written" in answer.out
    assert f"policy-crawler crawl --url {URL.format(2)}" in answer.out
    assert "1 page is due at once" in answer.out
    damage, _ = command("verify", "--json").lines
    assert (damage["table"], damage["row_id"], damage["what"]) == ("snapshot", 2, "missing")


def test_reprocess_reads_what_an_older_extractor_read(filled: Archive, command) -> None:  # type: ignore[no-untyped-def]
    assert command("reprocess").out.startswith("0 read again")
    with filled.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE reading SET extractor_version = 'old', topic = 'x' WHERE id = 1")
    answer = command("reprocess", "--dry-run", "--json")
    assert answer.code == 0, answer.err
    dry = answer.lines
    assert (dry[0]["document_id"], dry[0]["fields"], dry[1]["summary"]["read"]) == (1, ["topic"], 1)
    answer = command("reprocess", "--since", "2026-03-01")
    assert (answer.code, "1 read again: 1 upgraded" in answer.out, "topic" in answer.out) == (0, True, True)
    assert command("reprocess").out.startswith("0 read again")
    assert command("reprocess", "--source", "no-such").code == 2


def test_a_backup_comes_back_in_a_new_home(filled: Archive, command, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file, new = tmp_path / "backup.tar", tmp_path / "new"
    (made,) = command("backup", str(file), "--json").lines
    assert command("backup", str(file)).code == 2
    answer = command("restore", str(file), "--home", str(new))
    assert (answer.code, made["head"] in answer.out) == (0, True)
    command.home = new
    assert command("verify", "--head", made["head"]).code == 0
    assert command("show", "1", "--json").lines[0]["document"]["title"] == "关于第1件事的通知"
    assert "the database is sound" in command("db", "check").out
    assert command("db", "upgrade").out.startswith("schema 00")


def test_db_check_upgrades_nothing(home: Path, command) -> None:  # type: ignore[no-untyped-def]
    answer = command("db", "check")
    assert (answer.code, "policy-crawler db upgrade" in answer.err) == (2, True)
    (told,) = command("db", "upgrade", "--json").lines
    assert told["before"] is None
    assert command("db", "check", "--json").lines == [{"schema": told["after"], "problems": []}]


def test_an_erased_document_is_gone_and_verify_accepts_it(filled: Archive, command) -> None:  # type: ignore[no-untyped-def]
    assert command("documents", "erase", "1", "--reason", "test").code == 1  # nobody said yes
    answer = command("documents", "erase", URL.format(1), "--reason", "names a person", "--yes")
    assert (answer.code, "#1 erased: 1 readings, 1 records" in answer.out) == (0, True), answer.err
    assert command("verify").code == 0
    assert "第1件事" not in command("show", "1").out
    assert command("search", "第1件事").out.startswith("0 documents")
    assert command("documents", "erase", "1", "--reason", "x", "--yes").code == 2
