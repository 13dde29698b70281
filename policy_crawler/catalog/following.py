"""Notices that the user's own catalog files have changed."""

from pathlib import Path

from policy_crawler.catalog.catalog import Catalog, load_catalog

Stamp = tuple[tuple[str, int, int], ...]


class CatalogFiles:
    """The catalog with the user's files of one folder, as they were when it was made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp = self._look()

    def reread(self) -> Catalog | None:
        """The catalog where a file was written, added or taken away since the last call; else None.

        Raises OperatorError for files that cannot be read, once for each change."""
        stamp = self._look()
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        return load_catalog(self._folder)

    def _look(self) -> Stamp:
        found = []
        for file in sorted(self._folder.glob("*.toml")):
            try:
                stat = file.stat()
            except FileNotFoundError:  # taken away this moment
                continue
            found.append((file.name, stat.st_size, stat.st_mtime_ns))
        return tuple(found)
