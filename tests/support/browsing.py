"""A client of the console that behaves as a browser does."""

import re
from typing import Any

from fastapi.testclient import TestClient

from console.web.people import FIELD

PASSWORD = "correct horse battery"
_TOKEN = re.compile(r'name="form-token" content="([0-9a-f]{64})"')


class Browser(TestClient):
    """A client that fills in forms as a browser does: with the token of the page, and its Origin."""

    def fill(self, address: str, on: str | None = None, **fields: Any) -> Any:
        """POST the form that stands on the page `on`."""
        token = _TOKEN.search(self.get(on or address).text)
        assert token is not None, f"no form on {on or address}"
        return self.post(address, data={FIELD: token[1], **fields}, headers={"Origin": "http://localhost"})


def sign_in(browser: Browser, name: str) -> None:
    """Sign the browser in, as nobody else."""
    browser.cookies.clear()
    answer = browser.fill("/sign-in", name=name, password=PASSWORD)
    assert answer.status_code == 303, answer.text
