"""What happens to an item after its spider: normalise, validate, deduplicate, archive.

Spiders collect, pipelines return a new item or drop. Only this package may import the storage.
"""

import asyncio
import logging
import re
import unicodedata
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Self
from urllib.parse import urldefrag, urlsplit

from scrapy.exceptions import DropItem, NotConfigured

from policy_crawler.attachments import FileText, extract_safely
from policy_crawler.attachments.document import FILE_FAMILY, file_reading
from policy_crawler.items import Archived, AttachmentItem, PageItem
from policy_crawler.pipelines.ledger import Ledger, of
from policy_crawler.reading.model import AttachmentLink, Reading

logger = logging.getLogger(__name__)

FILES_AT_ONCE = 2  # children that read files: each may take 512 MB

Item = PageItem | AttachmentItem


class _Pipeline:
    """A step that may ask the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        ledger = of(crawler)
        if ledger is None:
            raise NotConfigured("nothing is recorded")  # scrapy shell, scrapy fetch
        return cls(ledger)


class NormalisePipeline:
    """One form for the same thing: NFC, single spaces, no empty texts, URLs without fragments, each file once."""

    def process_item(self, item: Item) -> Item:
        if isinstance(item, AttachmentItem):
            return replace(item, name=_one_line(item.name) or item.href, type=item.type.lower().lstrip("."))
        return replace(item, reading=_normal(item.reading) if item.reading else None)


class ValidatePipeline(_Pipeline):
    """Drops what cannot be archived (no URL, an empty file) and does not take a date of publication yet to come."""

    def process_item(self, item: Item) -> Item:
        url = item.response.url
        if urlsplit(url).scheme not in {"http", "https"}:
            raise DropItem(f"{url}: expected an http or https URL")
        if isinstance(item, AttachmentItem):
            if not item.response.body:
                raise DropItem(f"{url}: the file is empty")
            return item
        reading = item.reading
        # A deadline or an effective date may lie ahead; a page cannot have been published tomorrow.
        latest = self._ledger.clock.today() + timedelta(days=1)
        if reading is not None and reading.published is not None and _day(reading.published) > latest:
            logger.warning("%s: published %s lies ahead; the date is not taken", url, reading.published)
            return replace(item, reading=replace(reading, published=None))
        return item


class DeduplicatePipeline(_Pipeline):
    """Within one run no page and no file of a document is recorded twice, by whatever URL it was reached."""

    def process_item(self, item: Item) -> Item:
        response = item.response
        if isinstance(item, AttachmentItem):
            if not self._ledger.first_time(item.document_url, response.url):
                raise DropItem(f"{response.url}: this file of {item.document_url} was recorded in this run")
            return item
        # By the URL that was asked: two entries that lead to one page are two copies, and each must be answered for.
        if not self._ledger.first_time(response.url):
            raise DropItem(f"{response.url}: recorded in this run already")
        return item


class FileTextPipeline(_Pipeline):
    """Reads files in child processes, while the crawl goes on: attachments, and documents that are files themselves.

    What a file gives, or why it gives nothing, is part of the item; it never ends one."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._free = asyncio.Semaphore(FILES_AT_ONCE)

    async def process_item(self, item: Item) -> Item:
        if isinstance(item, AttachmentItem):
            if self._ledger.knows_file(item):
                return item
            return replace(item, text=await self._read(item.response.body, item.name, item.type))
        if item.reading is not None and item.reading.family == FILE_FAMILY and item.reading.attachments:
            link = item.reading.attachments[0]
            found = await self._read(item.response.body, link.name, link.type)
            return replace(item, reading=file_reading(item.reading, found))
        return item

    async def _read(self, body: bytes, name: str, type_: str) -> FileText:
        async with self._free:
            return await asyncio.to_thread(extract_safely, body, name, type_)


class ArchivePipeline(_Pipeline):
    """Brings every item to the archive's door and passes on what it answered."""

    def process_item(self, item: Item) -> Archived:
        if isinstance(item, AttachmentItem):
            recorded = self._ledger.record_attachment(item)
            return Archived(item, recorded.outcome.value, recorded.reason, recorded.document_id, item.name)
        recorded = self._ledger.record_page(item)
        return Archived(
            item,
            recorded.outcome.value,
            recorded.reason,
            recorded.document_id,
            (item.reading.title if item.reading else None) or (item.entry.title if item.entry else None),
            (item.reading.doc_number if item.reading else None) or (item.entry.doc_number if item.entry else None),
            tuple((change.operation, change.label) for change in recorded.changes),
        )


def _normal(reading: Reading) -> Reading:
    return replace(
        reading,
        title=_one_line(reading.title),
        issuer=_one_line(reading.issuer),
        issuers=tuple(name for issuer in reading.issuers if (name := _one_line(issuer))),
        doc_number=_one_line(reading.doc_number),
        index_number=_one_line(reading.index_number),
        topic=_one_line(reading.topic),
        kind=_one_line(reading.kind),
        validity=_one_line(reading.validity),
        author=_one_line(reading.author),
        reprinted_from=_one_line(reading.reprinted_from),
        attachments=_each_once(reading.attachments),
    )


def _each_once(links: tuple[AttachmentLink, ...]) -> tuple[AttachmentLink, ...]:
    kept = {urldefrag(link.url).url: link for link in reversed(links) if link.url.startswith(("http://", "https://"))}
    return tuple(replace(link, url=url, name=_one_line(link.name) or link.href) for url, link in reversed(kept.items()))


def _one_line(text: str | None) -> str | None:
    """NFC, runs of white space as one space; None for nothing."""
    return re.sub(r"[\s\u200b\ufeff]+", " ", unicodedata.normalize("NFC", text or "")).strip() or None


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
