"""Words that are looked for together: the shipped list and a file of the user's, in one form (see synonyms.txt).

One list is in use in a process, so that a watch finds what a search finds."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from storage import tokens
from storage.errors import OperatorError

SHIPPED = Path(__file__).with_name("synonyms.txt")
MOST = 30  # synonyms of one word: each is looked for


class Synonyms:
    """What else to look for where a word is asked for."""

    def __init__(self) -> None:
        self._also: dict[str, dict[str, str]] = {}  # canonical word: canonical synonym: as listed

    def of(self, canonical: str) -> tuple[tuple[str, str], ...]:
        """(canonical, as listed) of each synonym of a canonical word, itself not among them."""
        return tuple(self._also.get(canonical, {}).items())

    def read(self, text: str, name: str) -> "Synonyms":
        """Add the groups of a file. Raises OperatorError that names the line and says what is wrong with it."""
        for number, written in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            line = written.partition("#")[0].strip()
            if line:
                try:
                    self._add(line)
                except ValueError as error:
                    raise OperatorError(f"{name}, line {number}: {error}\n  {written.strip()}") from error
        return self

    def _add(self, line: str) -> None:
        if line[0] in "!！":
            word = _canonical(line[1:])
            self._also.pop(word, None)
            for others in self._also.values():
                others.pop(word, None)
            return
        asked, arrow, found = line.replace("＝", "=").replace("=＞", "=>").partition("=>")
        if "=>" in found:
            raise ValueError("more than one =>; a line is A = B = C or A => B = C")
        left, right = _words(asked), _words(found) if arrow else {}
        if len(left) + len(right) < 2:
            raise ValueError("one word alone; write its synonyms behind it: A = B, or A => B")
        for word in left:
            also = self._also.setdefault(word, {})
            # What holds the word is found by it anyhow.
            others = {other: listed for other, listed in {**left, **right}.items() if tokens.contains(other, word) < 0}
            also.update(others)
            if len(also) > MOST:
                raise ValueError(f"{left[word]} has {len(also)} synonyms with this line; {MOST} are the most")


def _words(part: str) -> dict[str, str]:
    """Canonical word: as written."""
    found: dict[str, str] = {}
    for written in part.split("="):
        word = _canonical(written)
        if word in found:
            raise ValueError(f"{written.strip()} stands there twice")
        found[word] = written.strip()
    return found


def _canonical(written: str) -> str:
    word = tokens.canonical(written)
    if not word:
        what = f"{written.strip()!r} holds nothing to search for" if written.strip() else "a word is missing beside ="
        raise ValueError(f"{what}; a line is A = B = C or A => B = C")
    return word


@cache
def _shipped() -> str:
    return SHIPPED.read_text(encoding="utf-8")


def shipped() -> Synonyms:
    """The shipped list."""
    return Synonyms().read(_shipped(), SHIPPED.name)


def extended(files: Iterable[Path]) -> Synonyms:
    """The shipped list with these files, as far as they are there. Raises OperatorError for one that cannot be read."""
    found = shipped()
    for file in files:
        if file.exists():
            try:
                found.read(file.read_text(encoding="utf-8"), str(file))
            except (OSError, UnicodeDecodeError) as error:
                raise OperatorError(f"cannot read {file}: {error}. It must be a text file in UTF-8.") from error
    return found


_in_use: list[Synonyms] = []


def use(*files: Path) -> None:
    """Make the shipped list with these files what queries of this process are read with."""
    _in_use[:] = [extended(files)]


def in_use() -> Synonyms:
    """What queries of this process are read with: the shipped list, unless `use` said otherwise."""
    if not _in_use:
        use()
    return _in_use[0]
