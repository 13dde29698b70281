"""What goes wrong in a request, said as a page to people and as problem+json (RFC 9457) to programs."""


class Problem(Exception):
    """An answer that is an error: its status, a title in few words, what to do."""

    def __init__(self, status: int, title: str, detail: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(detail or title)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = headers or {}


class SignInFirst(Problem):
    """Nobody is signed in: people are shown where they can, programs are told."""

    def __init__(self) -> None:
        super().__init__(401, "not signed in", "sign in, or send a token: Authorization: Bearer …",
                         {"WWW-Authenticate": 'Bearer realm="policy-crawler"'})  # fmt: skip
