"""The bytes that rows name, though their records may be moved between the reading of a row and that of the file."""

from sqlalchemy import Engine, select

from storage.engine import reading
from storage.errors import ArchiveError
from storage.models import Snapshot
from storage.snapshots import SnapshotStore

Where = tuple[str, int, int]  # WARC file, offset, length


def load(engine: Engine, store: SnapshotStore, file: str, offset: int, digest: str) -> bytes:
    """The bytes with this SHA-256 that a row placed there, or where a row places them by now.

    Raises ArchiveError where they are not whole at any of these."""
    return load_record(engine, store, (file, offset, 0), digest)[0]


def load_record(engine: Engine, store: SnapshotStore, where: Where, digest: str) -> tuple[bytes, Where]:
    """The bytes, and the record that they are in."""
    try:
        return store.load(*where[:2], digest), where
    except ArchiveError:
        for other in places(engine, digest):
            if other[:2] != where[:2]:
                return store.load(*other[:2], digest), other
        raise


def places(engine: Engine, digest: str) -> list[Where]:
    """Where rows say that the bytes with this SHA-256 are."""
    query = select(Snapshot.file, Snapshot.offset, Snapshot.length).where(
        Snapshot.digest == digest, Snapshot.file != ""
    )
    with reading(engine) as session:
        return [(row[0], row[1], row[2]) for row in session.execute(query.distinct())]
