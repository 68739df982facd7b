"""
A request as the AWS CLI and boto3 make it.
"""

from __future__ import annotations

import json
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel import service
from kmsmodel.boto import client
from kmsmodel.calls.request import Request
from kmsmodel.console import programs
from kmsmodel.key.tag import Tag
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.importing import ImportKeyMaterialRequest
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.words import structures
from kmsmodel.words.enumerations import OriginType
from tests.basics import KEY_ID, NOW
from tests.examples import examples

IMPORT = ImportKeyMaterialRequest(
    key_id=KEY_ID, import_token=b"token", encrypted_key_material=b"wrapped", valid_to=NOW
)


def options(command: str) -> list[str]:
    """The arguments, as a shell takes them apart."""
    return shlex.split(command)


def test_a_command_names_the_operation_and_each_member_that_is_given() -> None:
    request = ScheduleKeyDeletionRequest(key_id=KEY_ID, pending_window_in_days=7)
    assert programs.cli(request) == (
        f"aws kms schedule-key-deletion --key-id {KEY_ID} --pending-window-in-days 7"
    )


def test_a_flag_is_said_or_denied() -> None:
    assert "--multi-region" in options(programs.cli(CreateKeyRequest(multi_region=True)))
    assert "--no-multi-region" in options(programs.cli(CreateKeyRequest(multi_region=False)))


def test_structures_are_json() -> None:
    tags = (Tag(tag_key="team, or so", tag_value="it's"),)
    assert options(programs.cli(CreateKeyRequest(tags=tags)))[-2:] == [
        "--tags",
        '[{"TagKey": "team, or so", "TagValue": "it\'s"}]',
    ]


def test_blobs_are_read_from_files_and_times_are_dates() -> None:
    files = {"ImportToken": "a token"}
    assert options(programs.cli(IMPORT, files=files)) == [
        *("aws", "kms", "import-key-material", "--key-id", KEY_ID),
        *("--import-token", "fileb://a token"),
        *("--encrypted-key-material", "fileb://EncryptedKeyMaterial.bin"),
        *("--valid-to", NOW.isoformat()),
    ]


@pytest.mark.parametrize(
    "description", ["-x", "--origin", "file://etc", "fileb://x", "https://a", "a\0b"]
)
def test_what_the_aws_cli_would_read_otherwise_is_given_as_json(description: str) -> None:
    request = CreateKeyRequest(description=description, origin=OriginType.EXTERNAL)
    assert options(programs.cli(request)) == [
        *("aws", "kms", "create-key", "--origin", "EXTERNAL"),
        *("--cli-input-json", json.dumps({"Description": description})),
    ]


def test_what_is_not_known_yet_is_a_variable() -> None:
    request = CreateAliasRequest(alias_name="alias/a", target_key_id="-")
    command = programs.cli(request, takes={"TargetKeyId": "KEY_ID"})
    assert command == 'aws kms create-alias --alias-name alias/a --target-key-id "$KEY_ID"'
    call = programs.boto3(request, takes={"TargetKeyId": 'key["KeyMetadata"]["KeyId"]'})
    assert call == (
        "kms.create_alias(\n"
        "    AliasName='alias/a',\n"
        '    TargetKeyId=key["KeyMetadata"]["KeyId"],\n'
        ")"
    )


EXAMPLES = [
    pytest.param(service.parsed(operation, members), id=operation)
    for operation, requests in examples().requests.items()
    for members in requests
]
"""Requests of all operations, with members of all kinds."""


@pytest.mark.parametrize("request_", EXAMPLES)
def test_a_command_has_an_option_for_each_member(request_: Request[Any]) -> None:
    words = options(programs.cli(request_))
    assert words[:2] == ["aws", "kms"]
    named = [word.removeprefix("--").removeprefix("no-") for word in words if word[:2] == "--"]
    given = [name.replace("-", "") for name in named]
    if "cliinputjson" in given:  # what the AWS CLI would read elsewhere
        given.remove("cliinputjson")
        given += [name.lower() for name in json.loads(words[words.index("--cli-input-json") + 1])]
    assert sorted(given) == sorted(name.lower() for name in programs.members(request_))


def asked(program: str, folder: Path, members: dict[str, Any]) -> dict[str, Any]:
    """What a boto3 client is asked, if the program runs in a folder with the blobs."""
    for name, value in members.items():
        if isinstance(value, bytes):
            (folder / f"{name}.bin").write_bytes(value)
    seen = dict[str, Any]()

    class Kms:
        def __getattr__(self, name: str) -> Any:
            return seen.update

    exec(program, {"kms": Kms(), "datetime": datetime, "Path": folder.joinpath})
    return seen


@pytest.mark.parametrize("request_", EXAMPLES)
def test_a_program_asks_for_what_the_request_asks_for(
    request_: Request[Any], tmp_path: Path
) -> None:
    structure: Any = request_
    members = structures.to_members(structure)
    assert asked(programs.boto3(request_), tmp_path, members) == members


@given(description=st.text(), value=st.text())
def test_any_text_is_written_so_that_it_is_read_as_it_was(description: str, value: str) -> None:
    made = CreateKeyRequest(description=description, tags=(Tag(tag_key="a", tag_value=value),))
    words = options(programs.cli(made))
    tags = {"TagKey": "a", "TagValue": value}
    assert json.loads(words[words.index("--tags") + 1]) == [tags]
    if "--cli-input-json" in words:
        assert json.loads(words[words.index("--cli-input-json") + 1])["Description"] == description
    else:
        assert words[words.index("--description") + 1] == description
    seen = asked(programs.boto3(made), Path(), {})
    assert seen == {"Description": description, "Tags": [tags]}


def test_a_program_runs_with_boto3(tmp_path: Path) -> None:
    made = CreateKeyRequest(description="it's", tags=(Tag(tag_key="a", tag_value="b"),))
    scope: dict[str, Any] = {"kms": client(LocalKms()), "Path": tmp_path.joinpath}
    exec(f"key = {programs.boto3(made)}", scope)
    assert scope["key"]["KeyMetadata"]["Description"] == "it's"
    key_id = scope["key"]["KeyMetadata"]["KeyId"]
    (tmp_path / "Plaintext.bin").write_bytes(b"secret")
    encrypt = EncryptRequest(key_id=key_id, plaintext=b"secret", encryption_context={"a": "b"})
    exec(f"answer = {programs.boto3(encrypt)}", scope)
    assert scope["answer"]["CiphertextBlob"]
