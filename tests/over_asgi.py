"""
One request to the ASGI application, as a server passes it on.
"""

from __future__ import annotations

import asyncio
from typing import Any

from kmsmodel.asgi import App
from kmsmodel.local import LocalKms


def ask(local: LocalKms, target: str, body: bytes) -> tuple[int, bytes]:
    """The status and the body of the answer."""
    sent: list[dict[str, Any]] = []
    headers = [
        (b"content-type", b"application/x-amz-json-1.1"),
        (b"x-amz-target", target.encode()),
    ]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    asyncio.run(App(local)(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]
