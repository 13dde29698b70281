"""The fields of a reading while they are gathered, each with its evidence; the first, most trusted value stays."""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from policy_crawler.reading import dates, issuers, numbers
from policy_crawler.reading.labelled import Labels
from policy_crawler.reading.model import Block, Evidence
from policy_crawler.reading.text import folded, squeezed

_HEAD = 8  # lines in which a text prints its own number
Value = str | date | bool
_MOST = 8  # runners-up kept a field


@dataclass(slots=True)
class Fields:
    """Values and their evidence by field name, and what less trusted sources said of the same field."""

    values: dict[str, Value] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    others: dict[str, list[tuple[str | date, Evidence]]] = field(default_factory=dict)

    def put(self, name: str, value: Value | None, source: str, confidence: float) -> None:
        """Keep `value` unless it is empty; where the field has one already it is a runner-up."""
        if value is None or value == "":
            return
        if name not in self.values:
            self.values[name] = value
            self.evidence[name] = Evidence(source, confidence)
        elif not isinstance(value, bool):
            self.others.setdefault(name, []).append((value, Evidence(source, confidence)))

    def alternatives(self) -> dict[str, tuple[tuple[str | date, Evidence], ...]]:
        """Runners-up that say something else than the value kept, each value once."""
        found = {}
        for name, values in self.others.items():
            chosen = self.values[name]
            others = [(value, evidence) for value, evidence in values if value != chosen]
            seen = {_sameness(name, chosen)} if others else set()
            kept = []
            for value, evidence in others:
                key = _sameness(name, value)
                if key not in seen:
                    seen.add(key)
                    kept.append((value, evidence))
            if kept:
                found[name] = tuple(kept[:_MOST])
        return found

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


_WORDS = frozenset({"topic", "kind", "validity"})
_DAYS = frozenset({"written", "effective", "expires"})


def put_labelled(fields: Fields, labels: Labels) -> None:
    """Index number, topic, kind, validity and the days of force, as the table or a line says."""
    for group, source, trust in labels.groups():
        for label in group:
            name, evidence = label.field, f"{source} {label.word}"
            if name == "index_number":
                fields.put(name, squeezed(label.value), evidence, trust)
            elif name in _WORDS:
                fields.put(name, label.value, evidence, trust)
            elif name in _DAYS:
                fields.put(name, dates.find_day(label.value), evidence, trust)


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


def put_written(fields: Fields, blocks: tuple[Block, ...]) -> None:
    """成文日期 from the signature."""
    for before, block in pairwise(blocks):
        if block.role == "date" and (
            before.role in {"signature", "date"} or issuers.is_organ(before.text.replace(" ", ""))
        ):
            fields.put("written", dates.find_day(block.text), "date under the signature", 0.8)
    for block in blocks[-4:] if len(blocks) > 4 else ():
        if block.role == "date":
            fields.put("written", dates.find_day(block.text), "date at the end", 0.6)


def _sameness(name: str, value: Value) -> str:
    """What two values of a field must share to say the same: a day, a number in normal form, letters without width."""
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if name == "doc_number":
        return numbers.normal_number(str(value)) or ""
    return folded(str(value))
