"""Who may use the console and its API: accounts, their sign-ins with a browser, their tokens."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, row_id, to


class Account(Base):
    """A person who may sign in."""

    __tablename__ = "account"
    __table_args__ = ({"comment": "A person who may sign in to the console."},)

    id: Mapped[int] = row_id()
    owner_id: Mapped[int] = to("owner.id", "Whose watches, channels and marks the account sees as its own.")
    name: Mapped[str] = mapped_column(unique=True, comment="The name to sign in with, in small letters.")
    role: Mapped[str] = mapped_column(
        comment="reader: sees all documents; analyst: also watches, marks, exports; operator: also sources, accounts."
    )
    password_hash: Mapped[str | None] = mapped_column(comment="Argon2id hash of the password; null: cannot sign in.")
    language: Mapped[str | None] = mapped_column(comment="zh or en; null: as the browser asks.")
    created_at: Mapped[datetime] = mapped_column(comment="When made.")
    disabled_at: Mapped[datetime | None] = mapped_column(comment="Since when it is refused; null: it is not.")


class SignIn(Base):
    """An account signed in with one browser."""

    __tablename__ = "sign_in"
    __table_args__ = ({"comment": "An account that is signed in with one browser."},)

    token_hash: Mapped[str] = mapped_column(primary_key=True, comment="SHA-256 of the cookie's value.")
    account_id: Mapped[int] = to("account.id", "Who is signed in.", index=True)
    created_at: Mapped[datetime] = mapped_column(comment="When it was opened.")
    seen_at: Mapped[datetime] = mapped_column(comment="When it was last used, to the minute.")
    expires_at: Mapped[datetime] = mapped_column(comment="When it ends at the latest.")
    agent: Mapped[str] = mapped_column(comment="The browser, as it names itself.")


class Token(Base):
    """A key for programs."""

    __tablename__ = "token"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        {"comment": "A key by which a program uses the API for an account."},
    )

    id: Mapped[int] = row_id()
    account_id: Mapped[int] = to("account.id", "Whose rights it has, at most.")
    name: Mapped[str] = mapped_column(comment="What it is for.")
    prefix: Mapped[str] = mapped_column(comment="Its first characters, to tell it by.")
    token_hash: Mapped[str] = mapped_column(unique=True, comment="SHA-256 of the token.")
    scopes: Mapped[str] = mapped_column(comment="What it may do, by spaces: read, write, operate.")
    created_at: Mapped[datetime] = mapped_column(comment="When made.")
    expires_at: Mapped[datetime | None] = mapped_column(comment="When it ends; null: never.")
    used_at: Mapped[datetime | None] = mapped_column(comment="When it was last used, to the minute.")
    revoked_at: Mapped[datetime | None] = mapped_column(comment="When it was revoked; null: it is not.")
