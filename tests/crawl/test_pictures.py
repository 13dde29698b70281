"""Pages whose words are pictures, and scans: kept by every crawl, read where the extra `ocr` is installed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from support.fault_server import respond
from support.sites import article, trs_column, trs_rows

from policy_crawler.attachments import ocr
from storage.search import search

HOST, IMAGES = "czj.example.gov.cn", "img.example.cn"
LIST = "/zwgk/wj/index.html"
SOURCE = "czj-wj"
PICTURE = (Path(__file__).parents[1] / "attachments" / "pictures" / "plan.png").read_bytes()
TEXT = "<p>各有关单位：</p><p>现将有关资金管理办法印发给你们，请遵照执行，执行中的问题请及时反馈。</p>" * 4
PLAN = "示例工业互联网工作计划"
STATES = "SELECT text_state, pictures_waiting, text FROM attachment_version ORDER BY id"


@pytest.fixture
def site(server, crawler):
    crawler.hosts = [HOST, IMAGES]
    crawler.source(
        id=SOURCE, issuer="示例财政局", issuer_short="示例财政局", column="文件", list_url=f"https://{HOST}{LIST}",
        family="trs", publishes="policy", level="city",
    )  # fmt: skip
    server.on(HOST, LIST, respond(trs_column(trs_rows([1]) + trs_rows([2]) + trs_rows([3]))))
    for number in (1, 2, 3):
        page = article(f"关于做好第{number}项工作的通知", TEXT.replace("有关资金", f"第{number}类资金"))
        server.on(HOST, f"/zwgk/wj/202611/t20261120_{number}.html", page)
    server.on(IMAGES, "/plan.png", respond(PICTURE, content_type="image/png"))
    return server


def shows(site, body: str) -> None:
    site.on(HOST, "/zwgk/wj/202611/t20261120_1.html", article("关于印发工作计划的通知", body))


def asked(site) -> list[str]:
    return [request.path for request in site.requests(IMAGES) if request.path != "/robots.txt"]


def command(crawler, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "console.cli.main", *arguments],
        env=crawler.environment(), capture_output=True, text=True, encoding="utf-8", timeout=100, check=False,
    )  # fmt: skip


def found(crawler, words: str) -> int:
    return search(create_engine(f"sqlite:///{crawler.home / 'archive.db'}"), words).count


def test_the_picture_that_is_a_pages_body_is_kept_as_its_file(crawler, site):
    shows(site, f'<p><img src="https://{IMAGES}/plan.png"></p>')
    ended = crawler.crawl(SOURCE, settings=["POLICY_OCR=off"])
    assert (ended.code, ended.verdict) == (0, "ok"), ended.log
    assert crawler.sql("SELECT name, type FROM attachment") == [("图片（图1）", "png")]
    assert crawler.sql(STATES) == [("picture", 1, "")]
    assert "pictures_waiting" not in ended.closed["counts"]


def test_a_picture_beside_a_text_is_kept_where_it_shows_a_document(crawler, site):
    shows(
        site,
        f'{TEXT}<p><img src="https://{IMAGES}/photo.jpg" alt="会议现场"></p>'
        f'<p><img src="https://{IMAGES}/code.png" alt="{PLAN}" width="80"></p>'
        f'<p><img src="https://{IMAGES}/plan.png" alt="{PLAN}" width="800"></p>',
    )
    ended = crawler.crawl(SOURCE, settings=["POLICY_OCR=off"])
    assert ended.verdict == "ok", ended.log
    assert crawler.sql("SELECT name FROM attachment") == [(PLAN,)]
    assert asked(site) == ["/plan.png"]


def test_so_many_pictures_and_not_those_that_robots_txt_forbids(crawler, site):
    shows(site, "".join(f'<p><img src="https://{IMAGES}/{n}.png"></p>' for n in range(25)))
    site.on(IMAGES, "/robots.txt", respond("User-agent: *\nDisallow: /3.png\n", content_type="text/plain"))
    for n in range(25):
        site.on(IMAGES, f"/{n}.png", respond(PICTURE + bytes(n), content_type="image/png"))
    crawler.crawl(SOURCE, settings=["POLICY_OCR=off"])
    assert sorted(asked(site)) == sorted(f"/{n}.png" for n in range(20) if n != 3)


def test_without_the_extra_a_run_says_how_many_files_wait(crawler, site):
    if ocr.available():
        pytest.skip("the extra ocr is installed")
    shows(site, f'<p><img src="https://{IMAGES}/plan.png"></p>')
    ended = crawler.crawl(SOURCE)
    assert (ended.verdict, ended.closed["counts"]["pictures_waiting"]) == ("ok", 1)
    said = command(crawler, "ocr")
    assert said.returncode == 2
    assert "policy-crawler[ocr]" in said.stderr


@pytest.fixture
def engine() -> None:
    if not ocr.available():
        pytest.skip("the extra ocr is not installed: pip install 'policy-crawler[ocr]'")


def test_the_words_of_a_picture_are_searched_and_nobody_is_told_of_a_change(crawler, site, engine):
    shows(site, f'<p><img src="https://{IMAGES}/plan.png"></p>')
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (0, "ok"), ended.log
    assert ended.closed["counts"]["pictures_read"] == 1
    ((state, waiting, text),) = crawler.sql(STATES)
    assert (state, waiting) == ("text", 0)
    assert "打造十个标杆工厂" in text
    assert found(crawler, "首次公开发行证券") == 1
    assert found(crawler, "标识解析节点") == 1
    ((places, sure),) = crawler.sql("SELECT text_places, ocr_confidence FROM attachment_version")
    assert json.loads(places) == [[0, f"OCR {sure} %"]]
    crawler.crawl(SOURCE, "--recheck=all", clock=8 * 86400)
    assert {kind for (kind,) in crawler.sql("SELECT kind FROM event")} == {"added"}
    assert "打造十个标杆工厂" in crawler.sql(STATES)[0][2]


def test_a_long_scan_holds_up_no_run_and_the_command_reads_what_was_left(crawler, site, engine):
    from support.scans import scan_of

    shows(site, TEXT + '<p>附件：<a href="./scan.pdf">计划.pdf</a></p>')
    site.on(HOST, "/zwgk/wj/202611/scan.pdf", respond(scan_of(PICTURE, 3), content_type="application/pdf"))
    ended = crawler.crawl(SOURCE, settings=["POLICY_OCR_MINUTES=0.01"])
    assert (ended.code, ended.verdict) == (0, "ok"), ended.log
    assert ended.closed["counts"]["pictures_waiting"] == 1
    ((state, waiting, _),) = crawler.sql(STATES)
    assert state == "scanned"
    assert waiting > 0

    said = command(crawler, "ocr", "--json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["pictures_waiting"] == 0
    ((state, waiting, text),) = crawler.sql(STATES)
    assert (state, waiting, text.count("打造十个标杆工厂")) == ("text", 0, 3)
    assert found(crawler, "标识解析节点") == 1
    assert {kind for (kind,) in crawler.sql("SELECT kind FROM event")} == {"added"}
    assert command(crawler, "ocr").stdout == "0 files; 0 wait\n"


def test_a_file_that_ocr_fails_on_waits_no_longer(crawler, site, engine):
    shows(site, f'<p><img src="https://{IMAGES}/plan.png"></p>')
    site.on(IMAGES, "/plan.png", respond(PICTURE[:200], content_type="image/png"))
    ended = crawler.crawl(SOURCE)
    assert ended.verdict == "ok", ended.log
    ((state, waiting, reason),) = crawler.sql(
        "SELECT text_state, pictures_waiting, text_reason FROM attachment_version"
    )
    assert (state, waiting) == ("damaged", 0)
    assert "cannot be read" in reason
