"""The kinds of event that watches can ask for. A new kind of operators' event is a word here, in `OPERATOR_EVENTS`."""

from typing import Final

# A document's events reach every watch that matches it.
DOCUMENT_EVENTS: Final = frozenset(
    {"added", "changed", "withdrawn", "restored", "repealed", "in_force", "expires_soon", "expired", "deadline_near"}
)
SOURCE_EVENTS: Final = frozenset({"source_failing", "source_recovered"})
# What only those who run the installation want to hear: told to watches that ask for it, and to no other.
OPERATOR_EVENTS: Final = SOURCE_EVENTS | {
    "scheduler_late", "scheduler_recovered", "disk_low", "disk_recovered", "delivery_failing", "delivery_disabled",
    "delivery_recovered",
}  # fmt: skip
EVENTS: Final = DOCUMENT_EVENTS | OPERATOR_EVENTS
