"""read(): one page's bytes to a Reading. Pure: no clock, network, SQL or files."""

from typing import Final

from policy_crawler.errors import Unreadable
from policy_crawler.reading import fields as gather
from policy_crawler.reading import issuers, kinds, states
from policy_crawler.reading.blocks import Line, body_lines, is_attachment_only, to_blocks, trim_head, trim_tail
from policy_crawler.reading.charset import decode
from policy_crawler.reading.containers import Container, find_container
from policy_crawler.reading.families import family_of, is_media
from policy_crawler.reading.files import file_name, file_type
from policy_crawler.reading.fragments import split_front_matter
from policy_crawler.reading.labels import Label, find_labels
from policy_crawler.reading.mentions import mentions_of
from policy_crawler.reading.model import AttachmentLink, DocumentType, Evidence, PageState, Reading
from policy_crawler.reading.page import MAX_BYTES, Page, ancestors
from policy_crawler.reading.text import clean, squeezed
from policy_crawler.reading.titles import find_title

EXTRACTOR_VERSION: Final = "1"

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
    (b"RIFF", "RIFF"),
    (b"\x00\x00\x01\x00", "icon"),
)


def read(body: bytes, url: str, *, content_type: str | None = None, status: int = 200) -> Reading:
    """What the page at `url` says. Raises Unreadable for binary content, above 8 MiB, or an untellable charset."""
    text, charset = _text(body, content_type)
    state, reason = _state(text, status)
    front, html = split_front_matter(text)
    if state in {PageState.BLOCKED, PageState.LOGIN, PageState.EMPTY}:
        return Reading(url, state, reason, charset, "generic")
    page = Page(html, url)
    return _read_page(page, front, charset, state, reason)


def is_refusal(body: bytes, url: str, content_type: str | None, status: int) -> tuple[PageState, str]:
    """Whether an answer is a challenge, a login, a soft 404 or empty, and why; DOCUMENT and "" when it is none.

    For listings and API answers as well: JSON and XML are judged by their words alone. Raises as `read` does.
    """
    _ = url
    text, _charset = _text(body, content_type)
    return _state(text, status)


def _text(body: bytes, content_type: str | None) -> tuple[str, str]:
    if len(body) > MAX_BYTES:
        raise Unreadable(f"{len(body)} bytes, limit {MAX_BYTES} for a page")
    for magic, name in _MAGIC:
        if body.startswith(magic):
            raise Unreadable(f"binary content ({name}), not a page")
    text, charset = decode(body, content_type)
    sample = text[:4000]
    if sum(character < "\x09" or "\x0e" <= character < "\x1b" for character in sample) > 0.02 * len(sample) + 8:
        raise Unreadable("binary content, not a page")
    return text, charset


def _state(text: str, status: int) -> tuple[PageState, str]:
    if not text.strip("\ufeff\x00 \t\r\n"):
        return PageState.EMPTY, "empty body"
    return states.judge(text, status)


