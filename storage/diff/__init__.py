"""Tells whether a text differs, and where, in the words of its own structure. Pure: no SQL, files or clock.

`text_hash` decides whether there is a new version, `difference` says what differs, clause by clause, `marks` what
differs within a clause, `summary` all of it in one line.
"""

from storage.diff.comparing import Difference, Operation, compare, difference
from storage.diff.deadlines import Deadline, deadline_change, validity_change
from storage.diff.hashing import text_hash
from storage.diff.marks import Mark, marks
from storage.diff.summary import summary

__all__ = [
    "Deadline",
    "Difference",
    "Mark",
    "Operation",
    "compare",
    "deadline_change",
    "difference",
    "marks",
    "summary",
    "text_hash",
    "validity_change",
]
