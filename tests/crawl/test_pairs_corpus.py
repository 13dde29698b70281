"""Real pages seen twice: with what sites put around a text, made here, and with a digit or a 不 of the text another;
and pages that were really fetched twice."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.family_pages import Case
from support.page_noise import EDITS
from support.page_pairs import Answer, NothingTurnedError, Page, Pair
from support.recorded_pairs import Door, Told

from policy_crawler.errors import Unreadable
from policy_crawler.reading import read

pytestmark = pytest.mark.corpus

# Fetched twice, and whether the article had changed.
TWICE = {"163_5": 0, "thepaper1": 0, "thepaper_nansha": 0, "baijiahao1": 0, "ifeng_gugong": 1}
AROUND = [
    edit for kind in ("counter", "clock", "advertisement", "related list", "token", "banner") for edit in EDITS[kind]
]


@dataclass(frozen=True)
class Real:
    page: Page
    lines: tuple[str, ...]  # of the text as it is read


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    opened = Door(tmp_path_factory.mktemp("pairs"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def real(corpus: Path) -> list[Real]:
    """Detail pages of HTML that are read as documents."""
    found = []
    for line in (corpus / "pages" / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["kind"] != "detail":
            continue
        url = row["url"] if (row["url"] or "").startswith("http") else f"https://{row['site']}/{row['file']}"
        payload = (corpus / "pages" / row["file"]).read_bytes()
        charset = "gb18030" if "gb" in (row.get("encoding") or "").lower() else "utf-8"
        try:
            html = payload.decode(charset)
            reading = read(payload, url)
        except (UnicodeDecodeError, Unreadable):
            continue
        if reading.state.value != "document" or "</body>" not in html or "<body" not in html:
            continue
        case = Case(row["file"], url, html, row["cms"], charset)
        found.append(Real(Page(html, case), tuple(block.text for block in reading.blocks)))
    assert len(found) >= 25
    return found


def seen(door: Door, name: str, before: Page, after: Page) -> Told:
    return door.told(Pair(name, before.case.name, before.case.url, before.answer(), (after.answer(),)))


def test_what_stands_around_a_real_text_brings_no_alert(door, real):
    wrong, tried = [], 0
    for number, one in enumerate(real):
        edit = AROUND[number % len(AROUND)]
        try:
            before, after = edit(one.page, 0), edit(one.page, 1)
        except (NothingTurnedError, ValueError):  # the place that it writes to is not in this page
            before, after = (one.page.put("foot", f"<div class='views'>浏览次数：{count}</div>") for count in (7, 88))
        told = seen(door, "around", before, after)
        tried += 1
        wrong += [f"{one.page.case.name}, edit {number % len(AROUND)}: {told}"] if told.count() else []
    print(f"noise of real pages: {len(wrong)} of {tried} alerted")
    assert not wrong, "\n".join(wrong)


def test_a_digit_and_a_no_in_a_real_text_are_told(door, real):
    silent, tried = [], 0
    for one in real:
        for name, pattern, new in (
            ("digit", r"(?<=[\u4e00-\u9fff])([1-8])(?=[0-9]*[\u4e00-\u9fff])", lambda digit: str(int(digit) + 1)),
            ("不", r"(?<=[\u4e00-\u9fff])(应当|可以|得|要)(?=[\u4e00-\u9fff])", lambda word: f"不{word}"),
        ):
            edited = _edited(one, pattern, new)
            if edited is not None:
                tried += 1
                told = seen(door, name, one.page, edited)
                silent += [] if told.count() else [f"{one.page.case.name}: {name}: {told}"]
    print(f"changes of real pages: {tried - len(silent)} of {tried} alerted")
    assert tried >= 30
    assert not silent, "\n".join(silent)


def _edited(one: Real, pattern: str, new) -> Page | None:
    """The page with one word of its text another, where that stands once in it."""
    for line in one.lines:
        for match in re.finditer(pattern, line):
            start, end = max(0, match.start() - 6), match.end() + 6
            around = line[start:end]
            html = one.page.html
            if len(around) >= 12 and html.count(around) == 1 and html.index(around) > html.index("<body"):
                at = match.start() - start
                changed = around[:at] + new(match[1]) + around[at + len(match[1]) :]
                return one.page.turn(around, changed)
    return None


@pytest.mark.parametrize("name", TWICE)
def test_a_page_that_was_really_fetched_twice(door, corpus, name):
    first, *later = [path.read_bytes() for path in sorted((corpus / "pages" / "pairs").glob(f"{name}__*"))]
    answers = tuple(Answer(payload, "text/html") for payload in later)
    told = door.told(
        Pair("twice", name, f"https://{name.replace('_', '-')}.example/a.html", Answer(first, "text/html"), answers)
    )
    assert told.count() == TWICE[name]
