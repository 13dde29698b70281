"""Masks numbers of persons in what an import brings, as whatever enters the archive is masked (storage/masking.py)."""

from typing import Any

from storage import attachments
from storage.diff import text_hash
from storage.exchange.checking import Checked, Fields
from storage.masking import VERSION, mask, masked_version
from storage.models import AttachmentVersion


def mask_line(line: Checked) -> None:
    """Mask a document's texts. A text that this alters has another hash, and is known by it wherever it is named."""
    hashes: dict[str, str] = {}
    for reading in line.readings:
        if _mask(reading, ("title", "author", "reprinted_from", "blocks", "evidence", "alternatives")):
            now = text_hash(reading["title"], reading["number"], [(role, text) for role, text in reading["blocks"]])
            hashes[reading["text_hash"]] = reading["text_hash"] = now
        reading["attachments"] = [[href, url, mask(name), type_] for href, url, name, type_ in reading["attachments"]]
        reading["mentions"] = [
            [relation, title and mask(title), number, url, mask(sentence)]
            for relation, title, number, url, sentence in reading["mentions"]
        ]
    for row in (*line.versions, *line.pages):
        row["text_hash"] = hashes.get(row["text_hash"], row["text_hash"])
    for file in line.attachments:
        file["name"] = mask(file["name"])
        for version in file["_versions"]:
            if _mask(version, ("text", "ocr_pictures")) and version["text_hash"] is not None:
                own = AttachmentVersion(text=version["text"], text_places=version["text_places"])
                version["text_hash"] = attachments.text_hash(attachments.own_words(own))
    for rows, names in (
        ([line.document], ("title",)), (line.pages, ("title",)), (line.references, ("title", "sentence")),
        (line.events, ("payload",)), ([one["_document"] for one in line.decisions if "_document" in one], ("title",)),
    ):  # fmt: skip
        for row in rows:
            for name in names:
                row[name] = _deep(row[name], whole=name != "payload")


def _mask(fields: Fields, names: tuple[str, ...]) -> bool:
    """Mask these fields; answers whether that altered any, which is then another way to have read them."""
    before = [fields[name] for name in names]
    for name in names:
        fields[name] = _deep(fields[name])
    altered = before != [fields[name] for name in names]
    version = fields["extractor_version"]
    if altered and version is not None and not version.endswith(f"-{VERSION}"):
        fields["extractor_version"] = masked_version(version)
    return altered


def _deep(value: Any, *, whole: bool = True) -> Any:
    """`value` with its texts masked; not `whole`: but for URLs, which are no text."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_deep(item, whole=whole) for item in value]
    if isinstance(value, dict):
        return {key: item if key == "url" and not whole else _deep(item, whole=whole) for key, item in value.items()}
    return value
