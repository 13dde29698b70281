"""Files made to harm: each costs one attachment and is named, never the run (bombs are generated here)."""

import gzip
import json
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import files

from console.demo.files import pdf
from policy_crawler.attachments import FileState, extract, extract_safely
from policy_crawler.attachments import sandbox as safe
from policy_crawler.attachments.model import MAX_MEMBERS, MAX_PAGES

PDF = pdf(["关于印发资金管理办法的通知，请遵照执行，有关问题及时反馈。"])


def flate_bomb() -> bytes:
    """A page whose content unpacks to 1 GB of spaces."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(1024)) + packer.flush()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream",
    ]
    return files.assembled(objects)


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    tree = b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % count
    return files.assembled([b"<< /Type /Catalog /Pages 2 0 R >>", tree, *[page] * count])


def endless_tree() -> bytes:
    """A page tree that is its own child."""
    return files.assembled(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 99999 >>"]
    )


def overlapping() -> bytes:
    """Two members of the directory share one stretch of the file (CVE-2024-0450)."""
    payload = files.package({"a.txt": "同一段内容" * 9, "b.txt": "另一段内容" * 9}, stored=True)
    at = payload.rindex(b"PK\x01\x02")
    return payload[: at + 42] + struct.pack("<I", 5) + payload[at + 46 :]


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (files.package({"a.txt": bytes(150 << 20)}), "times its size"),
        (files.package({f"{n}.txt": "x" for n in range(MAX_MEMBERS + 1)}), "members; the limit is"),
        (many_pages(MAX_PAGES + 1), "pages; the limit is"),
    ],
    ids=["ratio", "members", "pages"],
)
def test_a_promise_over_the_limit_is_refused_before_it_is_unpacked(payload, says):
    found = extract(payload)
    assert found.state is FileState.TOO_LARGE
    assert says in found.reason


def test_a_gzip_bomb_is_cut_while_it_is_unpacked():
    found = extract(gzip.compress(b"a" * (50 << 20)))
    assert (found.state, found.text) == (FileState.TOO_LARGE, "")
    assert "unpacks to over 100 times" in found.reason or "libarchive" in found.reason


def test_a_member_of_a_rar_that_promises_more_than_it_holds_costs_only_itself():
    payload = files.rar5({"a.txt": b"abc", "b.txt": b"def"})
    at = payload.index(b"a.txt")
    found = extract(payload[: at - 9] + b"\x7f" + payload[at - 8 :])
    assert found.state in {FileState.DAMAGED, FileState.UNSUPPORTED, FileState.EMPTY}
    assert found.reason


def test_packages_in_packages_end():
    payload = files.package({"a.txt": "底"})
    for depth in range(6):
        payload = files.package({f"{depth}.zip": payload})
    found = extract(payload)
    assert (found.state, found.text) == (FileState.TOO_LARGE, "")
    assert "nested more than" in found.reason


def test_overlapping_members_and_lying_sizes_are_damage():
    assert "overlap" in extract(overlapping()).reason
    payload = bytearray(files.package({"a.txt": "很长的内容" * 50}))
    at = payload.rindex(b"PK\x01\x02")
    payload[at + 24 : at + 28] = struct.pack("<I", 7)  # promises seven bytes
    found = extract(bytes(payload))
    assert (found.state, found.text) == (FileState.DAMAGED, "")


def test_a_member_without_a_name_is_a_member():
    assert [(part.member, part.text) for part in extract(files.package({"": "文字"})).parts] == [("", "文字")]


def test_locked_members_are_named():
    payload = bytearray(files.package({"密.txt": "x", "明.txt": "文"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        payload[payload.index(signature) + offset] |= 1
    found = extract(bytes(payload))
    assert (found.state, found.text) == (FileState.TEXT, "文")
    assert "needs a password" in found.reason


@pytest.mark.parametrize("name", ["../../x.txt", "/etc/x.txt", "C:\\x.txt", "a/\x01.txt"])
def test_member_names_are_labels_and_never_paths(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = extract_safely(files.package({name: "文字"}))
    assert [(part.member, part.text) for part in found.parts] == [(name.replace("C:\\x", "C:\\x"), "文字")]
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_a_package_is_not_followed():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    found = extract(buffer.getvalue())
    assert (found.text, found.reason) == ("", "link.txt: a link")


def test_xml_with_entities_is_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SENTINEL")
    laughs = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file://' + str(secret) + '">]>'
    text = "<w:body><w:p><w:r><w:t>&b;&f;</w:t></w:r></w:p></w:body>"
    xml = f"<?xml version='1.0'?>{laughs}<w:document {files.W}>{text}</w:document>"
    found = extract(files.package({"word/document.xml": xml}))
    assert found.state is FileState.DAMAGED
    assert "DTD" in found.reason
    assert "SENTINEL" not in found.text


def far_cell() -> bytes:
    """A sheet whose two cells span a table of 17 thousand million."""
    payload = files.xlsx({"表": [["甲", "乙"]]})
    with zipfile.ZipFile(BytesIO(payload)) as old:
        members = {info.filename: old.read(info) for info in old.infolist()}
    sheet = "xl/worksheets/sheet1.xml"
    far = b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
    return files.package({**members, sheet: members[sheet].replace(b"</sheetData>", far)})


@pytest.mark.parametrize("bomb", [flate_bomb(), endless_tree(), far_cell()], ids=["flate", "endless tree", "far cell"])
def test_a_bomb_costs_one_child(bomb):
    found = extract_safely(bomb, limits=safe.Limits(cpu_seconds=5, wall_seconds=30))
    assert found.state in {FileState.TOO_LARGE, FileState.DAMAGED, FileState.EMPTY}
    assert found.text == ""
    assert found.reason


def test_the_child_answers_as_the_reader_does():
    for payload, name in ((PDF, "a.pdf"), (files.package({"附件.txt": "文字"}), "a.zip"), (b"MZ" + bytes(9), "a.pdf")):
        assert extract_safely(payload, name) == extract(payload, name)


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (safe.Limits(memory=16 << 20), r"crashed on it|gave up|needs more than"),
        (safe.Limits(wall_seconds=0), "took more than 0 s"),
    ],
    ids=["no memory to start", "time"],
)
def test_every_odd_end_of_a_child_has_a_state_and_a_reason(limits, says):
    found = extract_safely(PDF, limits=limits)
    assert found.state in {FileState.TOO_LARGE, FileState.DAMAGED}
    assert re.search(says, found.reason)


def test_the_child_knows_nothing_of_the_archive(monkeypatch):
    """It gets no environment, and no descriptor but the file and its answer."""
    monkeypatch.setenv("POLICY_CRAWLER_DATABASE", "postgresql://secret")
    seen = {}
    real = subprocess.Popen

    def watched(*args, **kwargs):
        seen.update(kwargs)
        return real(*args, **kwargs)

    monkeypatch.setattr(subprocess, "Popen", watched)
    assert extract_safely(PDF).state is FileState.TEXT
    assert not any("POLICY" in name for name in seen["env"])
    assert seen["close_fds"]


def test_a_child_has_its_limits_before_it_reads():
    order = {"name": "", "declared": "", "pictures": 0, "memory": 512 << 20, "cpu": 30}
    code = (
        "import json,resource,sys; from policy_crawler.attachments import child as c\n"
        "c._confine(json.loads(sys.argv[1]))\n"
        "print(*(resource.getrlimit(n)[0] for n in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)))"
    )
    done = subprocess.run([sys.executable, "-c", code, json.dumps(order)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(512 << 20), "30", "0"]


SEEDS = [
    PDF, files.picture_pdf(), files.docx(files.paragraph("通知") + files.table([["a", "b"]])),
    files.rar4({"a.txt": b"abc"}),
    files.rar5({"a.txt": b"abc"}),
    files.doc([("通知\r甲\x07乙\x07\x07", False)], forms=[(39, "第\0条")], depths=[0]),
    files.xlsx({"表": [["甲", 1.0]]}),
    files.ofd([[(1, 1, "文")]]), b"{\\rtf1 \\'cd\\'a8}",
    files.ole({"PowerPoint Document": b"\0\0\xa0\x0f\4\0\0\0ab\0\0"}),
]  # fmt: skip


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=8)), max_size=6),
    st.integers(0, 9),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_damage_gives_a_state_and_the_same_one_again(seed, edits, cut):
    payload = bytearray(seed)
    for place, content in edits:
        at = place % len(payload)
        payload[at : at + len(content)] = content
    payload = bytes(payload[: len(payload) - len(payload) * cut // 20])
    found = extract(payload, "附件.pdf")
    assert found == extract(payload, "附件.pdf")
    assert found.text.strip() or found.reason


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_a_state(payload):
    found = extract(payload)
    assert found.text.strip() or found.reason
