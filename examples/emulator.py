"""
An emulator of AWS KMS: HTTP, several accounts, a clock and timers of its own, and a trail for each account.

    python examples/emulator.py 8599

`POST /` is AWS KMS, `POST /clock` with ``{"seconds": 60}`` lets time pass, and `GET /trail/111122223333` is what
CloudTrail tells an account.
"""

from __future__ import annotations

import json
import sys
import threading
import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kmsmodel import (
    Call,
    Credential,
    Event,
    Exchange,
    HttpResponse,
    Kms,
    KmsError,
    SoftwareHsm,
    cloudtrail_records,
    credential,
    eventbridge_event,
    exchange,
)
from kmsmodel.wire import render


class Emulator:
    def __init__(self, now: datetime) -> None:
        self.now, self.kms, self.hsm = now, Kms(), SoftwareHsm()
        self.trails: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.bus: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    def answer(self, target: str, body: bytes, by: Credential | None) -> HttpResponse:
        account, region = (by.account, by.region) if by else (None, "us-west-2")
        with self.lock:
            self._pass_to(self.now)  # a clock that runs by itself says its time here
            call = Call(
                now=self.now,
                hsm=self.hsm,
                request_id=str(uuid.uuid4()),
                account=account,
                region=region,
            )
            made = exchange(self.kms, target, body, call)
            self.kms = made.after
            self._tell(made, *made.events)
        return made.response

    def advance(self, span: timedelta) -> None:
        """Let time pass, and stop at each timer."""
        with self.lock:
            until = self.now + span
            while (timer := self.kms.next_event_at(self.now)) is not None and timer <= until:
                self._pass_to(timer)
            self._pass_to(until)

    def _pass_to(self, now: datetime) -> None:
        for event in self.kms.events(self.now, now):
            self._tell(event, event)
        self.now, self.kms = now, self.kms.settle(now)

    def _tell(self, of: Exchange | Event, *events: Event) -> None:
        for record in cloudtrail_records(of):
            self.trails[record["recipientAccountId"]].append(record)
        self.bus += map(eventbridge_event, events)


def server(emulator: Emulator, port: int = 0) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            account = self.path.removeprefix("/trail/")
            self._send(200, json.dumps({"Records": emulator.trails[account]}).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/clock":
                emulator.advance(timedelta(seconds=json.loads(body)["seconds"]))
                return self._send(200, json.dumps({"now": emulator.now.isoformat()}).encode())
            try:
                by = credential(self.headers.get("Authorization"))
                answer = emulator.answer(self.headers.get("X-Amz-Target", ""), body, by)
            except KmsError as error:
                answer = render(error, str(uuid.uuid4()))
            return self._send(answer.status, answer.body, *answer.headers)

        def _send(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
            self.send_response(status)
            for header in headers or (("Content-Length", str(len(body))),):
                self.send_header(*header)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """The trail tells more."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        sys.exit("usage: python examples/emulator.py PORT")
    server(Emulator(datetime.now(UTC)), int(sys.argv[1])).serve_forever()
