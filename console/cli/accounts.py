"""`accounts` and `tokens`: who may use the console and its API, and what programs may."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import AsJson, err, json_line, out, table
from console.installation import Installation
from policy_crawler.errors import OperatorError
from storage.accounts import AccountRow, Accounts, TokenRow


def add_to(app: typer.Typer) -> None:
    accounts = typer.Typer(help="Who may sign in to the console. With the first account, everybody has to.",
                           no_args_is_help=True)  # fmt: skip
    accounts.command("add")(add_account)
    accounts.command("list")(list_accounts)
    accounts.command("change")(change_account)
    accounts.command("password")(set_password)
    app.add_typer(accounts, name="accounts")
    tokens = typer.Typer(help="Keys by which programs use the API.", no_args_is_help=True)
    tokens.command("add")(add_token)
    tokens.command("list")(list_tokens)
    tokens.command("revoke")(revoke_token)
    app.add_typer(tokens, name="tokens")


PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="A file with the password; else it is asked for. '-': read it.")
]


def add_account(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[
        str, typer.Option(help="reader (sees), analyst (watches, marks, exports) or operator (everything).")
    ] = "analyst",
    language: Annotated[str | None, typer.Option(help="zh or en; else as the browser asks.")] = None,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Make an account. The first must be an operator; it has the watches and channels that were made without accounts.

    Example: policy-crawler accounts add li --role operator
    """
    from console.web.passwords import hashed  # noqa: PLC0415 - the other commands need no Argon2

    accounts = _accounts()
    if language not in {None, "zh", "en"}:
        raise OperatorError(f"--language: expected zh or en, found {language!r}")
    if role != "operator" and not accounts.any():
        raise OperatorError("the first account has to be an operator: add --role operator")
    made = accounts.add(name, role, hashed(_password(password_file)), language)
    if as_json:
        json_line(made)
        return
    out().print(f"{escape(made.name)} may sign in as {made.role}.")


def list_accounts(as_json: AsJson = False) -> None:
    """List the accounts.

    Example: policy-crawler accounts list
    """
    rows = _accounts().all()
    if as_json:
        for row in rows:
            json_line(row)
        return
    if not rows:
        err().print("No accounts: the console is used by whoever is at this machine.")
        return
    table(
        "Accounts",
        ("name", "role", "since", "state"),
        [(row.name, row.role, f"{row.created_at:%Y-%m-%d}", "disabled" if row.disabled_at else "") for row in rows],
    )


def change_account(
    name: Annotated[str, typer.Argument(help="The account.")],
    role: Annotated[str | None, typer.Option(help="reader, analyst or operator.")] = None,
    disabled: Annotated[bool | None, typer.Option("--disable/--enable", help="Refuse it, or let it in again.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give an account another role, disable it or enable it. A disabled one is signed out everywhere.

    Example: policy-crawler accounts change wang --disable
    """
    if role is None and disabled is None:
        raise OperatorError("say what is to change: --role, --disable or --enable")
    made: AccountRow = _accounts().change(name, role=role, disabled=disabled)
    if as_json:
        json_line(made)
        return
    out().print(f"{escape(made.name)}: {made.role}{', disabled' if made.disabled_at else ''}")


def set_password(name: Annotated[str, typer.Argument(help="The account.")], password_file: PasswordFile = None) -> None:
    """Set an account's password; it is signed out everywhere.

    Example: policy-crawler accounts password wang
    """
    from console.web.passwords import hashed  # noqa: PLC0415

    accounts = _accounts()
    accounts.find(name)
    accounts.set_password(name, hashed(_password(password_file)))
    out().print(f"{escape(name)} has another password.")


def add_token(
    account: Annotated[str, typer.Argument(help="Whose rights it has.")],
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write or operate; repeatable. No more than the account may.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="How long it holds.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Make a token for a program; it is shown this once.

    Example: policy-crawler tokens add li briefing --scope read --days 90
    """
    secret, row = _accounts().add_token(account, name, tuple(scope or ["read"]), days)
    if as_json:
        json_line({"token": secret, "id": row.id, "scopes": row.scopes, "expires_at": row.expires_at})
        return
    sys.stdout.write(f"{secret}\n")
    err().print(
        f"Send it as 'Authorization: Bearer …'. It holds until {row.expires_at:%Y-%m-%d} and is not shown again."
    )


def list_tokens(
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None, as_json: AsJson = False
) -> None:
    """List the tokens, without their secrets.

    Example: policy-crawler tokens list
    """
    rows = _accounts().tokens(account)
    if as_json:
        for row in rows:
            json_line(row)
        return
    table(
        "Tokens",
        ("id", "account", "name", "begins", "may", "until", "last used", "state"),
        [
            (
                row.id,
                row.account,
                row.name,
                f"{row.prefix}…",
                " ".join(row.scopes),
                _day(row.expires_at),
                _day(row.used_at),
                _state(row),
            )
            for row in rows
        ],
    )


def revoke_token(number: Annotated[int, typer.Argument(help="The token's id.")]) -> None:
    """End a token at once.

    Example: policy-crawler tokens revoke 3
    """
    if not _accounts().revoke(number):
        raise OperatorError(f"there is no token {number}; `policy-crawler tokens list` shows them")
    out().print(f"Token {number} is revoked.")


def _accounts() -> Accounts:
    here = Installation()
    return Accounts(here.engine, here.clock)


def _password(file: Path | None) -> str:
    """From the file, from standard input, or asked for twice."""
    if file is not None and str(file) == "-":
        return sys.stdin.readline().rstrip("\n")
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").rstrip("\n")
        except OSError as error:
            raise OperatorError(f"--password-file {file}: {error.strerror}") from error
    if not sys.stdin.isatty():
        raise OperatorError("no terminal to ask for a password: give --password-file FILE, or '-' to read it")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise OperatorError("the two passwords differ")
    return first


def _day(moment: object) -> str:
    return f"{moment:%Y-%m-%d}" if moment is not None else ""


def _state(row: TokenRow) -> str:
    return "revoked" if row.revoked_at else ""
