"""
AWS KMS at a port of this machine: `kmsmodel.asgi`, served by uvicorn.
"""

from __future__ import annotations

import signal
import socket

import uvicorn

from kmsmodel.asgi import App
from kmsmodel.local import LocalKms

_KEEP_ALIVE = 60
_GRACE = 10
"""Seconds that a connection without a request is kept, and that requests under way are given at the end."""


def serve(local: LocalKms, *, host: str = "127.0.0.1", port: int = 8080) -> None:
    """
    Answer at this address until SIGTERM or SIGINT; requests that are under way are still answered.

    Port 0 is any that is free. The address is printed once connections are taken. Only the main thread can serve, since
    no other is told of signals. Raises OSError if the address cannot be had.
    """
    config = uvicorn.Config(
        App(local),
        interface="asgi3",
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )
    server = uvicorn.Server(config)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        # uvicorn raises a signal again when it has ended: that must not end the process in another way.
        handlers = {
            number: signal.signal(number, server.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            shown = f"[{host}]" if ":" in host else host
            print(f"http://{shown}:{listener.getsockname()[1]}", flush=True)
            server.run(sockets=[listener])
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
