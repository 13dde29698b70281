"""`read` and `entries`: the keys that others script against."""

import json
import os

import pytest
from support import files

from console.demo.files import pdf

NAMED = {
    "title": str,
    "published": str,
    "issuer": str,
    "doc_number": str,
    "index_number": str,
    "body": str,
}

PAGE = """<html><head><meta charset="utf-8"><meta name="SiteName" content="示例部">
<meta name="ColumnName" content="政策文件">
<meta name="ArticleTitle" content="示例部关于加强数据管理的通知"><meta name="PubDate" content="2026-03-05 10:20"></head>
<body><h1>示例部关于加强数据管理的通知</h1><div class="TRS_Editor"><p>示部发〔2026〕3号</p><p>各有关单位：</p>
<p>为加强数据管理，现就有关事项通知如下，请认真贯彻执行。</p><p>一、提高认识。各单位要高度重视。</p>
<p><a href="./P020260305.pdf">附件：数据目录.pdf</a></p><p>示例部</p><p>2026年3月1日</p></div></body></html>"""

LISTING = """<html><body><ul>
<li><a href="./202603/t20260305_12.html" title="示例部关于加强数据管理的通知">示例部…</a><span>2026-03-05</span></li>
<li><a href="./202603/t20260301_11.html">示例部关于开展安全检查工作的通知</a><span>2026-03-01</span></li>
<li><a href="./202602/t20260211_10.html">示例部关于公布示范名单的公告</a><span>2026-02-11</span></li>
</ul><script>createPageHTML(3, 0, "index", "html");</script></body></html>"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "list.html").write_text(LISTING, encoding="utf-8")
    (tmp_path / "broken.html").write_bytes(bytes(range(256)) * 40)
    return tmp_path


def test_read_prints_one_object_a_page_with_keys_of_fixed_types(command, folder):
    answer = command("read", "page.html", "--json", cwd=folder)
    assert answer.code == 0, answer.err
    (page,) = answer.lines
    for key, kind in NAMED.items():
        assert page[key] is None or isinstance(page[key], kind), key
    assert page["file"] == "page.html"
    assert page["title"] == "示例部关于加强数据管理的通知"
    assert page["published"] == "2026-03-05T10:20:00+08:00"
    assert page["doc_number"] == "示部发〔2026〕3号"
    assert "\n为加强数据管理，现就有关事项通知如下" in page["body"]
    assert page["attachments"] == ["./P020260305.pdf"]
    assert page["attachment_files"] == [{"href": "./P020260305.pdf", "name": "附件：数据目录.pdf", "type": "pdf"}]
    assert (page["kind"], page["written"], page["type"]) == ("通知", "2026-03-01", "policy")
    assert {"role": "paragraph", "text": "各有关单位："} in page["blocks"]
    assert page["evidence"]["title"]["source"]
    assert isinstance(page["references"], list)
    assert isinstance(page["issuers"], list)


def test_an_unreadable_file_is_a_line_with_error_and_the_others_are_read(command, folder):
    answer = command("read", "missing.html", "page.html", "broken.html", "--json", cwd=folder)
    assert answer.code == 1
    missing, page, broken = answer.lines
    assert missing["file"] == "missing.html"
    assert "No such file" in missing["error"]
    assert page["title"] == "示例部关于加强数据管理的通知"
    assert broken["error"]


def test_urls_gives_each_file_its_origin(command, folder):
    (folder / "urls.jsonl").write_text(
        json.dumps({"file": "page.html", "url": "https://www.example.gov.cn/zw/202603/t20260305_12.html"}) + "\n",
        encoding="utf-8",
    )
    (page,) = command("read", "page.html", "--urls", "urls.jsonl", "--json", cwd=folder).lines
    assert page["url"] == "https://www.example.gov.cn/zw/202603/t20260305_12.html"
    assert page["attachments"] == ["./P020260305.pdf"]

    (folder / "urls.jsonl").write_text("{oops\n", encoding="utf-8")
    answer = command("read", "page.html", "--urls", "urls.jsonl", cwd=folder)
    assert answer.code == 2
    assert "urls.jsonl:1" in answer.err


def test_url_names_the_origin_of_one_file_only(command, folder):
    answer = command("read", "page.html", "list.html", "--url", "https://www.example.gov.cn/", cwd=folder)
    assert answer.code == 2
    assert "--urls" in answer.err


@pytest.mark.parametrize("table", [b"\xcc\xff\x00", b"not json", b'["page.html"]', b'{"file": "page.html"}'])
def test_a_table_of_urls_that_is_none_is_wrong_use(command, folder, table):
    (folder / "urls").write_bytes(table)
    answer = command("read", "page.html", "--urls", "urls", "--json", cwd=folder)
    assert (answer.code, answer.out) == (2, "")
    assert "expected" in answer.err
    assert "Traceback" not in answer.err


def test_what_has_no_end_and_odd_names_are_lines_too(command, folder):
    odd = folder / os.fsdecode(b"odd-\xff.html")
    odd.write_text(PAGE, encoding="utf-8")
    command.more = {"PYTHONIOENCODING": "ascii"}
    answer = command("read", "/dev/zero", odd.name, "--json", cwd=folder)
    assert answer.code == 1
    zero, page = answer.lines
    assert zero == {"file": "/dev/zero", "error": "cannot be read: more than 256 MiB"}
    assert page["file"] == odd.name
    assert page["title"] == "示例部关于加强数据管理的通知"


def test_entries_prints_one_object_a_listing(command, folder):
    answer = command("entries", "list.html", "--url", "https://www.example.gov.cn/zw/index.html", "--json", cwd=folder)
    assert answer.code == 0, answer.err
    (listing,) = answer.lines
    assert listing["family"] == "trs"
    assert listing["next_page"] == "https://www.example.gov.cn/zw/index_1.html"
    assert listing["entries"][0] == {
        "title": "示例部关于加强数据管理的通知",
        "href": "./202603/t20260305_12.html",
        "url": "https://www.example.gov.cn/zw/202603/t20260305_12.html",
        "date": "2026-03-05",
    }
    assert len(listing["entries"]) == 3


def test_a_file_without_a_known_url_lists_its_links_as_printed(command, folder):
    (listing,) = command("entries", "list.html", "--json", cwd=folder).lines
    assert [entry["href"] for entry in listing["entries"]][1] == "./202603/t20260301_11.html"
    assert {entry["url"] for entry in listing["entries"]} == {None}
    assert listing["next_page"] == "index_1.html"


def test_read_gives_the_text_of_a_file_with_the_same_keys(command, folder):
    lines = ["示例部关于加强数据管理的通知", "示部发〔2026〕3号", "为加强数据管理，现就有关事项通知如下。"]
    (folder / "通知.pdf").write_bytes(pdf(lines))
    (folder / "表.xlsx").write_bytes(files.xlsx({"明细": [["名称", "数量"], ["甲", 3.0]]}))
    answer = command("read", "通知.pdf", "表.xlsx", "page.html", "--json", cwd=folder)
    assert answer.code == 0, answer.err
    text, sheet, page = answer.lines
    assert set(page) <= set(text)
    assert (text["state"], text["doc_number"]) == ("document", "示部发〔2026〕3号")
    assert "为加强数据管理，现就有关事项通知如下。" in text["body"]
    assert text["attachment"]["parts"][0]["page"] == 1
    assert sheet["attachment"]["parts"][1] == {"sheet": "明细", "row": 2, "text": "甲\t3"}
    assert "attachment" not in page


def test_read_says_why_a_file_has_no_text(command, folder):
    (folder / "扫描.pdf").write_bytes(files.picture_pdf())
    (folder / "a.pdf").write_bytes(b"MZ" + bytes(100))
    answer = command("read", "扫描.pdf", "a.pdf", "--json", cwd=folder)
    assert answer.code == 1
    scan, program = answer.lines
    assert (scan["body"], scan["attachment"]["state"], program["attachment"]["state"]) == (
        None,
        "scanned",
        "executable",
    )
    assert "pictures" in scan["state_reason"]
    assert "scanned: its 1 pages are pictures" in command("read", "扫描.pdf", cwd=folder).out
