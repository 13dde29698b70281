"""The errors of finding and reading, by who has to act.

`SourceError` is recorded with its fetch and the run goes on; `OperatorError` ends a command with exit code 2;
anything else is a mistake of ours and crashes.
"""


class SourceError(Exception):
    """A page or file of a source is not what it should be. Recorded; the run goes on."""


class PageChanged(SourceError):
    """A page lacks the structure its family promises. Says the selector, expected against found, and the URL."""


class Unreadable(SourceError):
    """Bytes that give no reading: binary content, a parser limit reached, a charset that cannot be told."""


class OperatorError(Exception):
    """Wrong use or configuration. Says what, where, expected against found, and the next step."""
