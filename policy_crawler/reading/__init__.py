"""Reads pages: bytes and a URL in, a Reading out. Anyone may import it.

Pure: no clock, network, SQL or files in here; the same bytes give the same reading for one EXTRACTOR_VERSION.
"""

from policy_crawler.reading.charset import decode
from policy_crawler.reading.explain import Why, explain
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
from policy_crawler.reading.validity import Validity, validity_of

__all__ = [
    "EXTRACTOR_VERSION",
    "AttachmentLink",
    "Block",
    "DocumentType",
    "Evidence",
    "Mention",
    "PageState",
    "Reading",
    "Validity",
    "Why",
    "decode",
    "explain",
    "is_refusal",
    "read",
    "validity_of",
]
