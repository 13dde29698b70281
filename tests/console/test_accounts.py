"""`accounts` and `tokens` as an operator uses them."""

from pathlib import Path

from console.installation import Installation
from console.web.passwords import fits
from storage.accounts import Accounts


def test_accounts_are_made_listed_changed_and_refused(command, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("correct horse battery\n")
    first = command("accounts", "add", "anna", "--password-file", str(file))
    assert (first.code, "the first account has to be an operator" in first.err) == (2, True)
    assert command("accounts", "add", "Olga", "--role", "operator", "--password-file", str(file)).code == 0
    file.write_text("short\n")
    short = command("accounts", "add", "anna", "--password-file", str(file))
    assert (short.code, "at least 10 characters; found 5" in short.err) == (2, True)
    only = command("accounts", "change", "olga", "--disable")
    assert (only.code, "only operator" in only.err) == (2, True)
    (row,) = command("accounts", "list", "--json").lines
    assert (row["name"], row["role"], row["owner"]) == ("olga", "operator", "local")
    here = Installation()
    assert fits("correct horse battery", Accounts(here.engine, here.clock).password_hash("olga"))
    asked = command("accounts", "password", "olga")
    assert (asked.code, "--password-file" in asked.err) == (2, True)


def test_a_token_is_shown_once_and_ends_when_revoked(command, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("correct horse battery\n")
    command("accounts", "add", "olga", "--role", "operator", "--password-file", str(file))
    made = command("tokens", "add", "olga", "briefing", "--scope", "read", "--days", "90")
    secret = made.out.strip()
    assert secret.startswith("pcr_")
    here = Installation()
    accounts = Accounts(here.engine, here.clock)
    assert accounts.by_token(secret) is not None
    listed = command("tokens", "list")
    assert "briefing" in listed.out
    assert secret not in listed.out + listed.err + made.err
    (row,) = command("tokens", "list", "--json").lines
    assert command("tokens", "revoke", str(row["id"])).code == 0
    assert accounts.by_token(secret) is None
    assert command("tokens", "revoke", "99").code == 2
