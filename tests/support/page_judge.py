"""Judges readings against labelled pages by the corpus's own rules, written again so that the suite stands alone.

White space goes and width is folded before texts are compared. A body is right when it starts and ends with the
labelled characters, so a menu in front, a footer behind, or a lost last paragraph is wrong.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from policy_crawler.reading import Reading

FIELDS = ("title", "published", "issuer", "doc_number", "index_number", "body", "attachments")


def rows(path: Path) -> dict[str, dict[str, object]]:
    """The objects of a JSON Lines file by their `file`."""
    return {row["file"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def shares(truth: dict[str, dict[str, object]], readings: dict[str, Reading]) -> tuple[dict[str, float], list[str]]:
    """The share of right values a field, and a line for every wrong one."""
    right: Counter[str] = Counter()
    labelled: Counter[str] = Counter()
    wrong = []
    for file, labels in truth.items():
        for field, (good, want, got) in _judge(labels, readings[file]).items():
            labelled[field] += 1
            right[field] += good
            if not good:
                wrong.append(f"{file} {field}: want {want!r}, got {got!r}")
    return {field: right[field] / labelled[field] for field in FIELDS if labelled[field]}, wrong


def _judge(labels: dict[str, object], reading: Reading) -> dict[str, tuple[bool, object, object]]:
    found: dict[str, tuple[bool, object, object]] = {}
    for field in ("title", "issuer", "index_number"):
        want, got = labels[field], getattr(reading, field)
        found[field] = (_flat(want) == _flat(got), want, got)
    day = reading.published.isoformat()[:10] if reading.published else None
    found["published"] = (labels["published"] == day, labels["published"], day)
    number, own = labels["doc_number"], reading.doc_number
    found["doc_number"] = (_number(number) == _number(own), number, own)
    want_files = {_name(str(href)) for href in _many(labels["attachments"])}
    got_files = {_name(file.href) for file in reading.attachments}
    found["attachments"] = (want_files == got_files, sorted(want_files), sorted(got_files))
    if labels.get("body_start") and labels.get("body_end"):
        body = _flat(reading.body)
        starts = [_flat(text) for text in (labels["body_start"], *_many(labels.get("body_start_alt")))]
        ends = [_flat(text) for text in (labels["body_end"], *_many(labels.get("body_end_alt")))]
        good = body.startswith(tuple(starts)) and body.endswith(tuple(ends))
        found["body"] = (good, f"{starts[0]} … {ends[0]}", f"{body[:30]} … {body[-30:]}")
    return found


def _many(value: object) -> Iterable[object]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _flat(text: object) -> str:
    folded = unicodedata.normalize("NFKC", str(text) if text is not None else "")
    return re.sub(r"[\s\u200b\ufeff]+", "", folded)


def _number(text: object) -> str:
    folded = _flat(text).translate(str.maketrans("[【﹝〈(]】﹞〉)", "〔〔〔〔〔〕〕〕〕〕"))
    return re.sub(r"〕第?0*(\d+)号", r"〕\1号", folded)


def _name(href: str) -> str:
    parts = urlsplit(unquote(href.strip()))
    return parts.path.rsplit("/", 1)[-1] + (f"?{parts.query}" if parts.query else "")
