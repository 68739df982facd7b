"""
A seed in a file.
"""

from __future__ import annotations

import base64
import json
import tomllib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import AttrsInstance, fields
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, strategies as st

from kmsmodel import seed_file
from kmsmodel.planting import local_kms
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.seed_file import parse, read
from kmsmodel.seeds import (
    Seed,
    SeedError,
    SeedGrant,
    SeedKey,
    SeedMaterial,
    SeedReplicaKey,
)
from kmsmodel.words.enumerations import GrantOperation, KeySpec, KeyState
from tests.basics import ACCOUNT, KEY_ID, OTHER_ACCOUNT

jsonschema: Any = pytest.importorskip("jsonschema")

SCHEMA = Path(__file__).parents[1] / "docs" / "seed.schema.json"

TOML = f"""
account = "{OTHER_ACCOUNT}"

[[keys]]
key_id = "{KEY_ID}"
aliases = ["alias/orders"]
tags = {{ team = "IT" }}
key_state = "Disabled"

[[keys.key_material]]
key_material = "{base64.b64encode(bytes(32)).decode()}"
valid_to = 2030-01-01T00:00:00Z

[keys.policy]
Version = "2012-10-17"
Statement = []
"""


def test_a_file_in_toml_says_what_the_classes_say() -> None:
    material = SeedMaterial(key_material=bytes(32), valid_to=datetime(2030, 1, 1, tzinfo=UTC))
    assert parse(TOML, "seed.toml") == Seed(
        account=OTHER_ACCOUNT,
        keys=(
            SeedKey(
                key_id=KEY_ID,
                aliases=("alias/orders",),
                tags={"team": "IT"},
                key_state=KeyState.Disabled,
                key_material=(material,),
                policy='{"Version": "2012-10-17", "Statement": []}',
            ),
        ),
    )


@pytest.mark.parametrize("name", ["seed.json", "SEED.JSON", "seed.toml", "seed"])
def test_a_file_is_read_by_its_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    as_json = "\ufeff" + json.dumps({"keys": [{"key_id": KEY_ID}]})
    as_toml = f'\ufeffkeys = [{{key_id = "{KEY_ID}"}}]'
    file.write_text(as_json if name.lower().endswith("json") else as_toml, encoding="utf-8")
    assert read(file) == Seed(keys=(SeedKey(key_id=KEY_ID),))


