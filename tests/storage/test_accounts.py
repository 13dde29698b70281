"""Who may sign in, for how long, and what tokens may do."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from support.archives import Moving

from storage.accounts import IDLE, SIGNED_IN, Accounts
from storage.errors import OperatorError

MINUTE = timedelta(minutes=1)


@pytest.fixture
def accounts(engine: Engine, clock: Moving) -> Accounts:
    return Accounts(engine, clock)


def test_the_first_account_takes_over_what_the_one_person_had_and_the_next_begin_anew(accounts: Accounts) -> None:
    assert not accounts.any()
    first, second = accounts.add("Li.Na", "operator", "hash"), accounts.add("wang", "reader", "hash")
    assert (first.name, first.owner, second.owner) == ("li.na", "local", "wang")
    assert accounts.any()
    assert [row.name for row in accounts.all()] == ["li.na", "wang"]


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("", "reader", "found ''"),
        ("a b", "reader", "'a b'"),
        ("x", "root", "no role 'root'"),
        ("LI", "reader", "already"),
    ],
)
def test_an_account_that_cannot_be_is_refused(accounts: Accounts, name: str, role: str, said: str) -> None:
    accounts.add("li", "operator", None)
    with pytest.raises(OperatorError, match=said):
        accounts.add(name, role, None)
    assert len(accounts.all()) == 1


def test_the_only_operator_stays_one(accounts: Accounts) -> None:
    accounts.add("li", "operator", "hash")
    for change in ({"role": "reader"}, {"disabled": True}):
        with pytest.raises(OperatorError, match="only operator"):
            accounts.change("li", **change)  # type: ignore[arg-type]
    accounts.add("wang", "operator", "hash")
    assert accounts.change("li", disabled=True).disabled_at is not None
    assert accounts.password_hash("li") is None


def test_a_sign_in_ends_when_idle_when_old_and_when_its_account_is_disabled(accounts: Accounts, clock: Moving) -> None:
    accounts.add("li", "operator", "hash")
    accounts.add("wang", "analyst", "hash")
    secret = accounts.sign_in("wang", "Firefox")
    clock.forward(minutes=IDLE / MINUTE - 2)
    assert (found := accounts.signed_in(secret)) is not None
    assert found.name == "wang"
    clock.forward(minutes=IDLE / MINUTE - 2)
    assert accounts.signed_in(secret) is not None  # it was used in between
    clock.forward(minutes=IDLE / MINUTE + 2)
    assert accounts.signed_in(secret) is None
    used = accounts.sign_in("wang", "Firefox")
    for _ in range(int(SIGNED_IN / timedelta(days=1)) - 1):
        clock.forward(days=1)
        assert accounts.signed_in(used) is not None
    clock.forward(days=1)
    assert accounts.signed_in(used) is None
    last = accounts.sign_in("wang", "Firefox")
    accounts.change("wang", disabled=True)
    accounts.change("wang", disabled=False)
    assert accounts.signed_in(last) is None


def test_another_password_ends_every_sign_in_but_the_one_that_set_it(accounts: Accounts) -> None:
    accounts.add("li", "operator", "hash")
    here, elsewhere = accounts.sign_in("li", "a"), accounts.sign_in("li", "b")
    accounts.set_password("li", "other", keep=here)
    assert accounts.signed_in(here) is not None
    assert accounts.signed_in(elsewhere) is None
    accounts.sign_out(here)
    assert accounts.signed_in(here) is None


def test_a_token_does_no_more_than_its_account_may_now(accounts: Accounts, clock: Moving) -> None:
    accounts.add("li", "operator", "hash")
    accounts.add("wang", "analyst", "hash")
    with pytest.raises(OperatorError, match=r"wang \(analyst\): expected some of read, write; found operate"):
        accounts.add_token("wang", "all", ("read", "operate"))
    secret, row = accounts.add_token("wang", "export", ("write", "read"), days=30)
    assert row.scopes == ("read", "write")
    assert secret.startswith(row.prefix)
    found = accounts.by_token(secret)
    assert found is not None
    assert (found[0].name, found[1]) == ("wang", {"read", "write"})
    accounts.change("wang", role="reader")
    assert (accounts.by_token(secret) or (None, None))[1] == {"read"}
    assert not accounts.revoke(row.id, "li")
    clock.forward(days=30)
    assert accounts.by_token(secret) is None
    secret, row = accounts.add_token("wang", "other", ("read",))
    assert accounts.revoke(row.id, "wang")
    assert accounts.by_token(secret) is None


def test_no_secret_is_in_the_database(accounts: Accounts, engine: Engine) -> None:
    accounts.add("li", "operator", "hash")
    cookie, (token, _) = accounts.sign_in("li", "a"), accounts.add_token("li", "x", ("read",))
    with engine.connect() as connection:
        rows = [*connection.execute(text("SELECT * FROM sign_in")), *connection.execute(text("SELECT * FROM token"))]
    assert rows
    assert not any(secret in str(row) for row in rows for secret in (cookie, token))
