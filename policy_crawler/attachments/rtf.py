"""RTF 1.9: the visible text, in its code page (936 where none is named) and its Unicode characters."""

import re

from policy_crawler.attachments.model import Budget, FileState, FileText, Part

_TOKEN = re.compile(
    rb"\\'(?P<byte>[0-9a-fA-F]{2})|\\u(?P<unicode>-?\d{1,6}) ?|\\(?P<word>[a-zA-Z]{1,32})(?P<value>-?\d{1,10})? ?"
    rb"|\\(?P<symbol>[^a-zA-Z])|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)"
)
# Groups without words of the text: fonts, styles, pictures, headers, field codes.
_UNSEEN = frozenset(
    b"fonttbl|colortbl|stylesheet|info|pict|object|header|footer|headerl|headerr|footerl|footerr|generator|listtable|"
    b"listoverridetable|themedata|colorschememapping|latentstyles|datastore|rsidtbl|xmlnstbl|fldinst|filetbl|revtbl"
    .split(b"|")
)  # fmt: skip
_PRINTED = {
    b"par": "\n", b"line": "\n", b"row": "\n", b"page": "\n", b"sect": "\n", b"cell": "\t", b"tab": "\t",
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
}  # fmt: skip
_SYMBOLS = {b"~": " ", b"{": "{", b"}": "}", b"\\": "\\"}
_CHARSETS = {b"936": "gb18030", b"950": "big5", b"65001": "utf-8"}


def read(payload: bytes, budget: Budget) -> FileText:
    """A line a paragraph or table row. Headers and pictures are left out."""
    text = _Rtf(payload).text()
    parts = tuple(budget.within(Part(line.strip(" ").rstrip("\t")) for line in text.split("\n")))
    if parts:
        return FileText("rtf", FileState.TEXT, parts=parts)
    return FileText("rtf", FileState.EMPTY, "the RTF has no text")


class _Rtf:
    """One pass over the tokens, with the state that groups save and restore."""

    def __init__(self, payload: bytes) -> None:
        named = re.search(rb"\\ansicpg(\d{3,5})", payload[:2000])
        self._charset = _CHARSETS.get(named[1] if named else b"936", "gb18030")
        self._payload = payload
        self._out: list[str] = []
        self._pending = bytearray()  # bytes not decoded yet: a character may have two
        self._groups: list[tuple[bool, int]] = []
        self._hidden = False
        self._fallback = 1  # bytes after a \u for readers without Unicode
        self._skip = 0

    def text(self) -> str:
        """The visible characters; two halves of a surrogate pair become one."""
        for token in _TOKEN.finditer(self._payload):
            if token["brace"]:
                self._group(token["brace"])
            elif token["symbol"] == b"*" or token["word"] in _UNSEEN:  # {\*…}: may be ignored by who does not know it
                self._hidden = True
            elif token["word"] == b"uc":
                self._fallback = int(token["value"] or 1)
            elif not self._hidden:
                self._seen(token)
        self._flush()
        return "".join(self._out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _group(self, brace: bytes) -> None:
        self._flush()
        if brace == b"{":
            self._groups.append((self._hidden, self._fallback))
        else:
            self._hidden, self._fallback = self._groups.pop() if self._groups else (False, 1)

    def _seen(self, token: re.Match[bytes]) -> None:
        raw = bytes([int(token["byte"], 16)]) if token["byte"] else token["text"]
        if raw:
            self._pending += raw[self._skip :]
            self._skip = max(0, self._skip - len(raw))
            return
        self._flush()
        if token["unicode"]:
            self._out.append(chr(int(token["unicode"]) % 0x10000))
            self._skip = self._fallback
        elif token["word"] or token["symbol"]:
            self._out.append(_PRINTED.get(token["word"], _SYMBOLS.get(token["symbol"], "")))

    def _flush(self) -> None:
        self._out.append(self._pending.decode(self._charset, "replace"))
        self._pending.clear()
