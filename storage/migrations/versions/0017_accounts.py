"""Accounts of the console with their sign-ins and tokens, and what people keep on documents.

Revision: 0017. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import Identifier, PlainText, UtcDateTime

# fmt: off

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, empty: an installation without accounts is used by whoever is at the machine."""
    _accounts()
    _desk()


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", Identifier, nullable=False, autoincrement=True,
                  comment="Number of the row."),
        sa.Column("owner_id", Identifier, nullable=False,
                  comment="Whose watches, channels and marks the account sees as its own."),
        sa.Column("name", PlainText(), nullable=False,
                  comment="The name to sign in with, in small letters."),
        sa.Column("role", PlainText(), nullable=False,
                  comment="reader: sees all documents; analyst: also watches, marks, exports; operator: also sources, "
                          "accounts."),
        sa.Column("password_hash", PlainText(), nullable=True,
                  comment="Argon2id hash of the password; null: cannot sign in."),
        sa.Column("language", PlainText(), nullable=True,
                  comment="zh or en; null: as the browser asks."),
        sa.Column("created_at", UtcDateTime(), nullable=False,
                  comment="When made."),
        sa.Column("disabled_at", UtcDateTime(), nullable=True,
                  comment="Since when it is refused; null: it is not."),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_account_owner_id_owner"),
        sa.UniqueConstraint("name", name="uq_account_name"),
        comment="A person who may sign in to the console.",
    )
    op.create_table(
        "sign_in",
        sa.Column("token_hash", PlainText(), nullable=False,
                  comment="SHA-256 of the cookie's value."),
        sa.Column("account_id", Identifier, nullable=False,
                  comment="Who is signed in."),
        sa.Column("created_at", UtcDateTime(), nullable=False,
                  comment="When it was opened."),
        sa.Column("seen_at", UtcDateTime(), nullable=False,
                  comment="When it was last used, to the minute."),
        sa.Column("expires_at", UtcDateTime(), nullable=False,
                  comment="When it ends at the latest."),
        sa.Column("agent", PlainText(), nullable=False,
                  comment="The browser, as it names itself."),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_in"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_sign_in_account_id_account"),
        comment="An account that is signed in with one browser.",
    )
    op.create_index("ix_sign_in_account_id", "sign_in", ["account_id"])
    op.create_table(
        "token",
        sa.Column("id", Identifier, nullable=False, autoincrement=True,
                  comment="Number of the row."),
        sa.Column("account_id", Identifier, nullable=False,
                  comment="Whose rights it has, at most."),
        sa.Column("name", PlainText(), nullable=False,
                  comment="What it is for."),
        sa.Column("prefix", PlainText(), nullable=False,
                  comment="Its first characters, to tell it by."),
        sa.Column("token_hash", PlainText(), nullable=False,
                  comment="SHA-256 of the token."),
        sa.Column("scopes", PlainText(), nullable=False,
                  comment="What it may do, by spaces: read, write, operate."),
        sa.Column("created_at", UtcDateTime(), nullable=False,
                  comment="When made."),
        sa.Column("expires_at", UtcDateTime(), nullable=True,
                  comment="When it ends; null: never."),
        sa.Column("used_at", UtcDateTime(), nullable=True,
                  comment="When it was last used, to the minute."),
        sa.Column("revoked_at", UtcDateTime(), nullable=True,
                  comment="When it was revoked; null: it is not."),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_token_account_id_account"),
        sa.UniqueConstraint("token_hash", name="uq_token_token_hash"),
        sa.UniqueConstraint("account_id", "name", name="uq_token_account_id_name"),
        comment="A key by which a program uses the API for an account.",
    )


def _desk() -> None:
    op.create_table(
        "mark",
        sa.Column("owner_id", Identifier, nullable=False, autoincrement=False,
                  comment="Whose mark."),
        sa.Column("document_id", Identifier, nullable=False, autoincrement=False,
                  comment="The document."),
        sa.Column("read_version", sa.Integer(), nullable=True,
                  comment="The version's number that was read; null: none."),
        sa.Column("read_at", UtcDateTime(), nullable=True,
                  comment="When it was read."),
        sa.Column("starred_at", UtcDateTime(), nullable=True,
                  comment="Since when it has a star; null: it has none."),
        sa.PrimaryKeyConstraint("owner_id", "document_id", name="pk_mark"),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_mark_owner_id_owner"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_mark_document_id_document"),
        comment="What one owner keeps of a document: whether it was read, and a star.",
    )
    op.create_index("ix_mark_document_id", "mark", ["document_id"])
    op.create_table(
        "assignment",
        sa.Column("document_id", Identifier, nullable=False, autoincrement=False,
                  comment="The document."),
        sa.Column("owner_id", Identifier, nullable=False,
                  comment="Who looks after it."),
        sa.Column("by_id", Identifier, nullable=False,
                  comment="Who said so."),
        sa.Column("assigned_at", UtcDateTime(), nullable=False,
                  comment="When."),
        sa.Column("done_at", UtcDateTime(), nullable=True,
                  comment="When it was done; null: it is not."),
        sa.PrimaryKeyConstraint("document_id", name="pk_assignment"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_assignment_document_id_document"),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_assignment_owner_id_owner"),
        sa.ForeignKeyConstraint(["by_id"], ["owner.id"], name="fk_assignment_by_id_owner"),
        comment="Who looks after a document, for all to see; one a document.",
    )
    op.create_index("ix_assignment_owner_id", "assignment", ["owner_id"])
    op.create_table(
        "tag",
        sa.Column("tag", PlainText(), nullable=False,
                  comment="The word, in small letters."),
        sa.Column("document_id", Identifier, nullable=False, autoincrement=False,
                  comment="The document."),
        sa.Column("owner_id", Identifier, nullable=False,
                  comment="Who tagged it."),
        sa.Column("created_at", UtcDateTime(), nullable=False,
                  comment="When."),
        sa.PrimaryKeyConstraint("tag", "document_id", name="pk_tag"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_tag_document_id_document"),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_tag_owner_id_owner"),
        comment="A word that people file a document under, for all to see.",
    )
    op.create_index("ix_tag_document_id", "tag", ["document_id"])
    op.create_table(
        "note",
        sa.Column("id", Identifier, nullable=False, autoincrement=True,
                  comment="Number of the row."),
        sa.Column("document_id", Identifier, nullable=False,
                  comment="The document."),
        sa.Column("owner_id", Identifier, nullable=False,
                  comment="Who wrote it."),
        sa.Column("text", PlainText(), nullable=False,
                  comment="The note, plain text."),
        sa.Column("clause", PlainText(), nullable=True,
                  comment="The clause it is on, by its label; null: the whole document."),
        sa.Column("created_at", UtcDateTime(), nullable=False,
                  comment="When written."),
        sa.Column("edited_at", UtcDateTime(), nullable=True,
                  comment="When last edited; null: never."),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_note_document_id_document"),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_note_owner_id_owner"),
        comment="What somebody wrote on a document, for all to see.",
    )
    op.create_index("ix_note_document_id", "note", ["document_id"])
