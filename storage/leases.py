"""Rights that one process holds for a time, kept in SQL: to be the scheduler, to ask one site."""

from datetime import timedelta

from sqlalchemy import Engine

from storage.clock import Clock
from storage.engine import reading, writing
from storage.models import Lease


class Leases:
    """A lease falls free by itself when its holder does not renew it in time."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def acquire(self, name: str, holder: str, seconds: float) -> int | None:
        """Take the lease for `seconds`; its fence, which grows with every new holder, or None where another holds it.

        A holder that takes its own lease again keeps its fence."""
        now = self._clock.now()
        with writing(self._engine) as session:
            lease = session.get(Lease, name)
            if lease is None:
                lease = Lease(name=name, holder=None, fence=0, expires_at=None)
                session.add(lease)
            held = lease.holder is not None and lease.expires_at is not None and lease.expires_at > now
            if held and lease.holder != holder:
                return None
            if not held:
                lease.fence += 1
            lease.holder, lease.expires_at = holder, now + timedelta(seconds=seconds)
            return lease.fence

    def renew(self, name: str, holder: str, seconds: float) -> bool:
        """Keep the lease for `seconds` from now; False where it is no longer the holder's."""
        now = self._clock.now()
        with writing(self._engine) as session:
            lease = session.get(Lease, name)
            if lease is None or lease.holder != holder or lease.expires_at is None or lease.expires_at <= now:
                return False
            lease.expires_at = now + timedelta(seconds=seconds)
            return True

    def release(self, name: str, holder: str) -> None:
        """Give the lease up; nothing happens where it is another's."""
        with writing(self._engine) as session:
            lease = session.get(Lease, name)
            if lease is not None and lease.holder == holder:
                lease.holder = lease.expires_at = None

    def holder(self, name: str) -> str | None:
        """Who holds the lease now, or None."""
        with reading(self._engine) as session:
            lease = session.get(Lease, name)
            if lease is None or lease.expires_at is None or lease.expires_at <= self._clock.now():
                return None
            return lease.holder
