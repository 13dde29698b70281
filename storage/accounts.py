"""Accounts of the console, their sign-ins and tokens: all SQL of who may do what.

Secrets of sign-ins and tokens are 32 random bytes, handed out once; the archive keeps only their SHA-256, which is
enough for what cannot be guessed (OWASP Session Management). Passwords come here as Argon2id hashes (`console`)."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from storage.clock import Clock
from storage.engine import reading, writing
from storage.errors import OperatorError
from storage.models import Account, Owner, SignIn, Token

Role = Literal["reader", "analyst", "operator"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)  # each may do what those before it may
SCOPES: Final = ("read", "write", "operate")  # of tokens, in the same order
SIGNED_IN = timedelta(days=14)  # at the longest
IDLE = timedelta(days=3)  # without a request
NOTED = timedelta(minutes=1)  # how exactly it is known when something was last used
TOKEN_MARK = "pcr_"  # noqa: S105 - begins every token, so that secret scanners and people can tell what one is
LOCAL = "local"  # the owner of an installation of one person

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as people see it."""

    id: int
    owner_id: int
    owner: str
    name: str
    role: Role
    language: str | None
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as people see it: never its secret."""

    id: int
    account: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


class Accounts:
    """Who may sign in, who is signed in, which tokens hold."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    # Accounts.

    def add(self, name: str, role: str, password_hash: str | None, language: str | None = None) -> AccountRow:
        """Make an account; the first one takes over what the installation's one person had (its owner `local`).

        Raises OperatorError for a name that is taken or not one, or a role that there is not."""
        name = account_name(name)
        _check_role(role)
        with writing(self._engine) as session:
            if session.scalar(select(Account.id).where(Account.name == name)) is not None:
                raise OperatorError(f"there is an account {name!r} already")
            first = session.scalar(select(func.count()).select_from(Account)) == 0
            account = Account(
                owner_id=self._owner(session, LOCAL if first else name), name=name, role=role,
                password_hash=password_hash, language=language, created_at=self._clock.now(), disabled_at=None,
            )  # fmt: skip
            session.add(account)
            session.flush()
            return _row(session, account)

    def all(self) -> list[AccountRow]:
        """All accounts by name."""
        with reading(self._engine) as session:
            return [_row(session, account) for account in session.scalars(select(Account).order_by(Account.name))]

    def any(self) -> bool:
        """Whether there is an account, enabled or not: then everybody has to sign in."""
        with reading(self._engine) as session:
            return session.scalar(select(Account.id).limit(1)) is not None

    def local_owner(self) -> int:
        """The owner of an installation of one person, made where there is none yet."""
        with reading(self._engine) as session:
            known = session.scalar(select(Owner.id).where(Owner.name == LOCAL))
        if known is not None:
            return known
        with writing(self._engine) as session:
            return self._owner(session, LOCAL)

    def find(self, name: str) -> AccountRow:
        """The account of that name. Raises OperatorError where there is none."""
        with reading(self._engine) as session:
            return _row(session, _named(session, name))

    def password_hash(self, name: str) -> str | None:
        """The hash to check a password against; None for an account that cannot sign in, or is not there."""
        with reading(self._engine) as session:
            return session.scalar(
                select(Account.password_hash).where(Account.name == name.strip().lower(), Account.disabled_at.is_(None))
            )

    def set_password(self, name: str, password_hash: str, *, keep: str | None = None) -> None:
        """Change the password; all sign-ins end but that of the secret `keep`."""
        with writing(self._engine) as session:
            account = _named(session, name)
            account.password_hash = password_hash
            ended = delete(SignIn).where(SignIn.account_id == account.id)
            session.execute(ended.where(SignIn.token_hash != _hash(keep)) if keep else ended)

    def rehash(self, name: str, password_hash: str) -> None:
        """Keep the same password's hash by newer parameters; sign-ins stay."""
        with writing(self._engine) as session:
            _named(session, name).password_hash = password_hash

    def change(self, name: str, *, role: str | None = None, language: str | None = None,
               disabled: bool | None = None) -> AccountRow:  # fmt: skip
        """Give another role or language, disable or enable. The last operator keeps the role and stays enabled."""
        with writing(self._engine) as session:
            account = _named(session, name)
            if role is not None:
                _check_role(role)
            loses = (role not in {None, "operator"} or disabled is True) and account.role == "operator"
            if loses and account.disabled_at is None and _operators(session) <= 1:
                raise OperatorError(f"{name} is the only operator: make another one first")
            account.role = role or account.role
            account.language = language or account.language
            if disabled is not None:
                account.disabled_at = self._clock.now() if disabled else None
            if disabled:
                session.execute(delete(SignIn).where(SignIn.account_id == account.id))
            return _row(session, account)

    # Sign-ins.

    def sign_in(self, name: str, agent: str) -> str:
        """Open a sign-in; its secret, for the cookie. Ended ones are swept."""
        now, secret = self._clock.now(), secrets.token_urlsafe(32)
        with writing(self._engine) as session:
            account = _named(session, name)
            session.execute(delete(SignIn).where(SignIn.expires_at <= now))
            session.add(SignIn(token_hash=_hash(secret), account_id=account.id, created_at=now, seen_at=now,
                               expires_at=now + SIGNED_IN, agent=agent[:200]))  # fmt: skip
        return secret

    def signed_in(self, secret: str) -> AccountRow | None:
        """Whose sign-in the secret opens; None where it is over, idle for too long, or the account disabled."""
        now, key = self._clock.now(), _hash(secret)
        with reading(self._engine) as session:
            found = session.get(SignIn, key)
            if found is None or found.expires_at <= now or found.seen_at <= now - IDLE:
                return None
            account = session.get_one(Account, found.account_id)
            row = _row(session, account) if account.disabled_at is None else None
            late = found.seen_at <= now - NOTED
        if row is not None and late:
            with writing(self._engine) as session:
                session.execute(update(SignIn).where(SignIn.token_hash == key).values(seen_at=now))
        return row

    def sign_out(self, secret: str) -> None:
        """End a sign-in."""
        with writing(self._engine) as session:
            session.execute(delete(SignIn).where(SignIn.token_hash == _hash(secret)))

    # Tokens.

    def add_token(
        self, account: str, name: str, scopes: tuple[str, ...], days: int | None = 365
    ) -> tuple[str, TokenRow]:
        """Make a token that holds for `days` (None: for ever): its secret, told once, and its row.

        Raises OperatorError for a scope that there is not or that the account's role does not allow."""
        secret, now = TOKEN_MARK + secrets.token_urlsafe(32), self._clock.now()
        with writing(self._engine) as session:
            owner = _named(session, account)
            allowed = SCOPES[: ROLES.index(owner.role) + 1]
            if not scopes or (refused := [scope for scope in scopes if scope not in allowed]):
                found = ", ".join(refused) if scopes else "none"
                raise OperatorError(
                    f"scopes of {account} ({owner.role}): expected some of {', '.join(allowed)}; found {found}"
                )
            if session.scalar(select(Token.id).where(Token.account_id == owner.id, Token.name == name)) is not None:
                raise OperatorError(f"{account} has a token {name!r} already; revoked ones keep their name")
            token = Token(
                account_id=owner.id, name=name, prefix=secret[: len(TOKEN_MARK) + 6], token_hash=_hash(secret),
                scopes=" ".join(scope for scope in SCOPES if scope in scopes), created_at=now,
                expires_at=None if days is None else now + timedelta(days=days), used_at=None, revoked_at=None,
            )  # fmt: skip
            session.add(token)
            session.flush()
            return secret, _token_row(token, owner.name)

    def tokens(self, account: str | None = None) -> list[TokenRow]:
        """All tokens, or an account's, newest first."""
        query = select(Token, Account.name).join(Account, Account.id == Token.account_id).order_by(Token.id.desc())
        if account is not None:
            query = query.where(Account.name == account_name(account))
        with reading(self._engine) as session:
            return [_token_row(token, name) for token, name in session.execute(query)]

    def revoke(self, token_id: int, account: str | None = None) -> bool:
        """End a token, of `account` only where given; False where it has none such."""
        with writing(self._engine) as session:
            token = session.get(Token, token_id)
            if token is None or (account is not None and token.account_id != _named(session, account).id):
                return False
            token.revoked_at = token.revoked_at or self._clock.now()
            return True

    def by_token(self, secret: str) -> tuple[AccountRow, frozenset[str]] | None:
        """The account a token stands for and what it may do; None for one that does not hold."""
        now = self._clock.now()
        with reading(self._engine) as session:
            token = session.scalar(select(Token).where(Token.token_hash == _hash(secret)))
            if (
                token is None
                or token.revoked_at is not None
                or (token.expires_at is not None and token.expires_at <= now)
            ):
                return None
            account = session.get_one(Account, token.account_id)
            if account.disabled_at is not None:
                return None
            row = _row(session, account)
            scopes = frozenset(token.scopes.split()) & frozenset(SCOPES[: ROLES.index(row.role) + 1])
            late = token.used_at is None or token.used_at <= now - NOTED
            token_id = token.id
        if late:
            with writing(self._engine) as session:
                session.execute(update(Token).where(Token.id == token_id).values(used_at=now))
        return row, scopes

    def _owner(self, session: Session, name: str) -> int:
        owner = session.scalar(select(Owner).where(Owner.name == name))
        if owner is None:
            owner = Owner(name=name, created_at=self._clock.now())
            session.add(owner)
            session.flush()
        return owner.id


