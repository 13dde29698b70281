"""The user's own part of the catalog, as the commands write it: TOML files in HOME/sources that people may edit too."""

import os
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from policy_crawler.catalog.files import CHOICES
from policy_crawler.errors import OperatorError

ADDED = "added.toml"
_HEADS = {
    ADDED: "# Sources that you added (`sources add`, `import`). Edit freely; more files may lie beside it.\n",
    CHOICES: "# Kept by `policy-crawler sources enable`, `disable` and `repair`. It lies over all other files.\n",
}


class OwnSources:
    """The files of one home. Every change is whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, entries: Sequence[Mapping[str, Any]]) -> Path:
        """Append entries to `added.toml`. What stands there stays as it is, comments and all."""
        file = self.folder / ADDED
        before = _text_of(file) or _HEADS[ADDED]
        self._write(file, f"{before.rstrip()}\n\n{_blocks(entries)}")
        return file

    def choose(self, ids: Iterable[str], **keys: Any) -> Path:
        """Set keys of sources over what the catalog says: `enabled`, or `family` and `params` of a repaired one."""
        chosen = self._choices()
        for source_id in ids:
            chosen[source_id] = {**chosen.get(source_id, {}), **keys}
        return self._keep(chosen)

    def forget(self, source_id: str, *keys: str) -> Path:
        """Take keys of a source back to what the catalog says."""
        chosen = self._choices()
        left = {name: value for name, value in chosen.pop(source_id, {}).items() if name not in keys}
        return self._keep({**chosen, source_id: left} if left else chosen)

    def _choices(self) -> dict[str, dict[str, Any]]:
        file = self.folder / CHOICES
        try:
            rows = tomllib.loads(_text_of(file)).get("source", [])
            return {row["id"]: {name: value for name, value in row.items() if name != "id"} for row in rows}
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise OperatorError(f"{file}: expected [[source]] tables with an id each, found: {error}") from error

    def _keep(self, chosen: Mapping[str, Mapping[str, Any]]) -> Path:
        file = self.folder / CHOICES
        self._write(file, f"{_HEADS[CHOICES]}\n{_blocks([{'id': one, **chosen[one]} for one in sorted(chosen)])}")
        return file

    def _write(self, file: Path, text: str) -> None:
        tomllib.loads(text)  # never leave a file that cannot be read
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self.folder, delete=False) as new:
                new.write(text)
                new.flush()
                os.fsync(new.fileno())
            Path(new.name).replace(file)
        except OSError as error:
            raise OperatorError(f"{file}: cannot be written: {error.strerror}") from error


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{file}: cannot be read: {error}") from error


def _blocks(entries: Iterable[Mapping[str, Any]]) -> str:
    """Entries as TOML, without what is empty: TOML has no null."""
    kept = [{k: v for k, v in entry.items() if v not in (None, "", (), [], {})} for entry in entries]
    return tomli_w.dumps({"source": kept}) if kept else ""
