"""
AWS KMS at a port of this machine: `kmsmodel.asgi`, served by uvicorn.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Collection, Generator
from contextlib import contextmanager

from kmsmodel.asgi import App
from kmsmodel.console.page import PREFIX
from kmsmodel.local import LocalKms

try:
    import uvicorn

    from kmsmodel.connection import Connection
except ModuleNotFoundError as error:
    error.add_note("kmsmodel.server needs an extra: pip install '.[server]' in a clone of kmsmodel")
    raise

_KEEP_ALIVE = 60
_GRACE = 10
"""Seconds: how long a connection without a request is kept, and how long requests under way have at the end."""


def serve(
    local: LocalKms,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    host_names: Collection[str] = (),
    console: bool = False,
) -> None:
    """
    Answer at this address until SIGTERM or SIGINT; requests that are under way are still answered.

    Port 0 is any free port. Prints the address once it takes connections. Only the main thread can serve, since Python
    tells no other of signals. ``host_names`` and ``console`` are those of `kmsmodel.asgi.App`; with the latter,
    the address of the console is printed too. Raises OSError if the address is not free.
    """
    server = _server(local, {host, *host_names}, console=console)
    with _listener(host, port) as listener:
        # uvicorn raises a signal again when it has ended: that must not end the process in another way.
        handlers = {
            number: signal.signal(number, server.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            url = _url(host, listener)
            print("\n".join([url, f"{url}{PREFIX}"] if console else [url]), flush=True)
            server.run(sockets=[listener])
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)


@contextmanager
def running(
    local: LocalKms, *, host: str = "127.0.0.1", port: int = 0, console: bool = False
) -> Generator[str]:
    """
    Answer in a thread for as long as the context lasts, and give the URL: for tests.

    Port 0 is any free port. At the end, requests that are under way have ten seconds; a longer one is left behind.
    Raises OSError if the address is not free.
    """
    server = _server(local, {host}, console=console)
    with _listener(host, port) as listener:
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="kmsmodel", daemon=True
        )
        thread.start()
        try:
            yield _url(host, listener)
        finally:
            server.should_exit = True
            thread.join(_GRACE + 1)


def _server(local: LocalKms, host_names: Collection[str], *, console: bool) -> uvicorn.Server:
    config = uvicorn.Config(
        App(local, host_names=host_names, console=console),
        interface="asgi3",
        http=Connection,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,  # the caller decides what logs
        log_level="warning",
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )
    return uvicorn.Server(config)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _url(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"
