"""The fields of a reading while they are gathered, each with its evidence; the first, most trusted value stays."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from dateutil.relativedelta import relativedelta

from policy_crawler.reading import dates, issuers, numbers
from policy_crawler.reading.labelled import Labels
from policy_crawler.reading.model import Block, Evidence
from policy_crawler.reading.text import squeezed

_HEAD = 8  # lines in which a text prints its own number
_TAIL = 2000  # characters at the end in which a document says when it comes into force
_EFFECTIVE = re.compile(r"自(?P<day>[^。；，]{6,16}?日)(?:起|开始)(?:正式)?(?:施行|实施|执行|生效)")
_FROM_PUBLICATION = re.compile(r"自(?:公布|发布|印发|下发)之日起(?:正式)?(?:施行|实施|执行|生效)")
_BACKDATED = 180  # days a rule may be in force before it is signed
_YEARS = re.compile(r"有效期限?为?(?P<years>[一二三四五六七八九十]|\d{1,2})年")
_NUMERALS = "〇一二三四五六七八九十"
_EXPIRES = re.compile(r"有效期(?:限)?(?:为)?(?:自[^。；]{4,20})?(?:至|截至|截止到?|到)(?P<day>[^。；，]{6,16}?日)")


@dataclass(slots=True)
class Fields:
    """Values and their evidence by field name."""

    values: dict[str, str | date | bool] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)

    def put(self, name: str, value: str | date | bool | None, source: str, confidence: float) -> None:
        """Keep `value` unless it is empty or the field has one already."""
        if value is None or value == "" or name in self.values:
            return
        self.values[name] = value
        self.evidence[name] = Evidence(source, confidence)

    def text(self, name: str) -> str | None:
        """A kept text, None when there is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def moment(self, name: str) -> date | datetime | None:
        """A kept date, with its clock when it has one."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def day(self, name: str) -> date | None:
        """A kept date without its clock."""
        value = self.moment(name)
        return value.date() if isinstance(value, datetime) else value


def put_labelled(fields: Fields, labels: Labels) -> None:
    """Index number, topic, kind, validity and the days of force, as the table or a line says."""
    for name in ("index_number", "topic", "kind", "validity"):
        found = labels.first(name)
        if found:
            label, source, trust = found
            fields.put(name, squeezed(label.value) if name == "index_number" else label.value, source, trust)
    for name in ("written", "effective", "expires"):
        found = labels.first(name)
        if found:
            fields.put(name, dates.find_day(found[0].value), found[1], found[2])


def put_number(fields: Fields, labels: Labels, title: str | None, head: list[str], above: list[str]) -> None:
    """发文字号, the document's own: the field, the title's end, a line of its own above or at the head of the text."""
    for group, source, trust in labels.groups()[:2]:
        for label in group:
            if label.field == "doc_number" and label.value:
                fields.put("doc_number", numbers.printed_number(label.value), f"{source} {label.word}", trust)
    fields.put("doc_number", numbers.number_in_title(title or ""), "brackets at the end of the title", 0.85)
    for line in head[:_HEAD]:
        fields.put("doc_number", numbers.number_line(line), "line at the head of the text", 0.85)
    fields.put("doc_number", numbers.order_in(head[:_HEAD]), "two lines at the head of the text", 0.8)
    for line in above:
        if line.endswith(("号", "号）", "号)")):
            fields.put("doc_number", numbers.number_line(line), "line above the text", 0.8)


def put_from_text(fields: Fields, blocks: tuple[Block, ...]) -> None:
    """成文日期 from the signature, and the days of force from the closing words."""
    for before, block in pairwise(blocks):
        if block.role == "date" and (
            before.role in {"signature", "date"} or issuers.is_organ(before.text.replace(" ", ""))
        ):
            fields.put("written", dates.find_day(block.text), "date under the signature", 0.8)
    for block in blocks[-4:] if len(blocks) > 4 else ():
        if block.role == "date":
            fields.put("written", dates.find_day(block.text), "date at the end", 0.6)
    tail = "\n".join(block.text for block in blocks[-80:])[-_TAIL:]
    known = fields.day("written") or fields.day("published")
    days = [day for match in _EFFECTIVE.finditer(tail) if (day := dates.find_day(match["day"]))]
    # A decision to amend prints the old paper's day too: nothing comes into force long before it is signed.
    fields.put(
        "effective",
        next((day for day in days if not known or (known - day).days < _BACKDATED), None),
        "text 起施行",
        0.8,
    )
    if _FROM_PUBLICATION.search("\n".join(block.text for block in blocks)[-20_000:]):
        fields.put("effective", fields.day("written"), "text 自公布之日起施行", 0.6)
    match = _EXPIRES.search(tail)
    if match:
        fields.put("expires", dates.find_day(match["day"]), "text 有效期至", 0.8)
    match, start = _YEARS.search(tail), fields.day("effective")
    if match and start:
        printed = match["years"]
        years = int(printed) if printed.isdigit() else _NUMERALS.index(printed)
        fields.put("expires", start + relativedelta(years=years), "text 有效期", 0.7)
