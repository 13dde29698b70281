"""Files of documents: bytes in, text out, with the page, sheet and row, or member where it stands.

`extract` is pure and trusts nothing; `extract_safely` runs it in a child process with limits, as crawls do.
May import reading/ for charsets; imports neither the network, SQL, nor anything that knows of an archive.
"""

from policy_crawler.attachments.extract import extract
from policy_crawler.attachments.model import EXTRACTOR_VERSION, FileState, FileText, Part
from policy_crawler.attachments.ocr import Recognition
from policy_crawler.attachments.sandbox import extract_safely

__all__ = ["EXTRACTOR_VERSION", "FileState", "FileText", "Part", "Recognition", "extract", "extract_safely"]
