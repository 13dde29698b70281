"""One reader in a process of its own, told by lines on standard input: `python readers.py NAME CORPUS`.

`round` reads every labelled page and answers the CPU seconds it took, `read` answers what was read. Run by the Python
that has the reader; nothing of ours is imported for the peers. Peers are handed the text already decoded, as several
of them take these pages' wrong declarations at their word; ours decodes the bytes itself, on the clock.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Reader = Callable[[bytes, str, str], Record]


def ours() -> Reader:
    """The whole reading: state, all fields, roles of the paragraphs, attachments, references, evidence."""
    from policy_crawler.reading import read  # noqa: PLC0415

    def reader(raw: bytes, _text: str, url: str) -> Record:
        reading = read(raw, url)
        return {
            "title": reading.title,
            "published": reading.published and reading.published.isoformat(),
            "issuer": reading.issuer,
            "doc_number": reading.doc_number,
            "index_number": reading.index_number,
            "body": reading.body,
            "attachments": [link.href for link in reading.attachments],
        }

    return reader


def parse_alone() -> Reader:
    """No reading at all: the parser that ours stands on, and the text of the page. The floor of what is possible."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    def reader(_raw: bytes, text: str, _url: str) -> Record:
        tree = LexborHTMLParser(text)
        return {"body": tree.body.text(deep=True) if tree.body else ""}

    return reader


def trafilatura_text() -> Reader:
    """Its text alone, with its defaults."""
    import trafilatura  # noqa: PLC0415

    return lambda _raw, text, url: {"body": trafilatura.extract(text, url=url, include_comments=False)}


def trafilatura_fields() -> Reader:
    """Its text with its metadata."""
    import trafilatura  # noqa: PLC0415

    def reader(_raw: bytes, text: str, url: str) -> Record:
        found = trafilatura.bare_extraction(text, url=url, include_comments=False, with_metadata=True)
        if found is None:
            return {}
        return {"title": found.title, "published": found.date, "issuer": found.author, "body": found.text}

    return reader


def gne() -> Reader:
    """GNE's general extractor for Chinese news."""
    from gne import GeneralNewsExtractor  # noqa: PLC0415

    extractor = GeneralNewsExtractor()

    def reader(_raw: bytes, text: str, _url: str) -> Record:
        found = extractor.extract(text)
        return {
            "title": found["title"],
            "published": found["publish_time"],
            "issuer": found["author"],
            "body": found["content"],
        }

    return reader


def newspaper() -> Reader:
    """newspaper4k, told that the page is Chinese and that nothing is to be fetched."""
    from newspaper import Article  # noqa: PLC0415

    def reader(_raw: bytes, text: str, url: str) -> Record:
        article = Article(url, language="zh", fetch_images=False)  # or it asks sites for pictures
        article.download(input_html=text)
        article.parse()
        published = article.publish_date
        return {
            "title": article.title,
            "published": published.isoformat() if hasattr(published, "isoformat") else published,
            "issuer": " ".join(article.authors),
            "body": article.text,
        }

    return reader


READERS: dict[str, tuple[Callable[[], Reader], str]] = {
    "ours": (ours, "selectolax"),
    "parse alone": (parse_alone, "selectolax"),
    "trafilatura, text": (trafilatura_text, "trafilatura"),
    "trafilatura, fields": (trafilatura_fields, "trafilatura"),
    "GNE": (gne, "gne"),
    "newspaper4k": (newspaper, "newspaper4k"),
}


def main() -> None:
    """Answer each line of standard input with a line of JSON."""
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr  # what a reader prints is no answer
    make, package = READERS[sys.argv[1]]
    pages = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    inputs = [(Path(page["path"]).read_bytes(), page["text"], page["url"]) for page in pages]
    reader = make()
    print(json.dumps({"version": version(package)}), file=answers, flush=True)
    for line in sys.stdin:
        records: list[Record] = []
        start = time.process_time()
        for raw, text, url in inputs:
            try:
                records.append(reader(raw, text, url))
            except Exception as error:
                records.append({"failed": repr(error)})
        spent = time.process_time() - start
        print(json.dumps({"seconds": spent, "records": records} if line.strip() == "read" else {"seconds": spent}),
              file=answers, flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
