"""Which troubles of the installation are open: each is told once when it begins and once when it is over."""

from sqlalchemy import Engine, select

from storage.clock import Clock
from storage.engine import reading, writing
from storage.models import Setting

PREFIX = "trouble:"


class Troubles:
    """The open troubles of one archive, by name (disk_low); restarts and second services do not tell them again."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, name: str) -> bool:
        """Note that it is there. Answers whether that is new."""
        if name in self.known():
            return False
        with writing(self._engine) as session:
            if session.get(Setting, PREFIX + name) is not None:
                return False
            session.add(Setting(name=PREFIX + name, value=self._clock.now().isoformat()))
            return True

    def end(self, name: str) -> bool:
        """Note that it is over. Answers whether it was there."""
        if name not in self.known():
            return False
        with writing(self._engine) as session:
            row = session.get(Setting, PREFIX + name)
            if row is not None:
                session.delete(row)
            return row is not None

    def known(self) -> dict[str, str]:
        """The open troubles: since when, in ISO form, by name."""
        with reading(self._engine) as session:
            rows = session.scalars(select(Setting).where(Setting.name.startswith(PREFIX, autoescape=True)))
            return {row.name.removeprefix(PREFIX): row.value for row in rows}
