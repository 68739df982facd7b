"""
Files of a folder that look like a key policy with a slip: none of them is passed over without a word.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.running import ROOT, document, run

USE = {**ROOT, "Action": "kms:Decrypt"}
OF_IAM = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}


def _renamed(members: dict[str, Any], name: str, slip: str) -> dict[str, Any]:
    return {slip if each == name else each: value for each, value in members.items()}


SLIPS = {
    "Statment": _renamed(json.loads(document(USE)), "Statement", "Statment"),
    "statement": _renamed(json.loads(document(USE)), "Statement", "statement"),
    "Principle": json.loads(document(_renamed(USE, "Principal", "Principle"))),
    "Principal ": json.loads(
        document({**_renamed(USE, "Principal", "Principal "), "Action": "KMS:Decrypt"})
    ),
    "Acton": json.loads(document(ROOT, _renamed(USE, "Action", "Acton"))),
    "Statement": {"Version": "2012-10-17", "Id": "kms:vault"},
}


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_policy_with_a_slip_is_not_understood_in_a_folder(
    slip: str, suffix: str, tmp_path: Path
) -> None:
    (tmp_path / "sound.json").write_text(document(ROOT))
    path = tmp_path / f"slip.{suffix}"
    path.write_text(json.dumps(SLIPS[slip]))  # which is YAML, too
    result = run("check", tmp_path)
    assert result.exit_code == 2
    (told,) = (line for line in result.output.splitlines() if line.startswith(str(path)))
    assert "not understood: line 1, column " in told
    assert slip in told
    assert "sound.json: never-public: proved" in result.output


@pytest.mark.parametrize(
    "content",
    [
        json.loads(document(OF_IAM)),
        json.loads(document({**USE, "Action": "s3:GetObject"})),
        _renamed(json.loads(document({**USE, "Action": "s3:GetObject"})), "Statement", "Statment"),
        {"statements": [{"amount": 5}], "Version": "1"},
        {"Version": "2012-10-17"},
        {"name": "a package that speaks of kms:Decrypt", "version": "2012-10-17"},
        [1],
    ],
)
def test_a_file_of_another_kind_is_passed_over(content: object, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(json.dumps(content))
    result = run("check", tmp_path)
    assert (result.exit_code, result.stderr) == (0, "no policy is found\n")


def test_a_policy_of_which_each_action_is_misspelled_is_one_of_a_key(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(document({**USE, "Action": "KMS:Decript"}))
    result = run("check", tmp_path, "--rules", "no-findings")
    assert result.exit_code == 1
    assert "there is no action `KMS:Decript`, perhaps `kms:Decrypt` is meant" in result.output
