"""What reading makes of a page. Plain, frozen values: no SQL, clock or network behind them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class PageState(StrEnum):
    """What kind of answer a page is, before anything is read from it."""

    DOCUMENT = "document"
    BLOCKED = "blocked"  # a challenge, a captcha, a firewall's words; whatever the status says
    LOGIN = "login"
    MISSING = "missing"  # a soft 404: status 200, but the page says it does not exist
    EMPTY = "empty"  # no title and no text: a shell for scripts, or an empty body


class DocumentType(StrEnum):
    """What a document is to an analyst (design glossary: policy, interpretation, consultation, news)."""

    POLICY = "policy"
    INTERPRETATION = "interpretation"
    CONSULTATION = "consultation"
    NEWS = "news"
    NOTICE = "notice"  # announcements that are no policy: awards, appointments, tenders, lists
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph with its role: title, heading, chapter (章), section (节), article (条), item (项),
    paragraph, table, signature, date, attachment. A table's text has one row a line, cells parted by tabs."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class AttachmentLink:
    """A file a page links to. `href` as printed, `url` absolute, `name` for people, `type` a file extension."""

    href: str
    url: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A reference as the text makes it. At least one of `title`, `number`, `url` is set.

    `relation`: cites, implements, amends, repeals, supersedes, interprets, forwards, drafts, reports. `number` in its
    normal form (GB/T 9704-2012); a short name (以下简称) gives the title it stands for."""

    relation: str
    title: str | None
    number: str | None
    url: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a field's value was found (`source`, e.g. "meta ArticleTitle", "table 文号") and how far to trust it."""

    source: str
    confidence: float  # 0..1


@dataclass(frozen=True, slots=True)
class Reading:
    """What extraction makes of a snapshot: a pure function of the bytes and the URL."""

    url: str
    state: PageState
    state_reason: str  # why the state is not DOCUMENT; empty otherwise
    charset: str
    family: str  # the CMS family recognised on the page ("trs", "jpaas", "jcms", "govcn", "ucap", …, "generic")
    title: str | None = None
    issuer: str | None = None  # as printed
    issuers: tuple[str, ...] = ()  # lead organ first
    doc_number: str | None = None  # 发文字号 as printed, its spaces removed
    index_number: str | None = None  # 索引号, opaque
    topic: str | None = None
    kind: str | None = None  # 文种: 通知, 意见, 公告 …
    type: DocumentType = DocumentType.OTHER
    written: date | None = None  # 成文日期
    published: date | datetime | None = None  # 发布日期; a moment is aware, +08:00
    effective: date | None = None  # 施行日期
    expires: date | None = None  # 废止/失效日期
    validity: str | None = None  # as the page states it
    author: str | None = None
    reprinted_from: str | None = None  # 来源 / ContentSource when it is not the site itself
    blocks: tuple[Block, ...] = ()
    attachments: tuple[AttachmentLink, ...] = ()
    mentions: tuple[Mention, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # (absolute URL, text) of links inside the body, in order
    images: tuple[str, ...] = ()  # absolute URLs of pictures inside the body
    evidence: dict[str, Evidence] = field(default_factory=dict)
    organs: tuple[str, ...] = ()  # the one name of each of `issuers`, as printed where no table knows it
    number_normal: str | None = None  # `doc_number` in its normal form
    deadline: date | datetime | None = None  # last day, or moment, for comments on a consultation
    images_carry_text: bool = False  # the body is pictures: what it says is not in `blocks`
    # What other sources on the page say of a field, most trusted first; only values that differ from the one kept.
    alternatives: dict[str, tuple[tuple[str | date | datetime, Evidence], ...]] = field(default_factory=dict)

    @property
    def body(self) -> str | None:
        """The text of all blocks, one a line; None when there is none."""
        return "\n".join(block.text for block in self.blocks) or None
