"""
The tour through the life of a KMS key, as it is printed.
"""

from __future__ import annotations

import io
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from rich.console import Console

from kmsmodel.cli.tour import CLOSING, OPENING, Tour, take
from kmsmodel.cli.transcript import WIDTH, Transcript
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.exploration.kinds import explored
from kmsmodel.local import LocalKms

STATES = [
    "PendingImport",  # created
    "Enabled",  # imported
    "PendingImport",  # expired
    "PendingImport",  # other key material refused
    "Enabled",  # reimported
    "Enabled",  # rotated
    "PendingDeletion",
    "Disabled",  # cancelled
    "Enabled",
    "none, the KMS key is deleted",
]


def printed(folder: Path, *, color: bool = False) -> str:
    text = io.StringIO()
    local = LocalKms(clock=Clock(datetime(2026, 11, 24, tzinfo=UTC)), hsm=SeededHsm("demo"))
    console = Console(file=text, force_terminal=color, highlight=False, no_color=not color)
    take(Tour(local, Transcript(console), folder))
    return text.getvalue()


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return printed(tmp_path_factory.mktemp("demo"))


def states(text: str) -> list[str]:
    return re.findall("^Key state: (.*)$", text, re.MULTILINE)


def test_it_opens_with_two_lines_that_say_what_will_be_seen_and_that_aws_is_not_called(
    text: str,
) -> None:
    first, second, empty, *_ = text.splitlines()
    assert (first, second, empty) == (*OPENING, "")
    assert "a KMS key with imported key material, from creation to deletion" in first
    assert "AWS is not called" in second


def test_it_ends_with_two_lines_that_say_what_was_shown(text: str) -> None:
    *_, empty, last_but_one, last = text.splitlines()
    assert (empty, last_but_one, last) == ("", *CLOSING)


def test_it_shows_all_four_key_states_that_its_closing_lines_speak_of(text: str) -> None:
    *before, gone = states(text)
    reached = {world.key_state() for world in explored("EXTERNAL").worlds} - {None}
    assert set(before) == reached
    assert len(reached) == 4
    assert gone == "none, the KMS key is deleted"


def test_it_prints_the_key_state_after_each_step(text: str) -> None:
    assert states(text) == STATES


def test_it_decrypts_the_ciphertext_without_the_kms_key(text: str) -> None:
    assert "\nfirst.bin decrypts ciphertext.bin: The quick brown fox\n" in text


def test_each_line_fits_a_terminal_of_80_columns(text: str) -> None:
    assert WIDTH == 80
    assert [line for line in text.splitlines() if len(line) > 80 or line.endswith(" ")] == []


def test_only_a_long_value_is_cut(text: str) -> None:
    cut = {name for name, _ in re.findall(r'^ *"(\w+)": ".*(\.\.\.).*"', text, re.MULTILINE)}
    assert cut == {"Arn", "KeyId", "KeyMaterialId", "ImportToken", "PublicKey", "CiphertextBlob"}
    assert re.search(
        r'^    "ImportToken": "\S{32}\.\.\. \(\d{4} characters\)",$', text, re.MULTILINE
    )
    assert '"Plaintext": "VGhlIHF1aWNrIGJyb3duIGZveA=="' in text


def test_a_shell_takes_the_lines_of_a_command_as_one(text: str) -> None:
    commands = re.findall(r"^\$ ((?:.*\\\n)*.*)\n", text, re.MULTILINE)
    script = "\n".join(
        [
            *('aws() { echo "aws $*"; }', 'openssl() { echo "openssl $*"; }'),
            *(command for command in commands if command.startswith(("aws ", "openssl "))),
        ]
    ).replace("| base64 --decode", "")
    run = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    told = run.stdout.splitlines()
    assert len(told) == len(commands) - 1  # printf
    assert all(re.match(r"aws kms [-a-z]+ --|openssl [a-z]+ -", line) for line in told)
    assert told[-2] == (
        f"aws kms schedule-key-deletion --key-id {_key_id(text)} --pending-window-in-days 7"
    )


def _key_id(text: str) -> str:
    found = re.search(r'"KeyId": "([-0-9a-f]{36})"', text)
    assert found is not None
    return found[1]


def test_an_arn_in_an_error_is_whole(text: str) -> None:
    arn = f"arn:aws:kms:us-west-2:111122223333:key/{_key_id(text)}"
    assert text.count(f"\n{arn} is\npending import.\n") == 2
    said = io.StringIO()
    Transcript(Console(file=said)).say(f"The KMS key {arn} is pending import.")
    assert said.getvalue() == f"The KMS key\n{arn} is\npending import.\n"


def test_steps_2_and_3_are_printed_once_and_then_named(text: str) -> None:
    assert text.count("\nStep 2: ") == text.count("\nStep 3: ") == text.count("\nStep 4: ") == 1
    assert text.count("$ aws kms get-parameters-for-import") == 1
    assert text.count("$ openssl pkeyutl") == text.count("$ openssl rand") == 1
    assert re.findall(r"^\.\.\. steps 2 and 3 again, with (.*) \.\.\.$", text, re.MULTILINE) == [
        "other.bin",
        "first.bin",
        "second.bin",
    ]
    assert text.count("$ aws kms import-key-material") == 4


def test_what_is_said_to_be_saved_is_saved(tmp_path: Path) -> None:
    text = printed(tmp_path)
    saved = re.findall(r"^# Saved, decoded from base64: (.*)$", text, re.MULTILINE)
    names = {*", ".join(saved).split(", "), *re.findall(r"(?:fileb://|-in |-out |>)(\S+)", text)}
    assert names <= {path.name for path in tmp_path.iterdir()}
    assert (tmp_path / "plaintext.txt").read_bytes() == b"The quick brown fox"
    assert (tmp_path / "first.bin").read_bytes() != (tmp_path / "other.bin").read_bytes()


def test_it_is_plain_text_where_there_is_no_terminal(text: str) -> None:
    assert "\x1b" not in text


def test_it_is_the_same_in_colour_on_a_terminal(tmp_path: Path) -> None:
    colored = printed(tmp_path, color=True)
    assert "\x1b[1;32mKey state: Enabled\x1b[0m" in colored
    assert '\x1b[32m"SYMMETRIC_DEFAULT"\x1b[0m' in colored
    plain = re.sub("\x1b[^m]*m", "", colored)
    assert states(plain) == STATES
    assert max(map(len, plain.splitlines())) <= 80


def test_without_openssl_it_says_so_once_and_makes_the_key_material_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    text = printed(tmp_path)
    assert text.count("# openssl is not on the PATH: ") == 1
    assert "$ openssl" not in text
    assert states(text) == STATES
    assert "\nfirst.bin decrypts ciphertext.bin: The quick brown fox\n" in text
    assert max(map(len, text.splitlines())) <= 80


def test_an_openssl_that_fails_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "openssl"
    program.write_text("#!/bin/sh\necho no such command >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(click.ClickException, match=r"^openssl rand failed: no such command$"):
        printed(tmp_path)
