"""
The model as those who know nothing of it meet it: at an address, over HTTP.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

from tests.basics import ACCOUNT, OTHER_REGION

PATIENCE = 120
"""Seconds until what does not come is given up."""

REGION = OTHER_REGION
"""Not the default one, so that it shows where a Region is not taken from the client."""


@contextmanager
def served(*options: str) -> Generator[str]:
    """The address that ``kmsmodel serve`` prints, in a process of its own at a port that is free."""
    serve = [sys.executable, "-m", "kmsmodel", "serve", "--port", "0", "--hsm-seed", "walks"]
    command = [*serve, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told, _, _ = select.select([server.stdout], [], [], PATIENCE)
            assert told
            yield server.stdout.readline().strip()
            server.terminate()
            assert server.wait(PATIENCE) == 0
        finally:
            server.kill()


def environment(url: str) -> dict[str, str]:
    """What tells the AWS CLI and any AWS SDK where AWS KMS is and who asks, and nothing of the user's own."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return others | {
        "AWS_ENDPOINT_URL_KMS": url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "NO_PROXY": "127.0.0.1",
    }
