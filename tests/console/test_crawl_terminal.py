"""`crawl` on a terminal, and a Ctrl-C there: a real pseudo-terminal, a real crawl."""

import json
import os
import pty
import sys
from pathlib import Path

import pytest
from support.fault_server import silence
from support.sites import COLUMN, MIIT, Ministry

ROOT = Path(__file__).parents[2]
SOURCE = "miit-wjfb-tz"


@pytest.fixture
def ministry(server, command):
    command.more = {
        "POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for([f"https://{MIIT}"])),
        "POLICY_CRAWLER_CRAWL__DELAY": "0.3",
    }
    return Ministry(server, numbers=range(24, 0, -1))


def on_terminal(command, *arguments, stop_at=()):
    """Run the command on a terminal; a Ctrl-C when each of `stop_at` was printed. Answers its exit code and output."""
    pid, terminal = pty.fork()
    if pid == 0:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_CRAWLER_")}
        more = {"PYTHONPATH": str(ROOT), "POLICY_CRAWLER_HOME": str(command.home), "TERM": "xterm", "COLUMNS": "120"}
        os.execve(  # noqa: S606 -- a process of our own
            sys.executable,
            [sys.executable, "-m", "console.cli.main", *arguments],
            {**kept, **more, **command.more},
        )
    printed = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        printed += piece
        if stop_at and stop_at[0] in printed:
            os.write(terminal, b"\x03")
            stop_at = stop_at[1:]
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), printed.decode()


def test_ctrl_c_ends_a_crawl_cleanly_and_the_next_one_goes_on(command, ministry):
    code, printed = on_terminal(command, "crawl", SOURCE, stop_at=[b"added: "])
    assert code == 130, printed
    assert "stopping; what was fetched is kept" in printed
    assert "interrupted" in printed
    assert "Traceback" not in printed
    (run,) = command("runs", "list", "--json").lines
    assert run["verdict"] == "interrupted"
    kept = run["counts"]["added"]
    assert 1 <= kept < 24

    command.more["POLICY_CRAWLER_CRAWL__DELAY"] = "0"
    answer = command("crawl", SOURCE, "--json")
    assert answer.lines[0]["counts"]["added"] == 24 - kept
    assert len(set(ministry.articles_asked())) == 24


def test_a_second_ctrl_c_waits_for_no_answer(command, ministry, server):
    server.on(MIIT, COLUMN, silence())
    code, printed = on_terminal(command, "crawl", SOURCE, stop_at=[b"1 requests", b"stopping"])
    assert code == 130, printed
    (run,) = command("runs", "list", "--json").lines
    assert run["verdict"] == "died"  # one that waited for the answer's time limit is interrupted


def test_on_a_terminal_one_line_a_source_moves_and_the_summary_stays(command, ministry):
    command.more["POLICY_CRAWLER_CRAWL__DELAY"] = "0.1"
    code, printed = on_terminal(command, "crawl", SOURCE)
    assert code == 0, printed
    assert "requests, " in printed
    assert "waiting" in printed
    assert "\x1b[2K" in printed  # a line that is drawn again in its place
    assert "24 added" in printed.splitlines()[-2] or "24 added" in printed.splitlines()[-1]


def test_without_a_terminal_progress_is_plain_lines_on_standard_error(command, ministry):
    command.more["POLICY_CRAWLER_CRAWL__DELAY"] = "0"
    answer = command("crawl", SOURCE)
    assert f"{SOURCE}  started" in answer.err
    assert answer.err.count(f"{SOURCE}  added: ") == 24
    assert "\x1b" not in answer.err + answer.out
    assert answer.out.startswith(f"{SOURCE}: ok: ")


def test_json_stays_pure_with_the_log_shown(command, ministry):
    command.more["POLICY_CRAWLER_CRAWL__DELAY"] = "0"
    answer = command("crawl", SOURCE, "--json", "--verbose")
    (line,) = answer.out.splitlines()
    assert json.loads(line)["verdict"] == "ok"
    assert "added: " in answer.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["crawl", "page"], "--url"), (["crawl", "--url", f"https://{MIIT}/", "--pages", "2"], "--pages")],
)
def test_what_reads_no_listing_takes_no_options_of_listings(command, arguments, says):
    answer = command(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err
