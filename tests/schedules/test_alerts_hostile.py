"""Nothing that a page wrote can do more in a message than be read (reliability rows L8, I11)."""

import html.parser
import json
import re
import unicodedata
from io import StringIO
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from schedules.alerts import Found, Links, Match, Message, Notice, Other, render
from schedules.alerts.data import Alert
from schedules.alerts.marked import shortened, sides
from schedules.alerts.outline import Language
from schedules.alerts.samples import samples
from schedules.alerts.text import ascii_link, clean, columns, inert, plain, unlinked, web_link, wrapped
from schedules.channels import Envelope
from schedules.channels.smtp import compose
from schedules.channels.terminal import TerminalChannel
from storage.normal import fold
from storage.records import ClauseChange

AT = samples()[0].happened_at
UNHURRIED = settings(deadline=None)  # on a busy machine one example takes long
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></head><body onload=alert(1)>",
    "</style><svg/onload=alert(1)>",
    "&lt;script&gt;&#60;img&#62;",
    "x\r\nBcc: a@b",
    "x\u2028Subject: y\u0085z",
    "{{7*7}}{0.__class__}%s%(x)s${x}",
    "[bold red]x[/bold red][link=https://evil.example]y[/link]",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07\x1b[2J",
    "a\u202egnp.exe",
    "\u2066\u2067x\u2069",
    "零\u200b宽\ufeff\u2060\u00ad\u034f\u3164",
    "\ud83d",
    "",
    "@all @所有人 @everyone <@U1> <!channel> <at user_id=\"all\">所有人</at> <at id=all></at> <@all>",
    "13800138000 @13800138000",
    "[点击](https://evil.example) ![x](https://evil.example/p.png) <https://evil.example>",
    "[x]: https://evil.example\n[x]",
    "https://evil.example/a www.evil.example evil.com mailto:a@evil.com ftp://evil.example",
    "# 标题 ## 标题 ### x ---\n===\n***",
    "**粗** __粗__ *斜* _斜_ ~~删~~ `码` ```\n码\n```",
    "> 引用\n- 项\n1. 项\n+ 项\n| a | b |\n|---|---|",
    "<font color=\"warning\">x</font><br><details>",
    "=HYPERLINK(\"https://evil.example\") +1 -1 @SUM(A1) =cmd|'/C calc'!A0",
    "\\*转义\\* \\[x\\](y)",
    "$\\href{https://evil.example}{x}$ ^x^ :smile: &copy;",
]  # fmt: skip


def hostile_notice(text: str, kind: str = "changed", type_: str = "policy") -> Notice:
    """A notice whose every text is `text`, its addresses too."""
    return Notice(
        kind=kind,
        happened_at=AT,
        source_name=text,
        title=text,
        issuer=text,
        doc_number=text,
        type=type_,
        url=f"https://a.example/{text}",
        document_id=1,
        by=Other(2, text, f"https://a.example/{text}"),
        about=Other(3, text, f"https://a.example/{text}"),
        links=Links(f"https://a.example/{text}", f"https://a.example/{text}"),
        matches=(Match(text, (Found(text, text, text),)),),
        changes=(ClauseChange("changed", text, text + "一", text + "二", columns=(text,)),),
        reason=text,
    )


def several(text: str, language: Language = "zh", sources: int = 3) -> Message:
    """A message of changes, news under a policy, and events of sources."""
    changed = [hostile_notice(text)] * 2
    news = [hostile_notice(text, "added", "news")] * 3
    alone = [Notice("source_failing", AT, text, (), reason=text)] * sources
    return render([*changed, *news, *alone], language)


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


_TAGS = {"html", "head", "meta", "title", "style", "body", "div", "p", "h1", "h2", "table", "tr", "th", "td", "strong",
         "span", "ul", "li", "br", "hr", "a", "del", "ins", "mark"}  # fmt: skip
_ATTRIBUTES = {"lang", "charset", "name", "content", "style", "class", "href", "rel", "role"}
_SEEN_AS_LINK = re.compile(r"[a-z]+://|www\.|mailto:|[A-Za-z0-9-]\.(?:com|example)", re.IGNORECASE)