def _read_page(page: Page, front: dict[str, str], charset: str, state: PageState, reason: str) -> Reading:
    container = find_container(page)
    labels, leave_out = _sorted_labels(page, find_labels(page), container)
    all_lines = body_lines(page, container, leave_out) if container else []
    title_found = find_title(page, [*labels.table, *labels.lines], front, _centred_head(all_lines))
    title, title_evidence = title_found or (None, None)
    lines = trim_tail(trim_head(all_lines, title)) or _nothing_but_attachments(all_lines)
    blocks = to_blocks(lines)
    fields = gather.Fields()
    if title and title_evidence:
        fields.put("title", title, title_evidence.source, title_evidence.confidence)
    family = family_of(page, container.family if container else "generic", front)
    media = is_media(page, family, front)
    texts = [block.text for block in blocks]
    gather.put_labelled(fields, labels)
    gather.put_published(fields, labels, page, front)
    gather.put_number(fields, labels, page, title, blocks, [line.text for line in all_lines[:12]])
    gather.put_issuer(fields, labels, page, title, texts, front, media=media)
    gather.put_author(fields, labels, page, front)
    gather.put_from_text(fields, blocks)
    if container and blocks:
        fields.put("body", True, container.source, container.confidence)
    number = fields.text("doc_number")
    labelled_kind = labels.first("kind")
    kind = kinds.kind_of(title or "", labelled_kind[0].value if labelled_kind else None)
    document_type = kinds.type_of(
        title=title or "",
        kind=kind,
        number=number,
        table=bool(labels.table),
        column=page.meta("columnname", "columntype") or "",
        media=media,
    )
    links = _links(page, lines)
    attachments = _attachments(page, container, all_lines)
    images = tuple(dict.fromkeys(page.absolute(source) for line in lines for source in line.images))
    source = gather.source_of(labels, page)
    issuer = fields.text("issuer")
    if state is PageState.DOCUMENT and not title and not blocks and not attachments and not images:
        state, reason = PageState.EMPTY, "no title and no text: a shell for scripts"
    published = fields.values.get("published")
    return Reading(
        url=page.url,
        state=state,
        state_reason=reason,
        charset=charset,
        family=family,
        title=title,
        issuer=issuer,
        issuers=issuers.issuers_of(issuer) if issuer else (),
        doc_number=number,
        index_number=fields.text("index_number"),
        topic=fields.text("topic"),
        kind=kind,
        type=document_type,
        written=fields.day("written"),
        published=published,  # type: ignore[arg-type]
        effective=fields.day("effective"),
        expires=fields.day("expires"),
        validity=fields.text("validity"),
        author=fields.text("author"),
        reprinted_from=_reprinted(source[0] if source else None, page),
        blocks=blocks,
        attachments=attachments,
        mentions=mentions_of(
            blocks,
            links,
            title=title,
            own_number=number,
            own_url=page.own_url,
            default=_default_relation(document_type),
        ),
        links=links,
        images=images,
        evidence=dict(fields.evidence),
    )


def _default_relation(document_type: DocumentType) -> str:
    return {
        DocumentType.NEWS: "reports",
        DocumentType.INTERPRETATION: "interprets",
        DocumentType.CONSULTATION: "drafts",
    }.get(document_type, "cites")


def _reprinted(source: str | None, page: Page) -> str | None:
    """The source when it is not the site itself."""
    site = page.meta("sitename", "og:site_name")
    if not source or (site and (squeezed(source) in squeezed(site) or squeezed(site) in squeezed(source))):
        return None
    return source


def _sorted_labels(page: Page, found: list[Label], container: Container | None) -> tuple[gather.Labels, frozenset[int]]:
    """Labels as table, lines, and body edges; and the ids of tables inside the container that are no body."""
    clusters: dict[int, set[str]] = {}
    boxes: dict[int, list[tuple[int, object]]] = {}
    for label in found:
        chain = [
            parent for parent in ancestors(label.node) if parent.tag in {"table", "ul", "dl", "div", "tbody", "section"}
        ][:5]
        boxes[id(label)] = [(parent.mem_id, parent) for parent in chain]
        for parent in chain:
            clusters.setdefault(parent.mem_id, set()).add(label.word)
    inside_ids = {container.node.mem_id} if container else set()
    table, lines, inside, leave_out = [], [], [], set()
    passed = False
    for label in found:
        in_body = any(parent.mem_id in inside_ids for parent in ancestors(label.node))
        cluster = next((box for box in boxes[id(label)] if len(clusters[box[0]]) >= 3), None)
        official = cluster is not None and label.field not in {"source", "author", "editor", "published"} | {"other"}
        if in_body:
            passed = True
            if cluster is not None and cluster[0] not in inside_ids and _is_metadata(cluster, clusters, found, boxes):
                leave_out.add(cluster[0])
                table.append(label)
            else:
                inside.append(label)
        elif cluster is not None and _is_metadata(cluster, clusters, found, boxes):
            table.append(label)
        elif not passed or official:
            lines.append(label)
        else:
            lines.append(label)
    return gather.Labels(tuple(table), tuple(lines), tuple(inside)), frozenset(leave_out)


