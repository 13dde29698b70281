"""The tables of the first release.

Written out, not taken from the models: what a released migration does must not change with them.

Revision: 0001. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import Identifier, PlainJson, PlainText, UtcDateTime

# fmt: off

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT, JSON_VALUE, MOMENT, IDENTIFIER = PlainText(), PlainJson(), UtcDateTime(), Identifier
FLAG, COUNT, DAY = sa.Boolean(), sa.Integer(), sa.Date()


def upgrade() -> None:
    """Make all tables and the full-text index."""
    _sources_and_runs()
    _documents()
    _evidence()
    _events()
    _telling()
    _full_text_index()


def _sources_and_runs() -> None:
    """Sources, their runs, every fetch."""
    _table(
        "source",
        "One column (栏目) or feed of a site that publishes.",
        _key("id", TEXT, "The source's id in the catalog, e.g. miit-wjfb-tz."),
        _must("name", TEXT, "Its name for people: issuer and column."),
        _must("issuer", TEXT, "The body that runs it."),
        _may("issuer_key", TEXT, "The issuer in its one normal form."),
        _must("site", TEXT, "Host of the site."),
        _must("family", TEXT, "How its listing is served (jpaas, trs, feed, …)."),
        _must("level", TEXT, "Administrative level of the issuer (central, province, city, …)."),
        _must("publishes", TEXT, "The type of document it publishes, unless a page says otherwise."),
        _must("list_url", TEXT, "URL of its listing."),
        _must("state", TEXT, "new, ok, blocked, quarantined or failing: how its last judged run went."),
        _may("state_since", MOMENT, "When it came into this state."),
        _must("failures", COUNT, "Runs in a row that did not succeed."),
        _must("alarmed", FLAG, "Whether a source_failing event is open, to be closed by a recovery."),
        _may("last_success_at", MOMENT, "End of its last successful run; null: none yet."),
        _may("next_due_at", MOMENT,
           "Its next slot; null: not scheduled. The microseconds count how often the clock was set back."),
        indexes=[("issuer_key",), ("next_due_at",)],
    )
    _table(
        "run",
        "One crawl of one source, with its counts and how it ended.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("source_id", TEXT, "The source crawled.", to="source.id"),
        _must("trigger", TEXT, "What started it: manual, schedule, url, backfill, import, reprocess."),
        _may("slot", TEXT, "The due time it fills; a slot is filled once."),
        _must("state", TEXT, "queued, running or finished."),
        _may("verdict", TEXT, "ok, partial, blocked, quarantined, failed, interrupted or died; null until finished."),
        _must("reason", TEXT, "Why it was judged so, in words."),
        _must("backlog", FLAG, "Whether what it finds is backlog: alerts only where a watch asks."),
        _may("pid", COUNT, "Process that crawls."),
        _must("queued_at", MOMENT, "When it was asked for."),
        _may("started_at", MOMENT, "When its process opened it."),
        _may("finished_at", MOMENT, "When it was judged."),
        _must("counts", JSON_VALUE, "How many of each outcome; entries, requests, attachments."),
        unique=[("source_id", "slot")],
        indexes=[("source_id", "id"), ("state",)],
    )
    _table(
        "fetch",
        "One request and its outcome: why was there no alert? is answered here.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("run_id", IDENTIFIER, "The run that asked.", to="run.id"),
        _must("url", TEXT, "URL asked for."),
        _may("final_url", TEXT, "URL that answered, after redirects."),
        _must("url_key", TEXT, "The URL's key, as in page.url_key."),
        _must("purpose", TEXT, "listing, document, recheck, attachment or robots."),
        _must("at", MOMENT, "When."),
        _may("status", COUNT, "HTTP status; null: no answer."),
        _must("outcome", TEXT, "How the request went: fetched, not_modified, redirect, status, refused or error."),
        _must("bytes", COUNT, "Size of the answer, as transferred."),
        _may("duration_ms", COUNT, "Milliseconds it took."),
        _may("error", TEXT, "What went wrong, in words."),
        _may("recorded", TEXT, "What the archive made of the answer: added, same, changed, …; null: nothing to keep."),
        _may("reason", TEXT, "Why it did so, in words."),
        indexes=[("run_id",), ("url_key",)],
    )
    _table(
        "lease",
        "A right that one process holds for a time, e.g. to be the scheduler.",
        _key("name", TEXT, "What is held."),
        _may("holder", TEXT, "Who holds it; null: nobody."),
        _must("fence", IDENTIFIER, "Grows with every new holder, so that an old one is told."),
        _may("expires_at", MOMENT, "When it falls free."),
    )
    _table(
        "setting",
        "What the archive must know of itself.",
        _key("name", TEXT, "e.g. tokenizer_version."),
        _must("value", TEXT, "Its value."),
    )


def _documents() -> None:
    """Documents and the pages that show them."""
    _table(
        "document",
        "A work that a body published: a policy, interpretation, consultation draft, news report.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("type", TEXT, "policy, interpretation, consultation, news, notice or other."),
        _may("title", TEXT, "Title of the current version."),
        _may("number", TEXT, "Document number (发文字号) as printed."),
        _may("issuer", TEXT, "Issuer as printed."),
        _may("published", DAY, "Day of publication (发布日期)."),
        _may("written", DAY, "Day it was written (成文日期)."),
        _may("number_key", TEXT, "The number in its one normal form."),
        _may("issuer_key", TEXT, "The lead issuer in its one normal form."),
        _may("title_key", TEXT, "The title in its one normal form."),
        _may("inner_title_key", TEXT, "Title of the text that a 印发/公布 notice carries."),
        _must("state", TEXT, "current, missing (seen gone once) or withdrawn."),
        _must("versions", COUNT, "Sequence number of the current version."),
        _must("source_id", TEXT, "The source it was found by.", to="source.id"),
        _must("first_run_id", IDENTIFIER, "The run that found it.", to="run.id"),
        _must("first_seen_at", MOMENT, "When it was found."),
        indexes=[("inner_title_key",), ("number_key",), ("published",), ("source_id",), ("title_key",)],
    )
    _table(
        "page",
        "A known URL; with a document it is one of the document's copies.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("url_key", TEXT, "The URL without scheme, tracking and session parts."),
        _must("url", TEXT, "The URL as first found; this is what is fetched."),
        _must("source_id", TEXT, "The source whose runs check it.", to="source.id"),
        _may("document_id", IDENTIFIER, "The document it shows.", to="document.id"),
        _must("is_original", FLAG, "Whether the document's versions are taken from this URL."),
        _must("state", TEXT, "new, fetched, failed (never read yet) or missing."),
        _may("title", TEXT, "Title in the listing that led here."),
        _may("list_date", DAY, "Date in the listing that led here."),
        _may("found_on", TEXT, "URL of the page that linked here."),
        _must("found_at", MOMENT, "When the URL was first seen."),
        _must("backlog", FLAG, "Whether only backlog led here: then its document is backlog too."),
        _may("checked_at", MOMENT, "When it was last fetched."),
        _may("checked_run_id", IDENTIFIER, "The run that last fetched it.", to="run.id"),
        _may("full_check_at", MOMENT, "When it last answered with a body, not with a 304."),
        _may("next_check_at", MOMENT, "When it is due again."),
        _must("attempts", COUNT, "Fetches in a row that brought nothing."),
        _may("etag", TEXT, "ETag of the bytes last read."),
        _may("last_modified", TEXT, "Last-Modified of the bytes last read."),
        _may("digest", TEXT, "SHA-256 of the bytes last read."),
        _may("text_hash", TEXT, "Hash of the normalised text last read."),
        _may("extractor_version", TEXT, "Extractor that last read it."),
        _may("final_key", TEXT, "Key of the URL that answered, when last read."),
        _may("missing_since", MOMENT, "First time it was seen gone, while it is."),
        _may("suspect_since", MOMENT, "First time it answered in a doubtful way, while so."),
        _may("suspect_hash", TEXT, "Hash of the doubtful text, to see whether it repeats."),
        _must("flaps", COUNT, "How often it showed an earlier version again."),
        _may("flapped_at", MOMENT, "When it last did."),
        unique=[("url_key",)],
        indexes=[("checked_run_id",), ("document_id",), ("final_key",), ("source_id", "state", "next_check_at")],
    )
    _table(
        "sighting",
        "Which sources list a page, each since when.",
        _key("page_id", IDENTIFIER, "The page.", to="page.id"),
        _key("source_id", TEXT, "The source.", to="source.id"),
        _must("seen_at", MOMENT, "When its listing first showed the page."),
    )
    _table(
        "lead",
        "A news report whose link led to a page; it becomes a reference once both are documents.",
        _key("page_id", IDENTIFIER, "The page.", to="page.id"),
        _key("report_key", TEXT, "URL key of the report."),
        indexes=[("report_key",)],
    )


def _evidence() -> None:
    """What was fetched and read."""
    _table(
        "snapshot",
        "The bytes as fetched with their headers, kept in WARC; one row for each new content of a URL.",
        _key("id", IDENTIFIER, "Number of the row."),
        _may("page_id", IDENTIFIER, "The page fetched; null for an attachment.", to="page.id"),
        _must("run_id", IDENTIFIER, "The run that fetched it.", to="run.id"),
        _must("url", TEXT, "URL asked for."),
        _must("final_url", TEXT, "URL that answered, after redirects."),
        _must("url_key", TEXT, "Key of the URL asked for."),
        _must("status", COUNT, "HTTP status."),
        _must("headers", JSON_VALUE, "Headers as sent, in order: [[name, value], …]."),
        _must("digest", TEXT, "SHA-256 of the bytes."),
        _must("bytes", COUNT, "Number of bytes."),
        _must("file", TEXT, "WARC file under snapshots/ that holds the bytes."),
        _must("offset", IDENTIFIER, "Where its record begins in the file."),
        _must("length", COUNT, "Length of the compressed record."),
        _must("fetched_at", MOMENT, "When they were fetched."),
        _may("ip_address", TEXT, "Address that answered."),
        _may("tls_verified", FLAG, "Whether the certificate was verified; null: plain http."),
        unique=[("page_id", "digest")],
        indexes=[("digest",), ("url_key",)],
    )
    _table(
        "reading",
        "What one version of the extractor made of a snapshot. Rows are appended, never rewritten.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("snapshot_id", IDENTIFIER, "The bytes read.", to="snapshot.id"),
        _must("extractor_version", TEXT, "The extractor's version."),
        _must("read_at", MOMENT, "When they were read."),
        _must("family", TEXT, "The content management system recognised."),
        _must("charset", TEXT, "The charset the bytes are in."),
        _may("title", TEXT, "Title."),
        _may("issuer", TEXT, "Issuer as printed."),
        _must("issuers", JSON_VALUE, "Issuers, lead organ first."),
        _may("number", TEXT, "Document number (发文字号) as printed."),
        _may("index_number", TEXT, "Index number (索引号), opaque."),
        _may("topic", TEXT, "Topic (主题分类)."),
        _may("kind", TEXT, "Kind of official document (文种): 通知, 意见, …"),
        _must("type", TEXT, "policy, interpretation, consultation, news, notice or other."),
        _may("written", DAY, "成文日期."),
        _may("published", DAY, "发布日期."),
        _may("published_at", MOMENT, "Moment of publication, where the page gives one."),
        _may("effective", DAY, "施行日期."),
        _may("expires", DAY, "废止/失效日期."),
        _may("validity", TEXT, "Validity as the page states it."),
        _may("author", TEXT, "Author as printed."),
        _may("reprinted_from", TEXT, "Where the page says it took the text from."),
        _must("blocks", JSON_VALUE, "The body: [[role, text], …]."),
        _must("attachments", JSON_VALUE, "Files linked: [[href, url, name, type], …]."),
        _must("mentions", JSON_VALUE, "References as printed: [[relation, title, number, url, sentence], …]."),
        _must("evidence", JSON_VALUE, "Where each field's value was found."),
        _must("text_hash", TEXT, "Hash of the normalised title, number and body."),
        _must("text_length", COUNT, "Characters of the normalised body."),
        unique=[("snapshot_id", "extractor_version")],
    )
    _table(
        "version",
        "One state of a document's text and metadata over time.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("document_id", IDENTIFIER, "The document.", to="document.id"),
        _must("seq", COUNT, "1, 2, 3 … within the document; never time, decides the order."),
        _must("reading_id", IDENTIFIER, "Its reading; an upgrade points it to a newer one.", to="reading.id"),
        _must("page_id", IDENTIFIER, "The page it was read from.", to="page.id"),
        _must("run_id", IDENTIFIER, "The run that found it.", to="run.id"),
        _must("text_hash", TEXT, "Hash of its normalised text."),
        _must("text_length", COUNT, "Characters of its normalised body."),
        _must("seen_at", MOMENT, "When it was first seen."),
        _must(
            "reason", TEXT,
            "added, changed, attachment (a file's text changed), original (read from the issuer's site), template.",
        ),
        unique=[("document_id", "seq")],
    )
    _table(
        "attachment",
        "A file that belongs to a document.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("document_id", IDENTIFIER, "The document.", to="document.id"),
        _must("url_key", TEXT, "Key of the file's URL."),
        _must("url", TEXT, "The file's URL."),
        _must("href", TEXT, "The link as printed."),
        _must("name", TEXT, "Name for people."),
        _must("type", TEXT, "File extension."),
        _must("found_at", MOMENT, "When the link was first seen."),
        _may("checked_at", MOMENT, "When the file last came; null: never."),
        unique=[("document_id", "url_key")],
    )
    _table(
        "attachment_version",
        "One state of an attachment's bytes over time.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("attachment_id", IDENTIFIER, "The attachment.", to="attachment.id"),
        _must("seq", COUNT, "1, 2, 3 … within the attachment."),
        _must("snapshot_id", IDENTIFIER, "The bytes.", to="snapshot.id"),
        _must("digest", TEXT, "SHA-256 of the bytes."),
        _must("run_id", IDENTIFIER, "The run that fetched it.", to="run.id"),
        _must("seen_at", MOMENT, "When it was first seen."),
        _may("extractor_version", TEXT, "What read the file; null: it was not read yet."),
        _may("kind", TEXT, "The kind of file as its content tells: pdf, docx, doc, xlsx, …"),
        _must(
            "text_state", TEXT,
            "unread, text, empty, scanned, picture, encrypted, damaged, unsupported, too_large, html_error_page or "
            "executable.",
        ),
        _must("text_reason", TEXT, "Why there is no text, or what is missing from it."),
        _must("text", TEXT, "The text of the file, a paragraph or table row a line."),
        _must("text_places", JSON_VALUE, "Where it stands: [[offset, page or sheet], …]."),
        _may("text_hash", TEXT, "Hash of the normalised text; null where there is none."),
        unique=[("attachment_id", "seq")],
    )
    _table(
        "reference",
        "A link from one document to another, as a reading found it.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("document_id", IDENTIFIER, "The document that refers.", to="document.id"),
        _must("reading_id", IDENTIFIER, "The reading that found it.", to="reading.id"),
        _must("relation", TEXT, "cites, implements, amends, repeals, interprets, forwards, drafts or reports."),
        _may("title", TEXT, "Title of the target, as printed."),
        _may("number", TEXT, "Number of the target, as printed."),
        _may("url", TEXT, "URL of the target."),
        _must("sentence", TEXT, "The sentence that refers."),
        _may("title_key", TEXT, "The title in its one normal form."),
        _may("number_key", TEXT, "The number in its one normal form."),
        _may("url_key", TEXT, "Key of the URL."),
        _may("target_document_id", IDENTIFIER, "The target, once the archive has it.", to="document.id"),
        _may("resolved_by", TEXT, "url, number or title: what found the target."),
        indexes=[
            ("document_id",), ("number_key",), ("reading_id",), ("target_document_id",), ("title_key",), ("url_key",)
        ],
    )


def _events() -> None:
    """What happened, and what search finds."""
    _table(
        "event",
        "Something that happened, once: the source of all alerts.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("kind", TEXT, "added, changed, withdrawn, restored, source_failing, source_recovered."),
        _must("state", TEXT, "staged, published, quarantined, or dropped (taken back by its run's end)."),
        _must("source_id", TEXT, "The source.", to="source.id"),
        _must("run_id", IDENTIFIER, "The run that it is judged with.", to="run.id"),
        _may("document_id", IDENTIFIER, "The document; null for events of a source.", to="document.id"),
        _may("version_id", IDENTIFIER, "The document's version.", to="version.id"),
        _must("backlog", FLAG, "Whether it is backlog: alerts only where a watch asks."),
        _must("late", FLAG, "Whether the document was dated over 30 days back when it was found."),
        _must("at", MOMENT, "When it was seen."),
        _may("published_at", MOMENT, "When its run's end published it."),
        _may("matched_at", MOMENT, "When watches were matched against it."),
        _must("payload", JSON_VALUE, "What a message needs: changes, reason, url."),
        indexes=[("document_id",), ("run_id",), ("state", "matched_at")],
    )
    _table(
        "search_map",
        "What a row of the full-text index (document_fts) stands for.",
        _key("rowid", IDENTIFIER, "Days of the date × 10,000,000 + a counter: newest last.", numbered=False),
        _must("document_id", IDENTIFIER, "The document.", to="document.id"),
        _must("version_id", IDENTIFIER, "The version indexed.", to="version.id"),
        _must("current", FLAG, "Whether it is the document's newest entry; older ones are not shown."),
        indexes=[("document_id", "current")],
    )


def _telling() -> None:
    """Who is told."""
    _table(
        "owner",
        "Whose watches, channels and mutes they are.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("name", TEXT, "The owner's name; local on an installation of one person."),
        _must("created_at", MOMENT, "When made."),
        unique=[("name",)],
    )
    _table(
        "watch",
        "An analyst's saved query with filters, channels and a cadence.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("owner_id", IDENTIFIER, "Whose it is.", to="owner.id"),
        _must("name", TEXT, "Its name, unique for its owner."),
        _must("query", TEXT, "The query, in the archive's query language."),
        _must("filters", JSON_VALUE, "Further conditions: kinds of event, sources, types, …"),
        _must("include_backlog", FLAG, "Whether backlog alerts too."),
        _must("cadence", TEXT, "at_once."),
        _must("enabled", FLAG, "Whether it is matched."),
        _must("created_at", MOMENT, "When made."),
        unique=[("owner_id", "name")],
    )
    _table(
        "channel",
        "Where deliveries go.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("owner_id", IDENTIFIER, "Whose it is.", to="owner.id"),
        _must("kind", TEXT, "email, terminal, …"),
        _must("target", TEXT, "An address that the kind understands."),
        _must("enabled", FLAG, "Whether anything is sent there."),
        _must("created_at", MOMENT, "When made."),
        unique=[("owner_id", "kind", "target")],
    )
    _table(
        "watch_channel",
        "Which channels a watch uses.",
        _key("watch_id", IDENTIFIER, "The watch.", to="watch.id"),
        _key("channel_id", IDENTIFIER, "The channel.", to="channel.id"),
    )
    _table(
        "mute",
        "What an owner wants to hear nothing of: a watch, a source or a document.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("owner_id", IDENTIFIER, "Whose it is.", to="owner.id"),
        _may("watch_id", IDENTIFIER, "The watch muted; null: any.", to="watch.id"),
        _may("source_id", TEXT, "The source muted; null: any.", to="source.id"),
        _may("document_id", IDENTIFIER, "The document muted; null: any.", to="document.id"),
        _may("until", MOMENT, "When it ends; null: never."),
        _must("reason", TEXT, "Why, in the owner's words."),
        _must("created_at", MOMENT, "When made."),
    )
    _table(
        "alert",
        "One event that a watch matched; at most one for a watch, version and kind of event.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("watch_id", IDENTIFIER, "The watch.", to="watch.id"),
        _must("event_id", IDENTIFIER, "The event.", to="event.id"),
        _must("kind", TEXT, "The event's kind."),
        _may("document_id", IDENTIFIER, "The event's document.", to="document.id"),
        _may("version_id", IDENTIFIER, "The document's version.", to="version.id"),
        _must("terms", JSON_VALUE, "What of the query was found where."),
        _must("muted", FLAG, "Whether a mute kept it from being delivered."),
        _must("created_at", MOMENT, "When matched."),
        unique=[("watch_id", "event_id"), ("watch_id", "version_id", "kind")],
        indexes=[("event_id",)],
    )
    _table(
        "delivery",
        "One attempt series to bring alerts to one channel.",
        _key("id", IDENTIFIER, "Number of the row."),
        _must("channel_id", IDENTIFIER, "The channel.", to="channel.id"),
        _must("message_id", TEXT, "Stable id of the message, the same in every attempt."),
        _must("state", TEXT, "pending, sent or dead (given up)."),
        _must("attempts", COUNT, "Attempts so far."),
        _must("next_attempt_at", MOMENT, "When the next attempt is due."),
        _may("holder", TEXT, "Who is sending it now."),
        _may("held_until", MOMENT, "Until when nobody else may send it."),
        _must("created_at", MOMENT, "When staged."),
        _may("sent_at", MOMENT, "When the channel took it."),
        _may("receipt", TEXT, "What the channel answered."),
        _may("error", TEXT, "What went wrong last."),
        unique=[("message_id",)],
        indexes=[("channel_id",), ("state", "next_attempt_at")],
    )
    _table(
        "delivery_alert",
        "Which alerts a delivery carries.",
        _key("delivery_id", IDENTIFIER, "The delivery.", to="delivery.id"),
        _key("alert_id", IDENTIFIER, "The alert.", to="alert.id"),
    )


def _must(name, type_, comment, to=None):
    return sa.Column(name, type_, nullable=False, comment=comment, info={"to": to})


def _may(name, type_, comment, to=None):
    return sa.Column(name, type_, nullable=True, comment=comment, info={"to": to})


def _key(name, type_, comment, to=None, numbered=True):
    counted = type_ is IDENTIFIER and to is None and numbered
    return sa.Column(name, type_, primary_key=True, autoincrement=counted, comment=comment, info={"to": to})


def _table(name, comment, *columns, unique=(), indexes=()):
    """Make a table, its constraints named by the convention of storage.models."""
    keys = [column.name for column in columns if column.primary_key]
    constraints = [sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}")]
    for column in columns:
        if column.info["to"]:
            target = column.info["to"].partition(".")[0]
            key_name = f"fk_{name}_{column.name}_{target}"
            constraints.append(sa.ForeignKeyConstraint([column.name], [column.info["to"]], name=key_name))
    constraints += [sa.UniqueConstraint(*names, name=f"uq_{name}_{'_'.join(names)}") for names in unique]
    op.create_table(name, *columns, *constraints, comment=comment)
    for names in indexes:
        op.create_index(f"ix_{name}_{'_'.join(names)}", name, list(names))


def _full_text_index() -> None:
    """Its rows stand for those of search_map; its tokens are made by storage.tokens, in either database."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE document_fts USING fts5(tokens, content='', tokenize='ascii', detail=none)")
        return
    op.execute(
        "CREATE TABLE document_fts (rowid bigint CONSTRAINT pk_document_fts PRIMARY KEY, tokens tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_document_fts_tokens ON document_fts USING gin (tokens)")
    op.execute("COMMENT ON TABLE document_fts IS 'The full-text index; its tokens are made by the archive.'")