def assert_seen(text: str) -> None:
    """Nothing in it is without ink, turns the direction of writing, or is a control."""
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text)


def assert_harmless_html(page: str) -> None:
    assert_seen(page.replace("\n", ""))
    seen = _Tags()
    seen.feed(page)
    assert set(seen.tags) <= _TAGS
    assert {name for name, _ in seen.attributes} <= _ATTRIBUTES
    links = [value or "" for name, value in seen.attributes if name == "href"]
    assert all(link.startswith("https://a.example/") for link in links)
    assert not _SEEN_AS_LINK.search(" ".join(seen.words[seen.words.index("\n") :]))


def assert_harmless_text(text: str) -> None:
    assert_seen(text.replace("\n", ""))
    assert not set(text) & set("<>@")
    for line in text.splitlines():
        link = re.search(r"https://a\.example/\S*$", line)
        words = line[: link.start()] if link else line
        assert not _SEEN_AS_LINK.search(words)
        assert columns(words) <= 80


_BLOCKS = {"heading", "paragraph", "bullet_list", "list_item", "blockquote", "inline", "text", "strong", "link",
           "softbreak"}  # fmt: skip


def assert_harmless_markdown(text: str) -> None:
    assert_seen(text.replace("\n", ""))
    assert not set(re.sub(r"\]\(https://[^()]*\)", "", text)) & set("<@`|~\\&$^")
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    for token in (*tokens, *inline):
        assert _kind(token) in _BLOCKS, token
    links = [str(token.attrs["href"]) for token in inline if token.type == "link_open"]
    assert all(urlsplit(link).hostname == "a.example" for link in links)
    assert not _SEEN_AS_LINK.search("".join(token.content for token in inline if token.type == "text"))


def _kind(token: Token) -> str:
    return token.type.removesuffix("_open").removesuffix("_close")


def assert_harmless(text: str, language: Language = "zh", sources: int = 3) -> None:
    message = several(text, language, sources)
    for one in (message, *message.parts):
        assert_seen(one.subject)
        assert len(one.subject) <= 200
        assert one.subject[:1] not in set("=+-@")
        assert not set(one.subject) & set("<>@")
        assert_harmless_text(one.text)
        assert_harmless_html(one.html)
        assert_harmless_markdown(one.markdown)
        told = json.dumps(one.data)
        assert Alert.model_validate_json(told)
        _assert_seen_in(one.data)
    mail = compose(message, Envelope("k", "a@b.example", AT), "c@d.example").as_bytes()
    headers = mail.partition(b"\r\n\r\n")[0].decode("ascii")
    assert len(re.findall(r"(?m)^[A-Za-z-]+:", headers)) == 9
    assert not re.search(r"(?mi)^(bcc|subject: y)", headers)


def _assert_seen_in(value: object) -> None:
    if isinstance(value, str):
        assert_seen(value)
    elif isinstance(value, dict):
        for inner in value.values():
            _assert_seen_in(inner)
    elif isinstance(value, list):
        for inner in value:
            _assert_seen_in(inner)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_L8_foreign_text_is_only_read(text, language):
    assert_harmless(text, language)


@pytest.mark.parametrize("text", HOSTILE[::6])
def test_of_more_than_is_told_in_full_nothing_does_more_than_be_read(text):
    assert_harmless(text, sources=32)


_PIECES = st.sampled_from(
    [*HOSTILE, "关于", "第八条", "\n", " ", "\t", "(", ")", "https:", "//", "a.", "com", "*", "_", "# "]
)


