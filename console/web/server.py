"""Serving the application inside the service's event loop."""

import contextlib
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from policy_crawler.errors import OperatorError


class Server(uvicorn.Server):
    """uvicorn, without its own handling of signals: the service ends it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


def server(app: FastAPI, host: str, port: int) -> Server:
    """What serves `app` there, by its `serve()`, until `should_exit` is set."""
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            limit_concurrency=64,
            lifespan="off",
        )
    )


async def serve(of: Server) -> None:
    """Serve until told to end. Raises OperatorError where the port cannot be had."""
    try:
        await of.serve()
    except SystemExit as error:  # uvicorn has logged why
        where = f"{of.config.host}:{of.config.port}"
        raise OperatorError(f"cannot serve on {where}: is it in use? --port names another.") from error
