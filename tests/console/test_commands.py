"""The commands on a real archive, filled by a real crawl of a small ministry."""

import json

import pytest
from support.fault_server import respond
from support.sites import COLUMN, MIIT, Draft, Ministry, Notice

from policy_crawler import __version__
from storage.query_fields import FIELDS

SOURCE = "miit-wjfb-tz"
WAF = "<html><head><title>网站防火墙</title></head><body><p>您的请求被拦截，事件编号 1</p></body></html>"


@pytest.fixture
def ministry(server, command):
    command.more = {
        "POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for([f"https://{MIIT}"])),
        "POLICY_CRAWLER_CRAWL__DELAY": "0",
    }
    ministry = Ministry(server)
    ministry.notices = [Notice(number) for number in range(12, 0, -1)]
    return ministry


def test_a_crawl_fills_the_archive_and_every_command_answers_from_it(command, ministry):
    made = command("watch", "add", "专项行动", "--include-backlog", "--json")
    assert made.code == 0, made.err
    assert made.lines[0]["channels"][0]["kind"] == "terminal"

    answer = command("crawl", SOURCE, "--json")
    assert answer.code == 0, answer.err
    (summary,) = answer.lines
    assert (summary["source"], summary["verdict"], summary["backlog"]) == (SOURCE, "ok", True)
    assert summary["counts"]["added"] == 12
    assert len(summary["documents"]) == 12

    hits = command("search", "专项 AND 第3批", "--json").lines
    assert [hit["title"] for hit in hits] == [Notice(3).title]
    assert command("search", "没有这个词", "--json").code == 0

    shown = command("show", "工信厅科函[2026]第3号", "--json").lines[0]
    assert shown["document"]["title"] == Notice(3).title
    assert shown["copies"][0]["url"] == Notice(3).url
    assert command("show", Notice(3).url).code == 0

    assert [row["version"] for row in command("history", Notice(3).url, "--json").lines] == [1]
    alerts = command("alerts", "--json").lines
    assert {alert["watch"] for alert in alerts} == {"专项行动"}
    assert len(alerts) == 12

    runs = command("runs", "list", "--json").lines
    assert [run["verdict"] for run in runs] == ["ok"]
    fetches = command("runs", "show", str(runs[0]["id"]), "--json").lines[0]["fetches"]
    assert {"listing", "document", "robots"} <= {fetch["purpose"] for fetch in fetches}

    (source,) = [row for row in command("sources", "list", "--json").lines if row["id"] == SOURCE]
    assert (source["state"], source["documents"]) == ("ok", 12)


def test_a_changed_clause_is_told_by_diff_and_history(command, ministry):
    command("crawl", SOURCE)
    ministry.notices[3].text = ministry.notices[3].text.replace("落到实处", "落到实处，并于2026年12月31日前完成整改")
    url = ministry.notices[3].url
    answer = command("crawl", SOURCE, "--recheck", "all", "--json")
    assert answer.lines[0]["counts"]["changed"] == 1
    (change,) = command("diff", url, "--json").lines
    assert change["operation"] == "changed"
    assert "2026年12月31日" in change["after"]
    assert "2026年12月31日" not in change["before"]
    assert ["+", "并于2026年12月31日前完成整改，"] in change["marks"]
    one, two = command("history", url, "--json").lines
    assert (one["version"], one["summary"]["zh"], two["version"]) == (1, "", 2)
    assert two["summary"]["zh"] == change["summary"]["zh"] == f"{change['label']}修改"
    told = command("diff", url, "--versions", "1..2").out
    assert "落到实处，{+并于2026年12月31日前完成整改，+}" in told
    assert "[-" not in told


def test_two_documents_are_compared_by_the_texts_that_share_most(command, ministry):
    command("crawl", SOURCE)
    one, other = (ministry.notices[place].url for place in (3, 4))
    found = command("diff", one, other, "--json").lines
    assert "标题" not in {change["label"] for change in found}
    assert {(change["from_text"], change["to_text"]) for change in found} == {("正文", "正文")}
    assert "clauses are the same" in command("diff", one, other).out


