"""Documents, their versions, what was read of them, and what they refer to."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identifier, PlainJson
from storage.models.base import Base, row_id, to


class Document(Base):
    """A work that a body published, with the fields of its current version for listing."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_number_key", "number_key"),
        Index("ix_document_title_key", "title_key"),
        Index("ix_document_inner_title_key", "inner_title_key"),
        Index("ix_document_number_normal", "number_normal"),
        Index("ix_document_deadline", "deadline"),
        Index("ix_document_short_title_key", "short_title_key"),
        Index("ix_document_work_title_key", "work_title_key"),
        {"comment": "A work that a body published: a policy, interpretation, consultation draft, news report."},
    )

    id: Mapped[int] = row_id()
    type: Mapped[str] = mapped_column(comment="policy, interpretation, consultation, news, notice or other.")
    title: Mapped[str | None] = mapped_column(comment="Title of the current version.")
    number: Mapped[str | None] = mapped_column(comment="Document number (发文字号) as printed.")
    issuer: Mapped[str | None] = mapped_column(comment="Issuer as printed.")
    published: Mapped[date | None] = mapped_column(index=True, comment="Day of publication (发布日期).")
    written: Mapped[date | None] = mapped_column(comment="Day it was written (成文日期).")
    number_key: Mapped[str | None] = mapped_column(comment="The number in its one normal form.")
    issuer_key: Mapped[str | None] = mapped_column(comment="The lead issuer in its one normal form.")
    title_key: Mapped[str | None] = mapped_column(comment="The title in its one normal form.")
    inner_title_key: Mapped[str | None] = mapped_column(comment="Title of the text that a 印发/公布 notice carries.")
    state: Mapped[str] = mapped_column(comment="current, missing (seen gone once), withdrawn, or merged into another.")
    versions: Mapped[int] = mapped_column(comment="Sequence number of the current version.")
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True, comment="The source it was found by.")
    first_run_id: Mapped[int] = to("run.id", "The run that found it.")
    first_seen_at: Mapped[datetime] = mapped_column(comment="When it was found.")
    number_normal: Mapped[str | None] = mapped_column(comment="The number as GB/T 9704-2012 writes it.")
    deadline: Mapped[date | None] = mapped_column(comment="Last day for comments on a consultation draft.")
    short_title_key: Mapped[str | None] = mapped_column(comment="Key of the title from its 关于 on, without organs.")
    work_title_key: Mapped[str | None] = mapped_column(
        comment="Key of the title of the work that a draft, a call for comments or a final notice is about."
    )
    merged_into: Mapped[int | None] = to(
        "document.id", "The document that this one was merged into by a person; null: it stands for itself.", index=True
    )


class Reading(Base):
    """What extraction makes of a snapshot."""

    __tablename__ = "reading"
    __table_args__ = (
        UniqueConstraint("snapshot_id", "extractor_version"),
        {"comment": "What one version of the extractor made of a snapshot. Rows are appended, never rewritten."},
    )

    id: Mapped[int] = row_id()
    snapshot_id: Mapped[int] = to("snapshot.id", "The bytes read.")
    extractor_version: Mapped[str] = mapped_column(comment="The extractor's version.")
    read_at: Mapped[datetime] = mapped_column(comment="When they were read.")
    family: Mapped[str] = mapped_column(comment="The content management system recognised.")
    charset: Mapped[str] = mapped_column(comment="The charset the bytes are in.")
    title: Mapped[str | None] = mapped_column(comment="Title.")
    issuer: Mapped[str | None] = mapped_column(comment="Issuer as printed.")
    issuers: Mapped[list[Any]] = mapped_column(PlainJson, comment="Issuers, lead organ first.")
    number: Mapped[str | None] = mapped_column(comment="Document number (发文字号) as printed.")
    index_number: Mapped[str | None] = mapped_column(comment="Index number (索引号), opaque.")
    topic: Mapped[str | None] = mapped_column(comment="Topic (主题分类).")
    kind: Mapped[str | None] = mapped_column(comment="Kind of official document (文种): 通知, 意见, …")
    type: Mapped[str] = mapped_column(comment="policy, interpretation, consultation, news, notice or other.")
    written: Mapped[date | None] = mapped_column(comment="成文日期.")
    published: Mapped[date | None] = mapped_column(comment="发布日期.")
    published_at: Mapped[datetime | None] = mapped_column(comment="Moment of publication, where the page gives one.")
    effective: Mapped[date | None] = mapped_column(comment="施行日期.")
    expires: Mapped[date | None] = mapped_column(comment="废止/失效日期.")
    validity: Mapped[str | None] = mapped_column(comment="Validity as the page states it.")
    author: Mapped[str | None] = mapped_column(comment="Author as printed.")
    reprinted_from: Mapped[str | None] = mapped_column(comment="Where the page says it took the text from.")
    blocks: Mapped[list[Any]] = mapped_column(PlainJson, comment="The body: [[role, text], …].")
    attachments: Mapped[list[Any]] = mapped_column(PlainJson, comment="Files linked: [[href, url, name, type], …].")
    mentions: Mapped[list[Any]] = mapped_column(
        PlainJson, comment="References as printed: [[relation, title, number, url, sentence], …]."
    )
    evidence: Mapped[dict[str, Any]] = mapped_column(comment="Where each field's value was found.")
    text_hash: Mapped[str] = mapped_column(comment="Hash of the normalised title, number and body.")
    text_length: Mapped[int] = mapped_column(comment="Characters of the normalised body.")
    number_normal: Mapped[str | None] = mapped_column(comment="The number as GB/T 9704-2012 writes it.")
    deadline: Mapped[date | None] = mapped_column(comment="Last day for comments on a consultation draft.")
    deadline_at: Mapped[datetime | None] = mapped_column(comment="The moment comments end, where the page gives one.")
    images_carry_text: Mapped[bool | None] = mapped_column(
        comment="Whether the body is pictures, so that its words are not in blocks; null: read before this was kept."
    )
    alternatives: Mapped[dict[str, Any] | None] = mapped_column(
        PlainJson, comment="What other sources on the page say of a field: {field: [[value, source, confidence], …]}."
    )


