"""Reads pages: bytes and a URL in, a Reading out. Anyone may import it.

Pure: no clock, network, SQL or files in here; the same bytes give the same reading for one EXTRACTOR_VERSION.
"""

from policy_crawler.reading.charset import decode
from policy_crawler.reading.model import (
    AttachmentLink,
    Block,
    DocumentType,
    Evidence,
    Mention,
    PageState,
    Reading,
)
from policy_crawler.reading.reader import EXTRACTOR_VERSION, is_refusal, read

__all__ = [
    "EXTRACTOR_VERSION",
    "AttachmentLink",
    "Block",
    "DocumentType",
    "Evidence",
    "Mention",
    "PageState",
    "Reading",
    "decode",
    "is_refusal",
    "read",
]
