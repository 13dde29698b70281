"""A consultation draft as the analyst meets it: in the mail, in `show`, in `search`, `history` and `diff`."""

from datetime import date

import pytest
from support.mailbox import mailbox
from support.sites import MIIT, Draft, Ministry, Notice

SOURCE = "miit-wjfb-tz"
ANALYST = "analyst@example.org"


@pytest.fixture
def box():
    with mailbox() as running:
        yield running


@pytest.fixture
def ministry(server, command, box):
    command.more = {
        "POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for([f"https://{MIIT}"])),
        "POLICY_CRAWLER_CRAWL__DELAY": "0",
        "POLICY_CRAWLER_MAIL__HOST": "127.0.0.1",
        "POLICY_CRAWLER_MAIL__PORT": str(box.port),
        "POLICY_CRAWLER_MAIL__SECURITY": "none",
        "POLICY_CRAWLER_MAIL__SENDER": "alerts@example.org",
    }
    return Ministry(server, numbers=range(12, 0, -1))


def test_a_draft_is_told_with_its_deadline_and_told_again_when_that_moves(command, ministry, box):
    assert command("watch", "add", "type:consultation issuer:工信部", "--to", ANALYST).code == 0
    assert command("crawl", SOURCE).code == 0
    ministry.notices.insert(0, Draft(13))
    assert command("crawl", SOURCE).code == 0
    (added,) = box.accepted()
    for kind in ("plain", "html"):
        assert "2026-12-20" in added.part(kind)
    assert "意见截止：2026-12-20" in added.part("plain")

    url = Draft(13).url
    shown = command("show", url).out
    assert "comments     until 2026-12-20" in shown
    assert "organs       工业和信息化部 (工信厅科函)" in shown
    answer = command("show", url, "--json").lines[0]
    assert answer["version"]["organs"] == [{"name": "工业和信息化部", "code": "工信厅科函"}]
    assert (answer["version"]["deadline"], answer["document"]["deadline"]) == ("2026-12-20", "2026-12-20")
    assert answer["version"]["number_normal"] == answer["document"]["number_normal"] == "工信厅科函〔2026〕13号"
    assert answer["version"]["images_carry_text"] is False
    assert "comments until 2026-12-20" in command("search", "type:consultation").out
    assert "comments" not in command("show", Notice(3).url).out

    ministry.notices[0].until = date(2027, 1, 15)
    assert command("crawl", SOURCE, "--recheck", "all").code == 0
    added, moved = box.accepted()
    assert "征求意见截止日期" in moved.mail["Subject"]
    assert "意见截止：2027-01-15" in moved.part("plain")
    (change,) = command("diff", url, "--json").lines
    assert (change["label"], change["before"], change["after"]) == ("征求意见截止日期", "2026-12-20", "2027-01-15")
    assert "征求意见截止日期 changed" in command("history", url).out
    assert "comments     until 2026-12-20" in command("show", url, "--version", "1").out
