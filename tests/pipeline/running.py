"""
Commands on policies, run as a shell would.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from kmsmodel.cli import commands

POLICIES = Path(__file__).parents[1] / "data" / "policies"
ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def run(*arguments: str | Path) -> Result:
    """What ``kmsmodel policy`` does with these arguments."""
    return CliRunner().invoke(commands, ["policy", *map(str, arguments)])


def told(*arguments: str | Path) -> Any:
    """What it tells as JSON."""
    return json.loads(run(*arguments, "--format", "json").stdout)


def answers(*arguments: str | Path) -> dict[str, dict[str, str]]:
    """What ``check`` answers, by policy and rule."""
    found: dict[str, dict[str, str]] = {}
    for row in told("check", *arguments):
        found.setdefault(row.get("policy", ""), {})[row["rule"]] = row["answer"]
    return found


_STANDARD = (
    "never-public",
    "can-be-administered",
    "no-deputies",
    "only-attested",
    "bound-to-a-deployment",
    "never-in-debug-mode",
)
PROVED = dict.fromkeys(_STANDARD, "Proved")


def document(*statements: object) -> str:
    """A policy as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
