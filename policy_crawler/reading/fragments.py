"""Front matter: articles kept as Markdown files by feed archives (Hexo, Jekyll), HTML inside, fields on top."""

import re

_FENCE = re.compile(r"^\ufeff?\s*---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z_][\w-]{0,40})[ \t]*:[ \t]*(.*)$")


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields on top of `text` (names small, quotes off) and what follows; ({}, text) when it has none."""
    match = _FENCE.match(text[:20_000])
    if not match:
        return {}, text
    fields: dict[str, str] = {}
    for line in match[1].splitlines():
        found = _FIELD.match(line)
        if found:
            value = found[2].strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
                quote = value[0]
                value = value[1:-1].replace("''", "'") if quote == "'" else value[1:-1].replace('\\"', '"')
            fields.setdefault(found[1].lower(), value)
    return fields, text[match.end() :]


def restored_title(title: str, printed: list[str]) -> str:
    """The title with the characters a file name could not hold.

    Archives name files by the title and write _ for what a file system forbids; a picture's own title attribute
    still has them. `printed` are such texts; the one that fits character by character wins.
    """
    if "_" not in title:
        return title
    pattern = re.compile("".join("." if character == "_" else re.escape(character) for character in title))
    return next((text for text in printed if pattern.fullmatch(text)), title)