class Organ(Base):
    """An issuing organ, as a reading has it."""

    __tablename__ = "organ"
    __table_args__ = (
        Index("ix_organ_name", "name"),
        {"comment": "The organs that issued a document, as a reading has them: the lead first, then those who joined."},
    )

    reading_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("reading.id"), primary_key=True, comment="The reading; versions point to theirs."
    )
    position: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="0 is the lead; 1, 2, … those that joined, in printed order."
    )
    name: Mapped[str] = mapped_column(comment="Its one name; as printed where no table knows it.")
    code: Mapped[str | None] = mapped_column(comment="机关代字 of the document's number, where the number is its own.")


class Version(Base):
    """One state of a document over time."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("document_id", "seq"),
        {"comment": "One state of a document's text and metadata over time."},
    )

    id: Mapped[int] = row_id()
    document_id: Mapped[int] = to("document.id", "The document.")
    seq: Mapped[int] = mapped_column(comment="1, 2, 3 … within the document; never time, decides the order.")
    reading_id: Mapped[int] = to("reading.id", "Its reading; an upgrade points it to a newer one.", index=True)
    page_id: Mapped[int] = to("page.id", "The page it was read from.")
    run_id: Mapped[int] = to("run.id", "The run that found it.")
    text_hash: Mapped[str] = mapped_column(comment="Hash of its normalised text.")
    text_length: Mapped[int] = mapped_column(comment="Characters of its normalised body.")
    seen_at: Mapped[datetime] = mapped_column(comment="When it was first seen.")
    reason: Mapped[str] = mapped_column(
        comment="added, changed, attachment (a file's text changed), original (read from the issuer's site), template, "
        "merged or split (what its page showed when a person merged it with another or split it off)."
    )


class Reference(Base):
    """A link from one document to another."""

    __tablename__ = "reference"
    __table_args__ = (
        Index("ix_reference_url_key", "url_key"),
        Index("ix_reference_number_key", "number_key"),
        Index("ix_reference_title_key", "title_key"),
        Index("ix_reference_short_title_key", "short_title_key"),
        {"comment": "A link from one document to another, as a reading found it."},
    )

    id: Mapped[int] = row_id()
    document_id: Mapped[int] = to("document.id", "The document that refers.", index=True)
    reading_id: Mapped[int] = to("reading.id", "The reading that found it.", index=True)
    relation: Mapped[str] = mapped_column(
        comment="cites, implements, amends, repeals, supersedes, interprets, forwards, drafts or reports."
    )
    title: Mapped[str | None] = mapped_column(comment="Title of the target, as printed.")
    number: Mapped[str | None] = mapped_column(comment="Number of the target, as printed.")
    url: Mapped[str | None] = mapped_column(comment="URL of the target.")
    sentence: Mapped[str] = mapped_column(comment="The sentence that refers.")
    title_key: Mapped[str | None] = mapped_column(comment="The title in its one normal form.")
    number_key: Mapped[str | None] = mapped_column(comment="The number in its one normal form.")
    url_key: Mapped[str | None] = mapped_column(comment="Key of the URL.")
    target_document_id: Mapped[int | None] = to("document.id", "The target, once the archive has it.", index=True)
    resolved_by: Mapped[str | None] = mapped_column(comment="url, number or title: what found the target.")
    short_title_key: Mapped[str | None] = mapped_column(comment="Key of the title from its 关于 on, without organs.")
    attachment_id: Mapped[int | None] = to("attachment.id", "The file whose list refers; null: the text does.")


class Validity(Base):
    """Whether a document is in force, as last judged."""

    __tablename__ = "validity"
    __table_args__ = (
        Index("ix_validity_next_day", "next_day"),
        Index("ix_validity_state", "state"),
        {"comment": "Whether a document is in force, and why, as judged on a day; the rules are storage/validity.py."},
    )

    document_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("document.id"), primary_key=True, autoincrement=False, comment="The document."
    )
    state: Mapped[str] = mapped_column(
        comment="pending, in_force, amended, partly_repealed, repealed, expired, draft or unknown."
    )
    rule: Mapped[str] = mapped_column(
        comment="The rule that chose: stated, draft, repealed_by, superseded_by, term_ended, not_yet_effective, "
        "partly_repealed_by, amended_by, effective or no_evidence."
    )
    reason: Mapped[str] = mapped_column(comment="Why, in words.")
    since: Mapped[date | None] = mapped_column(comment="From when, where that is known.")
    by_document_id: Mapped[int | None] = to("document.id", "The document that repeals or amends it.")
    stated: Mapped[str | None] = mapped_column(comment="The state that the page states; null: it states none.")
    derived: Mapped[str | None] = mapped_column(comment="The state derived from dates and other documents.")
    derived_reason: Mapped[str | None] = mapped_column(comment="Why that is derived, in words.")
    judged_on: Mapped[date] = mapped_column(comment="The day, in China, for which it was judged.")
    next_day: Mapped[date | None] = mapped_column(comment="The next day on which time changes or tells something.")
    told_to: Mapped[date] = mapped_column(comment="Up to this day what time brings was made events.")