class Final(Draft):
    """The text that the draft became."""

    @property
    def title(self):
        return f"工业和信息化部办公厅关于印发《第{self.number - 1}批专项行动管理办法》的通知"

    def page(self):
        return Notice.page(self).replace("加强组织领导", "切实加强组织领导")


def test_a_draft_and_its_final_text_find_each_other(command, ministry):
    ministry.notices[:0] = [Final(14), Draft(13)]
    command("crawl", SOURCE)
    draft, final = (command("show", url, "--json").lines[0]["document"]["id"] for url in (Draft(13).url, Final(14).url))
    for named in (draft, final):
        found = command("diff", str(named), "--draft", "--json").lines
        assert {(change["from_document"], change["to_document"]) for change in found} == {(draft, final)}
        assert "三、" in {change["label"] for change in found}
    assert "{+切实+}加强组织领导" in command("diff", str(draft), "--draft").out


def test_diff_says_what_it_cannot_compare(command, ministry):
    command("crawl", SOURCE)
    url = ministry.notices[3].url
    for arguments, says in (
        ((url, "--versions", "1-2"), "expected two versions, as 1..3"),
        ((url, "--versions", "1..9"), "has no version 9"),
        ((url, url, "--versions", "1..2"), "name one document only"),
        ((url, "--draft"), "knows no consultation draft"),
    ):
        answer = command("diff", *arguments)
        assert (answer.code, answer.out) == (2, "")
        assert says in answer.err.replace("\n", " ")


def test_one_page_by_its_url(command, ministry):
    answer = command("crawl", "--url", ministry.notices[0].url, "--json")
    assert answer.code == 0, answer.err
    assert answer.lines[0]["counts"]["added"] == 1
    assert command("show", ministry.notices[0].url, "--json").lines[0]["document"]["number"] == "工信厅科函〔2026〕12号"
    assert command("read", ministry.notices[0].url, "--json").lines[0]["title"] == Notice(12).title


def test_the_entries_of_a_column_whose_list_a_script_fetches(command, ministry):
    (listing,) = command("entries", f"https://{MIIT}{COLUMN}", "--json").lines
    assert listing["family"] == "jpaas"
    assert [entry["url"] for entry in listing["entries"]] == [notice.url for notice in ministry.notices]


def test_a_firewall_under_status_200_is_blocked_and_exits_3(command, ministry, server):
    server.on(MIIT, COLUMN, respond(body=WAF))
    answer = command("crawl", SOURCE, "--json")
    assert answer.code == 3, answer.err
    assert answer.lines[0]["verdict"] == "blocked"
    assert "拦截" in answer.lines[0]["reason"]


