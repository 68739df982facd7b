"""
The tests on the page about properties: they pass for a policy that is sound, and each fails for a planted fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "policy-properties.md"
OWNER = "111122223333"
ADMINISTER = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OWNER}:role/admin"},
    "Action": ["kms:Describe*", "kms:Put*"],
    "Resource": "*",
}
USE = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OWNER}:role/app"},
    "Action": "kms:Decrypt",
    "Resource": "*",
    "Condition": {"StringEquals": {"kms:EncryptionContext:tenant": "acme"}},
}
FAULTS = {
    "test_decrypt_stays_at_home": [ADMINISTER, {**USE, "Principal": {"AWS": "444455556666"}}],
    "test_no_service_acts_for_others": [
        ADMINISTER,
        {**USE, "Principal": {"Service": "sns.amazonaws.com"}},
    ],
    "test_the_tenant_is_bound": [
        ADMINISTER,
        {**USE, "Condition": {"StringEqualsIfExists": {"kms:EncryptionContext:tenant": "acme"}}},
    ],
    "test_no_new_access": [ADMINISTER, USE, {**USE, "Action": "kms:Encrypt"}],
    "test_somebody_can_administer_it": [{**ADMINISTER, "Action": "kms:Describe*"}, USE],
}


def tests_of_the_page(directory: Path, *statements: object) -> dict[str, Callable[[], None]]:
    """The test functions on the page, of this policy and of an older, sound one."""
    for name, listed in (("vault.json", statements), ("main.json", (ADMINISTER, USE))):
        text = json.dumps({"Version": "2012-10-17", "Statement": listed})
        (directory / name).write_text(text, encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)
    return {name: each for name, each in names.items() if name.startswith("test_")}


def test_they_pass_for_a_sound_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = tests_of_the_page(tmp_path, ADMINISTER, USE)
    assert found.keys() == FAULTS.keys()
    for each in found.values():
        each()


@pytest.mark.parametrize("name", FAULTS)
def test_each_fails_for_its_fault(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = tests_of_the_page(tmp_path, *FAULTS[name])
    with pytest.raises(AssertionError):
        found[name]()