_DISCLOSED = frozenset(
    {"index_number", "topic", "kind", "issuer", "written", "doc_number", "validity", "effective", "expires"}
)


def _is_metadata(cluster, clusters, found, boxes) -> bool:  # type: ignore[no-untyped-def]
    """True when the cluster is a disclosure table: two or more fields only such a table has."""
    names = {label.field for label in found if any(box[0] == cluster[0] for box in boxes[id(label)])}
    return len(names & _DISCLOSED) >= 2


def _centred_head(lines: list[Line]) -> list[str]:
    """The centred or bold lines a text opens with, before its first sentence: a title where no other is printed."""
    head: list[str] = []
    for line in lines[:6]:
        text = line.text
        if not text:
            continue
        if gather.is_meta_line(text) and not head:
            continue
        if not (line.centred or line.tag in {"h1", "h2", "h3"}) or len(text) > 120 or text.endswith(("。", "：", "；")):
            break
        head.append(text)
    return head


def _nothing_but_attachments(lines: list[Line]) -> list[Line]:
    """A page that is attachment links alone keeps them as its text."""
    kept = [line for line in lines if is_attachment_only(line)]
    return kept


def _links(page: Page, lines: list[Line]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for line in lines:
        for href, text in line.links:
            if href and not href.startswith(("javascript:", "#", "mailto:", "data:")) and file_type(href, text) is None:
                url = page.absolute(href)
                if url.startswith(("http://", "https://")) or not url.split(":", 1)[0].isalpha():
                    found.setdefault(url, text)
    return tuple(found.items())


def _attachments(page: Page, container: Container | None, lines: list[Line]) -> tuple[AttachmentLink, ...]:
    found: dict[str, AttachmentLink] = {}
    for line in lines:
        for href, text in line.links:
            _add_file(found, page, href, text, "")
    if container:
        for node in page.tree.css("a[href]"):
            href = (node.attributes.get("href") or "").strip()
            if file_type(href) is None or not _beside_body(node, container):
                continue
            _add_file(found, page, href, clean(node.text(deep=True)), node.attributes.get("title") or "")
    return tuple(found.values())


def _add_file(found: dict[str, AttachmentLink], page: Page, href: str, text: str, title: str) -> None:
    kind = file_type(href, text)
    if kind is None:
        return
    url = page.absolute(href)
    known = found.get(url)
    if known is None or (not known.name and text):
        found[url] = AttachmentLink(href, url, file_name(href, text, title), kind)


_ATTACHMENT_BOX = (
    "fujian",
    "fj",
    "attach",
    "appendix",
    "annex",
    "accessory",
    "enclosure",
    "insertfiletag",
    "pdf-content",
    "download",
    "file",
)


def _beside_body(node, container: Container) -> bool:  # type: ignore[no-untyped-def]
    """True when the link stands in the body or in a box for attachments near it."""
    outer = {
        parent.mem_id
        for _, parent in zip(range(4), ancestors(container.node), strict=False)
        if parent.tag not in {"body", "html"}
    }
    boxed = False
    for depth, parent in enumerate(ancestors(node)):
        if parent.mem_id == container.node.mem_id:
            return True
        name = f"{parent.attributes.get('class') or ''} {parent.id or ''}".lower()
        if any(word in name for word in _ATTACHMENT_BOX):
            boxed = True
        if depth < 3 and not boxed and squeezed(parent.text(deep=True)[:40]).startswith(("附件", "相关附件")):
            boxed = True
        if parent.mem_id in outer:
            return boxed
        if parent.tag in {"nav", "footer"}:
            return False
    return False


__all__ = ["EXTRACTOR_VERSION", "decode", "is_refusal", "read"]
_ = Evidence