def test_a_failing_site_exits_1(command, ministry, server):
    server.on(MIIT, COLUMN, respond("<html><body>gone</body></html>", status=404))  # asked once; a 500 three times
    answer = command("crawl", SOURCE)
    assert answer.code == 1
    assert answer.out.count("404") == 1
    assert "policy-crawler runs show 1" in answer.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["crawl"], "name sources"),
        (["crawl", "miit-wjfb-tx"], "Did you mean 'miit-wjfb-tz'"),
        (["crawl", "--url", "file:///etc/passwd"], "refused"),
        (["crawl", "--url", "http://127.0.0.1/"], "refused"),
        (["show", "99"], "no document '99'"),
        (["search", "工业 AND ("], "missing after ("),
        (["watch", "add", "工业", "--to", "nobody"], "nobody"),
        (["watch", "add", "工业 OR"], "OR"),
        (["watch", "add", "工业", "--source", "none"], "no source named"),
        (["watch", "add", "工业 region:广冻"], "no source has '广冻'; did you mean 广"),
        (["watch", "add", "工业 source:miit-wjfb-tx"], "did you mean miit-wjfb-tz"),
        (["search"], "--syntax"),
        (["search", "工业 | 信息"], "write OR"),
        (["search", "工业 in:change"], "for watches"),
        (["runs", "show", "7"], "no run 7"),
        (["show", "[/red] [b]"], "no document '[/red] [b]'"),
        (["runs", "release", "7"], "there is no run 7"),
        (["diff", "99", "--versions", "1-2"], "no document '99'"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_use_exits_2_and_says_what_to_do(command, arguments, says):
    answer = command(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert says in answer.err.replace("\n", " ")


def test_the_language_is_told_and_the_users_synonyms_are_read(command, home):
    told = command("search", "--syntax").out
    assert all(f"{field}:" in told for field in FIELDS if field.isascii())
    (home / "synonyms.txt").write_text("工业 = 制造\n国补 => 补贴\n", encoding="utf-8")
    assert "国补 was looked for as 补贴, too" in command("search", "国补 NOT 工业").out
    assert "工业 was" not in command("search", '"工业"').out
    (home / "synonyms.txt").write_text("# mine\n国补 =>\n", encoding="utf-8")
    answer = command("search", "国补")
    assert (answer.code, answer.out) == (2, "")
    assert "synonyms.txt, line 2: a word is missing" in answer.err.replace("\n", " ")


def test_settings_are_checked_and_the_key_is_named(command, home):
    (home / "config.toml").write_text("[crawl]\ndelay = 'soon'\n", encoding="utf-8")
    answer = command("sources", "list")
    assert answer.code == 2
    assert "config.toml: crawl.delay" in answer.err
    (home / "config.toml").write_text("", encoding="utf-8")
    command.more = {"POLICY_CRAWLER_SCHEDULE__CONCURENCY": "3"}
    answer = command("sources", "list")
    assert answer.code == 2
    assert "POLICY_CRAWLER_SCHEDULE__CONCURENCY" in answer.err
    command.more = {"POLICY_CRAWLER_ARCHIVE": "mysql://localhost/x"}
    answer = command("search", "工业")
    assert answer.code == 2
    assert "mysql" in answer.err


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("POLICY_CRAWLER_FOO", "1", "POLICY_CRAWLER_FOO: foo: there is no such setting"),
        ("POLICY_CRAWLER_CRAWL", "5", "POLICY_CRAWLER_CRAWL: crawl: is a table"),
        ("POLICY_CRAWLER_CRAWL__PROXY", "proxy:3128", "crawl.proxy: expected http://host:port"),
        ("POLICY_CRAWLER_CRAWL__ALLOW_NETWORKS", "10.0.0.0/99", "POLICY_CRAWLER_CRAWL__ALLOW_NETWORKS: crawl.allow"),
        ("POLICY_CRAWLER_ARCHIVE", "postgresql://u:secret@127.0.0.1:1/none", "cannot open the archive postgresql"),
        ("POLICY_CRAWLER_ARCHIVE", "nonsense", "Expected sqlite:///path/to/archive.db or postgresql://"),
        ("POLICY_CRAWLER_HOME", "/dev/null", "POLICY_CRAWLER_HOME names another home"),
    ],
)
def test_a_setting_that_cannot_be_is_told_with_its_name(command, variable, value, says):
    command.more = {variable: value}
    answer = command("runs", "list", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err
    assert "secret" not in answer.err
    assert "Traceback" not in answer.err


def test_a_broken_catalog_file_is_named_with_its_key(command, home):
    (home / "sources").mkdir()
    (home / "sources" / "mine.toml").write_text('[[source]]\nid = "mine"\nfamily = "trs"\n', encoding="utf-8")
    answer = command("sources", "list")
    assert answer.code == 2
    assert "mine.toml" in answer.err
    assert "list_url" in answer.err


def test_doctor_says_what_a_proxy_cannot_guard(command):
    assert command("doctor", "--json").code == 0
    command.more = {"POLICY_CRAWLER_CRAWL__PROXY": "http://proxy.example:3128"}
    findings = command("doctor", "--json").lines
    (proxy,) = [finding for finding in findings if finding["subject"] == "proxy"]
    assert "resolves names itself" in proxy["text"]


def test_the_version(command):
    assert command("--version").out == f"policy-crawler {__version__}\n"


def test_serve_refuses_root(command):
    import os

    if os.geteuid() != 0:
        pytest.skip("only root can be refused")
    answer = command("serve")
    assert answer.code == 2
    assert "--allow-root" in answer.err


def test_json_is_all_that_stands_on_standard_output(command):
    for arguments in (["sources", "list"], ["runs", "list"], ["watch", "list"], ["channels", "list"], ["alerts"]):
        answer = command(*arguments, "--json")
        assert answer.code == 0
        for line in answer.out.splitlines():
            json.loads(line)