def _over(token: Token, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at <= now


def account_name(name: str) -> str:
    """`name` as accounts keep it. Raises OperatorError where it is none."""
    folded = name.strip().lower()
    if not _NAME.fullmatch(folded):
        raise OperatorError(
            "an account's name has 1 to 64 of a-z, 0-9 and . _ @ + -, and begins with a letter or digit; "
            f"found {name!r}"
        )
    return folded


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise OperatorError(f"no role {role!r}; the roles are {', '.join(ROLES)}")


def _operators(session: Session) -> int:
    query = select(func.count()).select_from(Account).where(Account.role == "operator", Account.disabled_at.is_(None))
    return session.scalar(query) or 0


def _named(session: Session, name: str) -> Account:
    account = session.scalar(select(Account).where(Account.name == name.strip().lower()))
    if account is None:
        raise OperatorError(f"there is no account {name!r}; `policy-crawler accounts list` shows them")
    return account


def _row(session: Session, account: Account) -> AccountRow:
    owner = session.get_one(Owner, account.owner_id)
    return AccountRow(account.id, owner.id, owner.name, account.name, account.role, account.language,  # type: ignore[arg-type]
                      account.created_at, account.disabled_at)  # fmt: skip


def _token_row(token: Token, account: str) -> TokenRow:
    return TokenRow(token.id, account, token.name, token.prefix, tuple(token.scopes.split()), token.created_at,
                    token.expires_at, token.used_at, token.revoked_at)  # fmt: skip


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
