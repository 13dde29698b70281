"""The errors of the archive."""


class ArchiveError(Exception):
    """The archive cannot keep or find what it should: a run stops, nothing stored is lost."""


class OperatorError(Exception):
    """Wrong use or configuration of the archive (database URL, query). Ends a command with exit code 2."""
