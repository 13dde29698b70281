"""Whether there is a new version: the hash of what a text says. Pure."""

import hashlib

from storage.identity import number_key
from storage.normal import Blocks, fold, fold_body


def text_hash(title: str | None, number: str | None, blocks: Blocks) -> str:
    """SHA-256 of the normalised title, document number and body."""
    named = (fold(title or ""), number_key(number) or fold(number or ""), fold_body(blocks))
    return hashlib.sha256("\x00".join(named).encode("utf-8", "surrogatepass")).hexdigest()
