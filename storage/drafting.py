"""A consultation draft and the text it became: how they find each other, and which of their texts are compared."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from storage.diff import Difference, difference
from storage.draft_titles import DRAFT, STATED, work_title, work_title_key
from storage.identity import title_key
from storage.models import Document, Reading, Reference, Version
from storage.normal import Blocks, fold

GRAM = 6  # characters: two texts are of one work by how many runs of these they share
SHARED = 0.05  # of the shorter one's, below which nothing of it came into the other
MOST = 20  # documents found
CANDIDATES = 500  # documents that share the name of a work; 管理办法 alone is that of many

# How references say that what they name is a draft: titles are found by keys, so each way of saying it is one.
_SAYINGS = (
    "", "征求意见稿", "公开征求意见稿", "草案", "草案征求意见稿", "修订征求意见稿", "修订草案", "修订草案征求意见稿",
    "修订稿征求意见稿", "二次征求意见稿", "第二次征求意见稿", "再次征求意见稿",
    "送审稿", "修订草案送审稿", "修正案征求意见稿", "讨论稿",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a document. `name`: 正文, or 附件《…》."""

    name: str
    blocks: Blocks


@dataclass(frozen=True, slots=True)
class Became:
    """What a draft's text and the final one differ by, and where each stands."""

    before: Text
    after: Text
    difference: Difference


def is_draft(document_type: str, title: str | None) -> bool:
    """Whether a document is one that comments are asked for."""
    return document_type == "consultation" or bool(title and re.search(DRAFT, title))


def counterparts(session: Session, document_id: int) -> list[int]:
    """The final texts of a draft, or the drafts of a final text, the nearest in time first.

    Found by the reference (drafts) or by title, of the same issuer, the draft before the final."""
    document = session.get_one(Document, document_id)
    found = _finals(session, document) if is_draft(document.type, document.title) else _drafts(session, document)
    return [other.id for other in found if other.id != document.id and _may_be(document, other)]


def _may_be(one: Document, other: Document) -> bool:
    if one.issuer_key and other.issuer_key and one.issuer_key != other.issuer_key:
        return False
    draft, final = (one, other) if is_draft(one.type, one.title) else (other, one)
    earlier, later = draft.published or draft.written, final.published or final.written
    return earlier is None or later is None or earlier <= later


def _finals(session: Session, draft: Document) -> list[Document]:
    titles = {title_key(work_title(draft.title))}
    references = session.scalars(
        select(Reference)
        .join(Version, (Version.reading_id == Reference.reading_id) & (Version.document_id == draft.id))
        .where(Reference.relation == "drafts", Version.seq == draft.versions)
    ).all()
    titles |= {title_key(work_title(reference.title)) for reference in references}
    named = [reference.target_document_id for reference in references if reference.target_document_id is not None]
    keys = [key for key in titles if key]
    by_title = or_(Document.title_key.in_(keys), Document.inner_title_key.in_(keys))
    return _near(session, draft, or_(Document.id.in_(named), by_title), drafts=False)


def _drafts(session: Session, final: Document) -> list[Document]:
    title, work = title_key(work_title(final.title)), work_title_key(final.title)
    asking = select(Reference.document_id).where(Reference.relation == "drafts")
    found = set(session.scalars(asking.where(Reference.target_document_id == final.id)))
    if title and work:  # one index each; an OR over the columns would read the tables
        found |= set(session.scalars(asking.where(Reference.title_key.in_([title + one for one in _SAYINGS]))))
        found |= set(session.scalars(select(Document.id).where(Document.work_title_key == work)))
    return _near(session, final, Document.id.in_(sorted(found - {final.id})[:CANDIDATES]), drafts=True)


def _near(session: Session, document: Document, condition: ColumnElement[bool], *, drafts: bool) -> list[Document]:
    query = select(Document).where(condition, Document.type != "news").order_by(Document.id).limit(200)
    rows = [row for row in session.scalars(query) if is_draft(row.type, row.title) is drafts]
    day = document.published or document.written

    def distance(row: Document) -> tuple[int, int]:
        other = row.published or row.written
        return abs((other - day).days) if day and other else date.max.toordinal(), row.id

    return sorted(rows, key=distance)[:MOST]


def current_blocks(session: Session, document_id: int) -> Blocks:
    """The body of a document's current version, as (role, text)."""
    blocks = session.scalar(
        select(Reading.blocks)
        .join(Version, Version.reading_id == Reading.id)
        .join(Document, (Document.id == Version.document_id) & (Document.versions == Version.seq))
        .where(Document.id == document_id)
    )
    return [(role, text) for role, text in blocks or ()]


def became(drafts: Sequence[Text], finals: Sequence[Text]) -> Became | None:
    """Compare the two texts, one of each document, that share most; None where no two share anything to speak of.

    That a title says 征求意见稿 is no difference."""
    best: tuple[int, Text, Text] | None = None
    one = [(text, _grams(text.blocks)) for text in drafts]
    other = [(text, _grams(text.blocks)) for text in finals]
    for before, olds in one:
        for after, news in other:
            shared = len(olds & news)
            enough = shared > SHARED * min(len(olds), len(news))
            if enough and (best is None or shared > best[0]):
                best = shared, before, after
    if best is None:
        return None
    _, before, after = best
    return Became(before, after, difference(_without_saying(before.blocks), _without_saying(after.blocks)))


def _grams(blocks: Blocks) -> set[str]:
    text = "".join(fold(text) for _, text in blocks)
    return {text[at : at + GRAM] for at in range(len(text) - GRAM + 1)}


def _without_saying(blocks: Blocks) -> list[tuple[str, str]]:
    """A line that is a title says what the text is, and 征求意见稿 beside it."""
    return [
        (role, "\n".join(STATED.sub("", line) if len(line) <= 60 else line for line in text.split("\n")))
        if role != "table" else (role, text)
        for role, text in blocks
    ]  # fmt: skip
