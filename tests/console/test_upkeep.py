"""`snapshots compact`, `retention`, and the file of heads, as commands."""

from datetime import UTC, datetime
from pathlib import Path

from support.archives import NEWS, Crawl, Moving, first_run, reading

from storage import migrations
from storage.archive import Archive
from storage.engine import open_engine
from storage.snapshots import SnapshotStore


def filled(home: Path) -> None:
    clock = Moving(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    engine = open_engine(f"sqlite:///{home / 'archive.db'}")
    migrations.upgrade(engine)
    archive = Archive(engine, SnapshotStore(home / "snapshots"), clock)
    first_run(archive, clock, NEWS)
    for number in (1, 2):
        crawl = Crawl(archive, clock, NEWS)
        blocks = (("paragraph", f"第{number}篇报道说，补贴标准有了新的规定。" * 8),)
        crawl.page(
            f"https://www.news.example/{number}.html",
            reading(title=f"新闻{number}", type="news", doc_number=None, blocks=blocks),
        )
        crawl.close()
        archive.snapshots.close()
    engine.dispose()


def test_compacting_and_letting_go(home: Path, command, tmp_path: Path) -> None:
    filled(home)
    heads = tmp_path / "heads"
    (home / "config.toml").write_text(f'[keeping]\nhead_file = "{heads}"\n[retention]\nnews_days = 30\n')
    (planned,) = command("snapshots", "compact", "--dry-run", "--json").lines
    assert (planned["month"], planned["site"], planned["records"]) == ("202603", "www.news.example", 2)
    (done,) = command("snapshots", "compact", "--json").lines
    assert (done["files_before"], done["files_after"], done["left"]) == (2, 1, {})
    assert "nothing to compact" in command("snapshots", "compact", "--dry-run").out
    refused = command("snapshots", "compact", "--month", "March")
    assert (refused.code, "expected a month as 2026-03" in refused.err) == (2, True)

    shown = {line["rule"]: (line["days"], line["rows"]) for line in command("retention", "show", "--json").lines}
    assert shown == {"fetch_log": (0, 0), "refused": (0, 0), "unchanged": (0, 0), "news": (30, 2), "originals": (0, 0)}
    assert command("retention", "apply", "--dry-run", "--json").lines[3]["rows"] == 2
    (applied,) = command("retention", "apply", "--json").lines
    assert (applied["rule"], applied["rows"], applied["left"]) == ("news", 2, 0)

    assert command("verify").code == 0
    assert len(heads.read_text().splitlines()) == 1
    heads.write_text(heads.read_text().replace(heads.read_text()[-10:-1], "0" * 9))
    cut = command("verify", "--json")
    assert (cut.code, cut.lines[0]["table"]) == (1, "chain")
