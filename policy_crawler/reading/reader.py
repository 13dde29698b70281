"""read(): one page's bytes to a Reading. Pure: no clock, network, SQL or files."""

from codecs import BOM_UTF8
from typing import Final

from policy_crawler.errors import Unreadable
from policy_crawler.reading import body as bodies
from policy_crawler.reading import fields as gather
from policy_crawler.reading import force, gkmlpt, issuers, kinds, numbers, organs, origin, records, states
from policy_crawler.reading.charset import decode
from policy_crawler.reading.containers import Container, find_container, texts_above
from policy_crawler.reading.families import family_of, is_media
from policy_crawler.reading.files import find_attachments
from policy_crawler.reading.fragments import split_front_matter
from policy_crawler.reading.labelled import Labels, boxes_above, disclosure_boxes, sort_labels
from policy_crawler.reading.labels import find_labels
from policy_crawler.reading.mentions import mentions_of
from policy_crawler.reading.model import DocumentType, PageState, Reading
from policy_crawler.reading.page import MAX_BYTES, Page
from policy_crawler.reading.published import put_published
from policy_crawler.reading.titles import Found, find_title, other_titles

EXTRACTOR_VERSION: Final = "4"

_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP, DOCX or OFD"),
    (b"\xd0\xcf\x11\xe0", "DOC or XLS"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7Z"),
    (b"\x1f\x8b", "gzip"),
    (b"MZ\x90", "program"),
)
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])  # what no text has
_HEAD = 12  # lines at the top of the text in which its number may stand
_CAPTIONS = 80  # characters of text beside pictures that still are but their captions
_NO_TEXT = "\ufeff\x00 \t\r\n"
# What the sentence of an undescribed reference means, by the kind of document it stands in.
_RELATION = {
    DocumentType.NEWS: "reports",
    DocumentType.INTERPRETATION: "interprets",
    DocumentType.CONSULTATION: "drafts",
}


def read(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    status: int = 200,
    without_families: frozenset[str] = frozenset(),
) -> Reading:
    """What the page at `url` says. Raises Unreadable for binary content, above 8 MiB, or an untellable charset.

    `without_families` switches the containers of CMS families off: how well pages of a family that nobody described
    would be read is measured with it.
    """
    text, charset = _text(body, content_type)
    if _is_blank(text):
        return Reading(url, PageState.EMPTY, "empty body", charset, "generic")
    if record := records.drawn(text):
        page = Page(record.html, url)
        reading = _read_page(page, {}, charset, (PageState.DOCUMENT, ""), without_families)
        return records.from_keys(reading, record)
    front, html = split_front_matter(text)
    if "gkmlpt" not in without_families:
        html = gkmlpt.drawn(html)
    page = Page(html, url, body if html is text and _is_exactly(text, body, charset) else None)
    state, reason = states.judge(html, status, words=page.visible(states.ENOUGH), title=page.document_title)
    if state in {PageState.BLOCKED, PageState.LOGIN}:
        return Reading(url, state, reason, charset, "generic")
    if records.is_json(text):
        return Reading(url, PageState.EMPTY, "JSON that is no document we know", charset, "generic")
    return _read_page(page, front, charset, (state, reason), without_families)


def is_refusal(body: bytes, url: str, content_type: str | None, status: int) -> tuple[PageState, str]:
    """Whether an answer is a challenge, a login, a soft 404 or empty, and why; DOCUMENT and "" when it is none.

    For listings and API answers as well: JSON and XML are judged by their words alone. Raises as `read` does, with
    the `url` in the message.
    """
    try:
        text, _charset = _text(body, content_type)
        page = Page(text, url)
    except Unreadable as error:
        raise Unreadable(f"{error} at {url}") from error
    if _is_blank(text):
        return PageState.EMPTY, "empty body"
    return states.judge(text, status, words=page.visible(states.ENOUGH), title=page.document_title)


def _text(body: bytes, content_type: str | None) -> tuple[str, str]:
    if len(body) > MAX_BYTES:
        raise Unreadable(f"{len(body)} bytes, limit {MAX_BYTES} for a page")
    for magic, name in _MAGIC:
        if body.startswith(magic):
            raise Unreadable(f"binary content ({name}), not a page")
    text, charset = decode(body, content_type)
    sample = text[:4000].encode("utf-8", "replace")
    if len(sample) - len(sample.translate(None, _CONTROLS)) > 0.02 * len(text[:4000]) + 8:
        raise Unreadable("binary content, not a page")
    return text, charset


def _is_exactly(text: str, body: bytes, charset: str) -> bool:
    """True when the bytes are the text in UTF-8, to the letter: then it need not be encoded again to be parsed."""
    return charset == "utf-8" and not body.startswith(BOM_UTF8) and b"\0" not in body and "\ufffd" not in text


def _is_blank(text: str) -> bool:
    return not text.strip(_NO_TEXT)


