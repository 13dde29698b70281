"""Passwords of accounts: Argon2id by the parameters of RFC 9106 §4 (second choice: 64 MiB, 3 passes, 4 lanes)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from policy_crawler.errors import OperatorError

SHORTEST = 10  # characters; no other rule: NIST SP 800-63B §5.1.1.2
LONGEST = 1_000

_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
# What an unknown name's password is checked against, so that its answer takes as long as another's.
_NOBODY = _HASHER.hash("nobody has this password")


def hashed(password: str) -> str:
    """The hash to keep. Raises OperatorError for a password that is too short."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise OperatorError(f"a password has at least {SHORTEST} characters; found {len(password)}")
    return _HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password; as slow for an account that there is not (`kept` None)."""
    try:
        return _HASHER.verify(kept or _NOBODY, password[:LONGEST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)
