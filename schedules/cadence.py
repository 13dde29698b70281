"""When a source is due, and when a failed delivery is tried again. Pure: every moment is an argument."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from apscheduler.triggers.interval import IntervalTrigger

# Slots are counted from here, so a restart or a late run never shifts them. Not later: a machine whose clock starts
# in 1970 has slots too.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Seconds from one failed attempt to the next: ten attempts over three days; then a delivery is given up, if others got
# through.
RETRY_DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)

FORWARD = timedelta(seconds=1)
LONGEST_BACKOFF = timedelta(hours=24)


def fraction(key: str) -> float:
    """A number in [0, 1) that is the same for `key` on every machine and every day."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) / 2**64


def trigger(source_id: str, every_minutes: int) -> IntervalTrigger:
    """The slots of a source: every `every_minutes`, from an offset that its id decides, so that sources of one
    cadence do not all start in the same second."""
    offset = timedelta(seconds=int(fraction(source_id) * every_minutes * 60))
    return IntervalTrigger(minutes=every_minutes, start_date=EPOCH + offset, timezone=UTC)


def wait(every_minutes: int, failures: int) -> timedelta:
    """The longest time to a source's next run: its cadence, doubled with every failed run in a row from the third
    on, up to one day. A broken source is asked less often; it never keeps the others waiting."""
    every = timedelta(minutes=every_minutes)
    if failures < 3:
        return every
    doubled: timedelta = every * 2 ** min(failures - 2, 12)
    return min(doubled, max(LONGEST_BACKOFF, every))


def next_due(source_id: str, every_minutes: int, now: datetime, failures: int = 0, lap: int = 0) -> datetime:
    """The first slot after `now` (aware), in UTC; a later one after failed runs (`wait`).

    `lap` counts how often the clock was set back while the source was scheduled; it is kept in the microseconds, so
    that an hour that comes twice has slots of its own the second time, and runs."""
    every = timedelta(minutes=every_minutes)
    earliest = now.astimezone(UTC).replace(microsecond=0) + (wait(every_minutes, failures) - every) + FORWARD
    due: datetime = trigger(source_id, every_minutes).get_next_fire_time(None, earliest)
    return due.replace(microsecond=lap)


def repaired(source_id: str, every_minutes: int, due: datetime, now: datetime, failures: int = 0) -> datetime | None:
    """A due time to replace `due` with where it lies further ahead than any due time is set, else None.

    That happens when the clock was set back while no service ran: by how much, nobody knows."""
    if due - now <= wait(every_minutes, failures) + FORWARD:
        return None
    return next_due(source_id, every_minutes, now, lap=due.microsecond + 1)


def retry_at(delivery_key: str, attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failed attempts; None when there is no further one.

    The delay varies by ±10 %, decided by the delivery and the attempt, so that a hundred mails that failed together
    do not come back together."""
    if attempts > len(RETRY_DELAYS):
        return None
    spread = 0.9 + 0.2 * fraction(f"{delivery_key}/{attempts}")
    return now + timedelta(seconds=RETRY_DELAYS[attempts - 1] * spread)


def probe_at(key: str, failures: int, now: datetime, retry_after: timedelta | None = None) -> datetime:
    """When a channel that failed so often in a row is tried again: after 5 s, then every 5 minutes, ±10 %; not before
    `retry_after`, where the receiver asked for that."""
    spread = 0.9 + 0.2 * fraction(f"{key}/probe {failures}")
    wait = timedelta(seconds=RETRY_DELAYS[0 if failures <= 1 else 1] * spread)
    return now + max(wait, retry_after or timedelta(0))