PEM = (
    generate_private_key(SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)


@pytest.mark.parametrize(
    "written, key_material",
    [
        ("AAEC", [bytes(range(3))]),
        (["AAEC", {"key_material": "AA=="}], [bytes(range(3)), b"\0"]),
        (PEM, [PEM.encode()]),
        ([{"key_material": PEM}], [PEM.encode()]),
    ],
)
def test_key_material_may_be_written_for_short(written: object, key_material: list[bytes]) -> None:
    text = json.dumps({"keys": [{"key_id": KEY_ID, "key_material": written}]})
    jsonschema.validate(json.loads(text), seed_file.schema())
    (key,) = parse(text, "seed.json", is_json=True).keys
    assert [each.key_material for each in key.key_material] == key_material


GRANTS_AND_REPLICA_KEYS = f"""
[[keys]]
key_id = "mrk-{"0" * 32}"

[[keys.grants]]
grantee_principal = "arn:aws:iam::{OTHER_ACCOUNT}:role/ledger"
operations = ["Encrypt", "Decrypt"]
constraints = {{ encryption_context_subset = {{ order = "7" }} }}
name = "ledger"
retiring_principal = "arn:aws:iam::{OTHER_ACCOUNT}:role/admin"

[[keys.replica_keys]]
region = "eu-west-1"
description = "in Ireland"
aliases = ["alias/orders"]
tags = {{ team = "IT" }}
policy = {{ Version = "2012-10-17", Statement = [] }}
key_state = "Disabled"

[[keys.replica_keys.grants]]
grantee_principal = "arn:aws:iam::{OTHER_ACCOUNT}:role/ledger"
operations = ["DescribeKey"]
"""


def test_grants_and_replica_keys_may_stand_in_a_file() -> None:
    jsonschema.validate(tomllib.loads(GRANTS_AND_REPLICA_KEYS), seed_file.schema())
    (key,) = parse(GRANTS_AND_REPLICA_KEYS, "seed.toml").keys
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/ledger"
    assert key.grants == (
        SeedGrant(
            grantee_principal=role,
            operations=(GrantOperation.Encrypt, GrantOperation.Decrypt),
            constraints=GrantConstraints(encryption_context_subset={"order": "7"}),
            name="ledger",
            retiring_principal=f"arn:aws:iam::{OTHER_ACCOUNT}:role/admin",
        ),
    )
    assert key.replica_keys == (
        SeedReplicaKey(
            region="eu-west-1",
            description="in Ireland",
            aliases=("alias/orders",),
            tags={"team": "IT"},
            policy='{"Version": "2012-10-17", "Statement": []}',
            grants=(SeedGrant(grantee_principal=role, operations=(GrantOperation.DescribeKey,)),),
            key_state=KeyState.Disabled,
        ),
    )


def of(cls: type[AttrsInstance], meant: str = "") -> str:
    """That a member is one of those of a class, and which is meant."""
    names = ", ".join(each.name for each in fields(cls))
    return f"one of the members {names}" + (f"; perhaps {meant!r} is meant" if meant else "")


NO_SEEDS: list[tuple[Any, str]] = [
    ([], "the seed must be an object"),
    ({"key": []}, "key must be one of the members account, region, keys; perhaps 'keys' is meant"),
    ({"keys": {}}, "keys must be a list"),
    ({"keys": ["x"]}, "keys[0] must be an object"),
    ({"keys": [{}]}, "keys[0] must be an object with key_id"),
    ({"keys": [{"key_id": 5}]}, "keys[0].key_id must be a text"),
    ({"keys": [{"key_id": "", "alias": "x"}]}, f"keys[0].alias must be {of(SeedKey, 'aliases')}"),
    ({"keys": [{"key_id": "", "aliases": "x"}]}, "keys[0].aliases must be a list"),
    (
        {"keys": [{"key_id": "", "key_spec": "AES"}]},
        f"keys[0].key_spec must be one of {', '.join(KeySpec)}",
    ),
    ({"keys": [{"key_id": "", "tags": {"a": 1}}]}, "keys[0].tags must be a map of texts"),
    ({"keys": [{"key_id": "", "policy": 1}]}, "keys[0].policy must be a text"),
    (
        {"keys": [{"key_id": "", "grants": [{"grantee_principal": "x"}]}]},
        "keys[0].grants[0] must be an object with operations",
    ),
    (
        {"keys": [{"key_id": "", "grants": [{"operations": ["Sing"]}]}]},
        f"keys[0].grants[0].operations[0] must be one of {', '.join(GrantOperation)}",
    ),
    (
        {"keys": [{"key_id": "", "replica_keys": [{}]}]},
        "keys[0].replica_keys[0] must be an object with region",
    ),
    (
        {"keys": [{"key_id": "", "replica_keys": [{"region": "", "key_id": ""}]}]},
        f"keys[0].replica_keys[0].key_id must be {of(SeedReplicaKey)}",
    ),
    (
        {"keys": [{"key_id": "", "key_material": ["?"]}]},
        "keys[0].key_material[0].key_material must be base64",
    ),
    (
        {"keys": [{"key_id": "", "key_material": [{}]}]},
        "keys[0].key_material[0] must be an object with key_material",
    ),
    (
        {"keys": [{"key_id": "", "key_material": [5]}]},
        "keys[0].key_material[0] must be an object",
    ),
]


@pytest.mark.parametrize("content, message", NO_SEEDS)
def test_what_is_no_seed_is_told_with_its_place(content: object, message: str) -> None:
    with pytest.raises(SeedError) as refused:
        parse(json.dumps(content), "s.json", is_json=True)
    line = ":1" if message.startswith("key") else ""
    assert str(refused.value) == f"s.json{line}: {message}"
    if "base64" not in message:  # which jsonschema leaves unchecked
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(content, seed_file.schema())


@pytest.mark.parametrize(
    "text, is_json, message",
    [
        ("keys = [", False, "s: Invalid value (at end of document)"),
        (
            "a\nb = 1",
            False,
            "s: Expected '=' after a key in a key/value pair (at line 1, column 2)",
        ),
        ("{", True, "s: Expecting property name enclosed in double quotes: line 1 column 2"),
        ('{"keys": [], "keys": []}', True, "s: the name 'keys' stands twice in one object"),
    ],
)
def test_what_is_no_toml_and_no_json_is_told(text: str, is_json: bool, message: str) -> None:
    with pytest.raises(SeedError) as refused:
        parse(text, "s", is_json=is_json)
    assert str(refused.value).startswith(message)


LINES = f"""# A comment,

account = "{ACCOUNT}"

[[keys]]
key_id = "mrk-{"0" * 32}"
aliases = [
  "alias/one", # each of them
  "alias/two",
]

[[keys.grants]]
grantee_principal = "arn:aws:iam::{ACCOUNT}:role/ledger"
operations = ["Encrypt"]

[[keys.grants]]
operations = ["Encrypt"]

[[keys.replica_keys]]
region = "eu-west-1"
tags.team = "IT"
aliases = ["alias/one", "orders"]
"""


@pytest.mark.parametrize(
    "at, line",
    [
        ("account", 3),
        ("keys", 5),
        ("keys[0]", 5),
        ("keys[0].key_id", 6),
        ("keys[0].aliases[1]", 7),
        ("keys[0].grants[0]", 12),
        ("keys[0].grants[0].operations[0]", 14),
        ("keys[0].grants[1]", 16),
        ("keys[0].replica_keys[0].tags", 21),
        ("keys[0].replica_keys[0].aliases[1]", 22),
        ("keys[0].replica_keys[0].policy", 19),  # which it does not have
    ],
)
def test_a_place_has_the_line_at_which_its_statement_begins(at: str, line: int) -> None:
    for text in (LINES, LINES.replace("\n", "\r\n")):
        seed = parse(text, "seed.toml")
        assert str(seed.located(SeedError("no", at))) == f"seed.toml:{line}: {at}: no"


def test_what_aws_refuses_is_told_with_its_line() -> None:
    with pytest.raises(SeedError) as refused:
        local_kms(parse(LINES, "seed.toml"))
    assert str(refused.value).startswith("seed.toml:16: keys[0].grants[1]: ValidationException: ")
    as_json = json.dumps(tomllib.loads(LINES), indent=0)
    with pytest.raises(SeedError) as refused:
        local_kms(parse(as_json, "seed.json", is_json=True))
    line = as_json.split("\n").index('"grants": [') + 1 + 7
    assert str(refused.value).startswith(f"seed.json:{line}: keys[0].grants[1]: ")


@given(st.lists(st.sampled_from(["", "# keys", "[[keys]]", 'a = [\n"b",\n]', "c = 1"])))
def test_the_line_of_a_key_is_that_of_its_header(statements: list[str]) -> None:
    """Names may stand once in each key."""
    lines = "\n".join(statements).split("\n")
    with suppress(tomllib.TOMLDecodeError):
        tomllib.loads("\n".join(lines))
        headers = [n for n, line in enumerate(lines, 1) if line == "[[keys]]"]
        for number, header in enumerate(headers):
            text = "\n".join(lines)
            assert seed_file.line_of(text, f"keys[{number}]", is_json=False) == header


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "seed.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(SeedError, match=r"seed\.toml: 'utf-8' codec"):
        read(file)


OF_KEY = seed_file.schema()["properties"]["keys"]["items"]["properties"]
MEMBERS = [*OF_KEY, *OF_KEY["grants"]["items"]["properties"], "keys", "x"]

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_values)
def test_any_json_is_a_seed_or_no_seed(content: Any) -> None:
    with suppress(SeedError):
        assert isinstance(parse(json.dumps(content), "s", is_json=True), Seed)


def test_the_published_schema_is_that_of_the_code() -> None:
    """If it is not: json.dumps(seed_file.schema(), indent=2)."""
    assert json.loads(SCHEMA.read_text("utf-8")) == seed_file.schema()
    jsonschema.Draft202012Validator.check_schema(seed_file.schema())
