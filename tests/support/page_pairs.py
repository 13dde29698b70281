"""Pages seen twice: what sites change by themselves, and what people change. Each pair is a page of one CMS family, in
the structures of `family_pages`, and what the server answers later."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from support.family_more import MORE
from support.family_pages import CASES, END, TITLE, Case

Files = Mapping[str, bytes]  # by URL as linked


@dataclass(frozen=True)
class Answer:
    """What a server answers for the page; `files` are what its links lead to, by the end of their address."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    final_url: str | None = None
    truncated: bool = False
    failed: bool = False  # no answer at all
    files: Files = field(default_factory=dict)
    days: float = 1  # since the answer before


@dataclass(frozen=True)
class Pair:
    """A page and what is answered later, in order."""

    kind: str
    family: str
    url: str
    first: Answer
    later: tuple[Answer, ...]

    @property
    def name(self) -> str:
        return f"{self.kind} / {self.family}"


@dataclass(frozen=True)
class Page:
    """A page as text, with the places that templates write to."""

    html: str
    case: Case

    def put(self, place: str, snippet: str) -> "Page":
        """The page with `snippet` at `top` (before all else), `beside` the title or the date, at the `end` of the text,
        `below` the text's container, or at the `foot`."""
        return replace(self, html=_PLACES[place](self.html, snippet))

    def turn(self, old: str | re.Pattern[str], new: str, *, most: int = 0) -> "Page":
        """The page with every `old` (or the first `most`) as `new`, at least one."""
        pattern = old if isinstance(old, re.Pattern) else re.compile(re.escape(old))
        turned, count = pattern.subn(lambda match: match.expand(new) if "\\g" in new else new, self.html, count=most)
        if not count:
            raise NothingTurnedError(f"{pattern.pattern!r} is not in {self.case.name}")
        return replace(self, html=turned)

    def has(self, text: str) -> bool:
        return text in self.html

    def answer(self, **more: object) -> Answer:
        """The page as its server sends it."""
        label = "utf-8" if self.case.charset == "utf-8" else "gb2312"
        given = {"content_type": f"text/html; charset={label}", **more}
        return Answer(self.html.encode(self.case.charset, "xmlcharrefreplace"), **given)  # type: ignore[arg-type]


class NothingTurnedError(AssertionError):
    """An edit found nothing to edit: the family has no such place."""


def _after_text(html: str, snippet: str) -> str:
    """After the paragraph, cell or line that ends the text."""
    at = html.rindex(END) + len(END)
    close = re.compile(r"</p>|<br ?/?>|</div>|</td>").search(html, at)
    place = close.end() if close and close[0] != "</div>" and close[0] != "</td>" else at
    return html[:place] + snippet + html[place:]


def _below_text(html: str, snippet: str) -> str:
    at = html.rindex(END)
    close = re.compile(r"</div>|</td>").search(html, at)
    place = close.end() if close and close[0] == "</div>" else html.rindex("</body>")
    return html[:place] + snippet + html[place:]


def _beside_title(html: str, snippet: str) -> str:
    body = html.index("<body")
    title = html.find(TITLE, body)
    place = html.find(">", html.find("</", title)) + 1 if title >= 0 else html.index(">", body) + 1
    return html[:place] + snippet + html[place:]


def _top(html: str, snippet: str) -> str:
    place = html.index(">", html.index("<body")) + 1
    return html[:place] + snippet + html[place:]


def _foot(html: str, snippet: str) -> str:
    place = html.rindex("</body>")
    return html[:place] + snippet + html[place:]


_PLACES: Mapping[str, Callable[[str, str], str]] = {
    "top": _top, "beside": _beside_title, "end": _after_text, "below": _below_text, "foot": _foot,
}  # fmt: skip

# The pages that are HTML with a body of their own, the text once.
FAMILIES: tuple[Case, ...] = tuple(
    case
    for case in (*CASES, *MORE)
    if case.html.count(END) == 1 and "\\u003C" not in case.html and "</body>" in case.html
)


def in_turn(number: int, count: int) -> Iterator[Case]:
    """`count` families, others for each `number`, so that each family meets many kinds."""
    for step in range(count):
        yield FAMILIES[(number * 7 + step * 5) % len(FAMILIES)]
