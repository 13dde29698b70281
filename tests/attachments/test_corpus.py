"""Real files of government sites: each gives its text, or says exactly why not."""

import pytest

from policy_crawler.attachments import FileState, extract, extract_safely

pytestmark = pytest.mark.corpus

# The only ones without text: a scanned certificate list, and a sample that has nothing but signatures.
WITHOUT = {
    "binzhou_0f4c2e9275e33e3bae56232896aa633b.pdf": (FileState.SCANNED, "its 1 pages are pictures without text"),
    "ofdjs_h.ofd": (FileState.EMPTY, "its 5 pages have no text"),
}


def test_every_real_file_gives_its_text_or_says_why_not(corpus):
    seen = {}
    for path in sorted((corpus / "pages" / "attach").iterdir()):
        found = extract(path.read_bytes(), path.name)
        if found.state is FileState.TEXT:
            assert len(found.text) > 300, path.name
            assert sum(character == "\ufffd" for character in found.text) == 0, path.name
        else:
            seen[path.name] = (found.state, found.reason)
    assert seen == WITHOUT


def test_known_words_and_rows_stand_where_they_should(corpus):
    folder = corpus / "pages" / "attach"
    ofd = extract((folder / "ofdjs_n.ofd").read_bytes())
    assert "路卫发〔2011〕76号" in ofd.parts[0].text
    wide = extract((folder / "ndrc_test.doc").read_bytes()).text.split("\n")
    assert any(line.startswith("1\t全粒级干法选煤节能技术\t煤炭行业矿井煤炭分选\t") for line in wide)
    pages = extract_safely((folder / "ndrc_test.pdf").read_bytes())
    assert [part.page for part in pages.parts] == list(range(1, 17))
