"""Short names inside one document: 《…》（以下简称《办法》）, and what they stand for."""

import re

_TITLE = r"《(?:[^《》]|《[^《》]*》){2,160}》"
_DEFINED = re.compile(
    rf"(?P<full>{_TITLE})(?:\s*[（(][^（()）]{{4,40}}号[）)])?\s*[（(](?:[^（()）]{{4,40}}号[，,、]\s*)?"
    r"(?:以下|下|后文)?(?:统|均)?(?:简)?称(?:为|作|：|:)?\s*[“\"'‘]?(?P<short>《[^《》]{1,40}》|[^《》（()）“”\"'‘’，,]{2,20})[”\"'’]?\s*[）)]"
)
# 以下简称《办法》 without a title before it: the paper's own name.
_OWN = re.compile(r"(?:以下|下)(?:统)?(?:简)?称(?:为|作|：|:)?\s*[“\"'‘]?《(?P<short>[^《》]{1,40})》")


def short_names(text: str) -> dict[str, str | None]:
    """Each short name with its full title; None where the text gives the name to something without a title."""
    found: dict[str, str | None] = {}
    for match in _DEFINED.finditer(text):
        found.setdefault(match["short"].strip("《》 "), match["full"][1:-1])
    for match in _OWN.finditer(text):
        found.setdefault(match["short"].strip(), None)
    return found
