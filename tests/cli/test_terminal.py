"""
The terminal: what stands in a policy is shown, and moves nothing.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from kmsmodel.cli import commands
from kmsmodel.cli.terminal import printable

PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
ACCOUNT = ("--account", "111122223333")


@given(st.text(st.characters(codec=None)))
def test_whatever_is_printed_can_be_printed(text: str) -> None:
    shown = printable(text)
    assert all(each.isprintable() or each == "\n" for each in shown)
    shown.encode()
    if text.isprintable():
        assert shown == text


@pytest.mark.parametrize("form", ["text", "markdown"])
@pytest.mark.parametrize("command", ["check", "diff", "why"])
def test_a_policy_moves_no_terminal(command: str, form: str, tmp_path: Path) -> None:
    sid = "\x1b[2K\x1b[1A"
    old, new = (tmp_path / name for name in ("old.json", "new.json"))
    old.write_text(
        json.dumps(
            {"Version": "2012-10-17", "Statement": {**PUBLIC, "Principal": {"AWS": "111122223333"}}}
        )
    )
    new.write_text(json.dumps({"Version": "2012-10-17", "Statement": {**PUBLIC, "Sid": sid}}))
    arguments = {
        "check": ["check", new, *ACCOUNT, "--format", form],
        "diff": ["diff", old, new, *ACCOUNT, "--format", form],
        "why": ["why", new, "--action", "Decrypt", "--principal", "arn:aws:iam::444455556666:root"],
    }[command]
    result = CliRunner().invoke(commands, ["policy", *map(str, arguments)])
    assert "\x1b" not in result.output
    assert r"\x1b[2K" in result.output


def test_half_of_a_surrogate_pair_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    condition = {"StringEquals": {"foo:bar": "\ud800"}}
    path.write_text(
        json.dumps({"Version": "2012-10-17", "Statement": {**PUBLIC, "Condition": condition}})
    )
    result = CliRunner().invoke(commands, ["policy", "check", str(path), *ACCOUNT])
    assert result.exit_code == 1
    assert r"foo:bar = \ud800" in result.output