def _read_page(
    page: Page, front: dict[str, str], charset: str, judged: tuple[PageState, str], without: frozenset[str]
) -> Reading:
    state, reason = judged
    found_labels = find_labels(page)
    chains = boxes_above(page.tree, found_labels)
    container = find_container(page, without, disclosure_boxes(found_labels, chains))
    labels = sort_labels(found_labels, chains, container, page.tree)
    family = family_of(page, container.family if container else "generic", front)
    media = is_media(page, family, front, table=bool(labels.table))
    lines = bodies.read_lines(page, container, labels.boxes)
    found = find_title(page, labels, front, lines)
    title = found[0] if found else None
    body = bodies.make_body(lines, title, media=media)
    source = origin.find_source(labels, page)
    fields = _fields(page, front, labels, container, body=body, title=found, source=source, media=media)
    number, issuer = fields.text("doc_number"), fields.text("issuer")
    kind = kinds.kind_of(title or "", fields.text("kind"))
    fields.put("kind", kind, "end of the title", 0.8)
    document_type = kinds.type_of(
        title=title or "",
        kind=kind,
        number=number,
        table=bool(labels.table),
        column=_column(page),
        media=media,
        reprinted=bool(source and origin.is_medium(source[0])),
    )
    if document_type is DocumentType.CONSULTATION:
        force.put_deadline(fields, page, body.blocks)
    names = _issuers(fields, media=media)
    links = bodies.links_of(page, body.lines)
    images = bodies.images_of(page, body)
    attachments = find_attachments(
        page, container.node if container else None, [link for line in lines for link in line.links]
    )
    if state is PageState.DOCUMENT and not (title or body.blocks or attachments or images):
        state, reason = PageState.EMPTY, "no title and no text: a shell for scripts"
    return Reading(
        url=page.url,
        state=state,
        state_reason=reason,
        charset=charset,
        family=family,
        title=title,
        issuer=issuer,
        issuers=names,
        doc_number=number,
        index_number=fields.text("index_number"),
        topic=fields.text("topic"),
        kind=kind,
        type=document_type,
        written=fields.day("written"),
        published=fields.moment("published"),
        effective=fields.day("effective"),
        expires=fields.day("expires"),
        validity=fields.text("validity"),
        author=fields.text("author"),
        reprinted_from=origin.reprinted_from(source, page),
        blocks=body.blocks,
        attachments=attachments,
        mentions=mentions_of(
            body.blocks,
            links,
            title=title,
            own_number=number,
            own_url=page.own_url,
            default=_RELATION.get(document_type, "cites"),
            related=bodies.related_links(page, body) if document_type is DocumentType.INTERPRETATION else (),
        ),
        links=links,
        images=images,
        evidence=fields.evidence,
        organs=organs.organs_of(names, number),
        number_normal=numbers.normal_number(number),
        deadline=fields.moment("deadline"),
        images_carry_text=bool(images) and sum(len(block.text) for block in body.blocks) < _CAPTIONS,
        alternatives=fields.alternatives(),
    )


def _issuers(fields: gather.Fields, *, media: bool) -> tuple[str, ...]:
    """The organs in the printed issuer; where the page names none, those whose code its number begins with."""
    issuer = fields.text("issuer")
    if issuer:
        return issuers.issuers_of(issuer)
    known = None if media else organs.organ_of_code(fields.text("doc_number"))
    if known is None:
        return ()
    fields.put("issuers", known[0], "code of the number", 0.5 if known[1] else 0.35)
    return issuers.issuers_of(known[0])


def _fields(
    page: Page,
    front: dict[str, str],
    labels: Labels,
    container: Container | None,
    *,
    body: bodies.Body,
    title: Found | None,
    source: tuple[str, str] | None,
    media: bool,
) -> gather.Fields:
    """The fields in order of trust; each keeps the first value found and says where it stood."""
    fields = gather.Fields()
    if title:
        fields.put("title", title[0], title[1].source, title[1].confidence)
        for other, evidence in other_titles(page, labels):
            fields.put("title", other, evidence.source, evidence.confidence)
    if container and body.blocks:
        fields.put("body", True, container.source, container.confidence)
    gather.put_labelled(fields, labels)
    put_published(fields, labels, page, front, container)
    head = [line.text for line in body.all_lines[:_HEAD]]
    gather.put_number(fields, labels, title[0] if title else None, head, texts_above(page, container, "号"))
    if not media:
        origin.put_organ(fields, labels, title[0] if title else None)
    origin.put_source(fields, source, front)
    if media:
        origin.put_medium(fields, page)
    else:
        fields.put("issuer", issuers.signed_by([block.text for block in body.blocks]), "signature", 0.65)
    origin.put_author(fields, labels, page, front, media=media)
    gather.put_written(fields, body.blocks)
    if not media:  # a report's days are those of what it reports
        force.put_force(fields, body.blocks)
    return fields


def _column(page: Page) -> str:
    return " ".join(filter(None, (page.meta("columnname"), page.meta("columntype"), page.meta("lanmu"))))