@UNHURRIED
@given(st.lists(st.one_of(_PIECES, st.text(max_size=12)), max_size=6).map("".join))
def test_L8_any_text_is_only_read(text):
    assert_harmless(text)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://a/b", "//a/b", "https://", "http://u:p@a/", "https://a/ b",
     "https://a/\"onclick", "http://[::1", "https://a/\n", None, "", "https://a/" + "x" * 3000],
)  # fmt: skip
def test_what_is_no_ordinary_web_address_is_no_link(url):
    assert web_link(url) is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://a.gov.cn/公告（一）.html?b=[2]", "https://a.gov.cn/%E5%85%AC%E5%91%8A%EF%BC%88%E4%B8%80%EF%BC%89.html?b=%5B2%5D"),
        ("https://a.gov.cn/x(1)_y.html#t", "https://a.gov.cn/x%281%29_y.html#t"),
        ("https://a.gov.cn/%E5%85%AC", "https://a.gov.cn/%E5%85%AC"),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("https://政务.中国/a", "https://xn--zfr164b.xn--fiqs8s/a"),
    ],
)  # fmt: skip
def test_a_link_is_plain_characters_and_leads_where_it_did(url, said):
    assert ascii_link(url) == said


def test_a_megabyte_title_makes_a_short_message():
    message = render([hostile_notice("关于" * 500_000)], "zh")
    assert len(message.subject) <= 200
    assert len(message.text) < 12_000
    assert len(message.html) < 40_000
    assert len(message.markdown) < 12_000


def test_the_terminal_prints_foreign_text_literally():
    stream = StringIO()
    message = render([hostile_notice("[bold red]x[/bold red] :smile:")], "zh")
    TerminalChannel(stream).send(message, Envelope("d", "", AT))
    assert stream.getvalue().split() == message.text.split()


def test_clean_keeps_what_people_write():
    written = " 关于《“十五五”规划》的通知\n（工信部〔2026〕1号）\t𠀀é "
    assert clean(written) == "关于《“十五五”规划》的通知 （工信部〔2026〕1号） 𠀀é"
    assert (
        inert("《规划》（2026—2030年）：100%、第1.2条，附件.docx")
        == "《规划》（2026—2030年）：100%、第1.2条，附件.docx"
    )
    assert plain("a<b@c.gov.cn") == "a＜b＠c．gov．cn"
    assert unlinked("见 https://a.gov.cn/x.html 。") == "见 https：//a．gov．cn/x.html 。"


# -- marks -------------------------------------------------------------------------------------------------------------


@UNHURRIED
@given(st.text("一二3 4，不", max_size=40), st.text("一二3 4，不", max_size=40))
def test_sides_lose_nothing(before, after):
    was, now = sides(before, after)
    assert fold("".join(text for _, text in was or ())) == fold(before)
    assert fold("".join(text for _, text in now or ())) == fold(after)
    same = ["".join(fold(text) for differs, text in side or () if not differs) for side in (was, now)]
    assert same[0] == same[1]


def test_a_long_clause_is_shortened_around_what_differs():
    start, middle, end = "甲乙" * 2_500, "丙丁" * 2_500, "戊己" * 2_500
    was, now = sides(f"{start}30日{middle}可以{end}", f"{start}20日{middle}不得{end}")
    for side, marked in ((was, ["30", "可以"]), (now, ["20", "不得"])):
        assert [text for differs, text in side or () if differs] == marked
        assert sum(len(text) for _, text in side or ()) <= 700
        assert (side or ())[0][1].startswith("…")
        assert (side or ())[-1][1].endswith("…")


@UNHURRIED
@given(st.lists(st.tuples(st.booleans(), st.text("甲乙", min_size=1, max_size=900)), max_size=30).map(tuple))
def test_shortened_is_never_long(side):
    assert sum(len(text) for _, text in shortened(side)) <= 700


# -- lines -------------------------------------------------------------------------------------------------------------


@UNHURRIED
@given(st.text("关于，。《》“”ab1 .,()〔〕éx", max_size=300).map(clean), st.integers(20, 80))
def test_wrapped_keeps_the_words_and_the_width(text, width):
    lines = wrapped(text, width, "  · ", "    ")
    assert all(columns(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "").removeprefix("·") == text.replace(" ", "")


def test_wrapped_begins_no_line_with_a_closing_sign():
    text = "各省、自治区、直辖市及计划单列市工业和信息化主管部门，各有关单位：" * 4
    for width in range(20, 60):
        for line in wrapped(text, width):
            assert line[0] not in "、，："
