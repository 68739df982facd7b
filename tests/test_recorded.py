"""
What the real service answered, and was recorded: each answer and error that this model reaches, compared whole.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, final

import pytest
from attrs import frozen

from kmsmodel import structures
from kmsmodel.arn import KeyArn
from kmsmodel.errors import KmsError
from kmsmodel.key_spec import SUPPORTED
from kmsmodel.lifecycle import ON_DEMAND_ROTATIONS_LIMIT
from kmsmodel.request import Request
from tests.strategies import REQUESTS
from tests.worlds import ACCOUNT, HSM, REGION, Conversation, facts

Recording = Mapping[str, Any]

ERRORS: list[Recording] = facts("recorded_errors.json")["errors"]
RESPONSES: list[Recording] = facts("recorded_shapes.json")["responses"]

SECONDARY_REGION = "ap-southeast-1"
LIMIT_WHEN_RECORDED = 10

WAITING: Mapping[str, list[str]] = {
    "CreateAlias": [
        "CreateAlias: test_create_alias / create_alias",
        "DescribeKey: test_describe_with_alias_arn / describe-key",
    ],
    "DeriveSharedSecret": [
        "DeriveSharedSecret: test_derive_shared_secret / response",
        "DeriveSharedSecret: test_derive_shared_secret / response-invalid-key",
        "DeriveSharedSecret: test_derive_shared_secret / response-invalid-key-agreement-algo",
        "DeriveSharedSecret: test_derive_shared_secret / response-invalid-key-usage",
        "DeriveSharedSecret: test_derive_shared_secret / response-invalid-public-key",
    ],
    "ECC_NIST_P256": [
        "DescribeKey: test_import_key_ecc_keys[ECC_NIST_P256] / describe-key-after-deleted-import",
        "DescribeKey: test_import_key_ecc_keys[ECC_NIST_P256] / describe-key-after-import",
        "DescribeKey: test_import_key_ecc_keys[ECC_NIST_P256] / describe-key-before-import",
    ],
    "EnableKeyRotation": [
        "GetKeyRotationStatus: test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_enabled / rotation-status-response-after-rotation",  # noqa: E501
        "RotateKeyOnDemand: test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_enabled / rotate-on-demand-response",  # noqa: E501
    ],
    "GenerateDataKey": [
        "Decrypt: TestKMSGenerateKeys::test_encryption_context_generate_data_key / decrypt-without-encryption-context",
        "GenerateDataKey: TestKMSGenerateKeys::test_generate_data_key / generate-data-key-result",
    ],
    "GenerateDataKeyPair": [
        "GenerateDataKeyPair: TestKMSGenerateKeys::test_generate_data_key_pair_dry_run / dryrun_exception",
    ],
    "GenerateMac": [
        "GenerateMac: test_generate_and_verify_mac[HMAC_256-HMAC_SHA_256] / generate-mac",
        "GenerateMac: test_generate_and_verify_mac[HMAC_256-HMAC_SHA_256] / generate-mac-invalid-key-id",
        "GenerateMac: test_import_key_hmac_keys[HMAC_256] / generate-mac-response",
        "GenerateMac: test_invalid_generate_mac[HMAC_224-HMAC_SHA_256] / generate-mac",
        "GenerateMac: test_invalid_generate_mac[HMAC_256-INVALID] / generate-mac",
        "GenerateMac: test_invalid_verify_mac[HMAC_256-HMAC_SHA_256-some different important message] / generate-mac",
    ],
    "GenerateRandom": [
        "GenerateRandom: test_generate_random_invalid_number_of_bytes[1025] / generate-random-exc",
        "GenerateRandom: test_generate_random_invalid_number_of_bytes[None] / generate-random-exc",
    ],
    "HMAC_256": [
        "DescribeKey: test_import_key_hmac_keys[HMAC_256] / describe-key-after-deleted-import",
        "DescribeKey: test_import_key_hmac_keys[HMAC_256] / describe-key-after-import",
        "DescribeKey: test_import_key_hmac_keys[HMAC_256] / describe-key-before-import",
    ],
    "ListResourceTags": [
        "ListResourceTags: test_update_and_add_tags_on_tagged_key / list-resource-tags",
        "ListResourceTags: test_update_and_add_tags_on_tagged_key / list-resource-tags-after-tags-updated",
    ],
    "RSA_2048": [
        "Encrypt: test_encrypt_validate_plaintext_size_per_key_type[RSA_2048-RSAES_OAEP_SHA_256] / generate-random-exc",
    ],
    "RSA_4096": [
        "RotateKeyOnDemand: test_rotate_key_on_demand_raises_error_given_key_is_disabled / error-response",
    ],
    "ReEncrypt": [
        "ReEncrypt: test_re_encrypt[SYMMETRIC_DEFAULT-SYMMETRIC_DEFAULT] / test_re_encrypt",
        "ReEncrypt: test_re_encrypt_incorrect_source_key / incorrect-source-key",
    ],
    "ReplicateKey": [
        "DescribeKey: test_replicate_key / describe-key-from-region",
        "DescribeKey: test_replicate_key / describe-replicated-key",
        "ReplicateKey: test_replicate_key / replicate-key",
        "ReplicateKey: test_replicate_replica_key_should_fail / fail-replicate-non-primary-key",
    ],
    "Sign": [
        "Sign: test_import_key_ecc_keys[ECC_NIST_P256] / sign-result",
        "Sign: test_sign_verify[ECC_NIST_P256-ECDSA_SHA_256] / bad-digest",
        "Sign: test_sign_verify[ECC_NIST_P256-ECDSA_SHA_256] / signature",
        "Sign: test_sign_verify[RSA_2048-RSASSA_PSS_SHA_256] / bad-digest",
        "Sign: test_sign_verify[RSA_2048-RSASSA_PSS_SHA_256] / signature",
    ],
    "TagResource": [
        "TagResource: test_tag_key_with_duplicate_tag_keys_raises_error / duplicate-tag-keys",
    ],
    "Verify": [
        "Verify: test_import_key_ecc_keys[ECC_NIST_P256] / verify-result",
        "Verify: test_sign_verify[ECC_NIST_P256-ECDSA_SHA_256] / bad-signature",
        "Verify: test_sign_verify[ECC_NIST_P256-ECDSA_SHA_256] / verification",
        "Verify: test_sign_verify[RSA_2048-RSASSA_PSS_SHA_256] / bad-signature",
        "Verify: test_sign_verify[RSA_2048-RSASSA_PSS_SHA_256] / verification",
    ],
    "VerifyMac": [
        "VerifyMac: test_generate_and_verify_mac[HMAC_256-HMAC_SHA_256] / verify-mac",
        "VerifyMac: test_generate_and_verify_mac[HMAC_256-HMAC_SHA_256] / verify-mac-invalid-key-id",
        "VerifyMac: test_import_key_hmac_keys[HMAC_256] / verify-mac-response",
        "VerifyMac: test_invalid_verify_mac[HMAC_256-HMAC_SHA_256-some different important message] / verify-mac",
    ],
    "otherwise today": [
        "RotateKeyOnDemand: test_rotate_key_on_demand_raises_error_given_key_with_imported_key_material / error-response",  # noqa: E501
    ],
}
"""Recordings that cannot be played yet, by the operation or key spec that they wait for."""


# ---- what a recording is


@final
@frozen
class Said:
    """``3 x <key1> = Operation(Member=value, ...) in region``, taken apart."""

    operation: str
    members: Mapping[str, str]
    key: str | None = None
    region: str = REGION
    times: int = 1


_CALL = re.compile(
    r"((?P<times>\d+) \u00d7 )?((?P<key><key\d>) = )?(?P<operation>\w+)\((?P<members>.*)\)"
    r"( in (?P<region>[\w-]+))?"
)


def said(text: str) -> Said:
    parts = _CALL.fullmatch(text)
    assert parts is not None, text
    times = int(parts["times"] or 1)
    return Said(
        parts["operation"],
        members_of(parts["members"]),
        parts["key"],
        parts["region"] or REGION,
        ON_DEMAND_ROTATIONS_LIMIT if times == LIMIT_WHEN_RECORDED else times,
    )


def setup_of(recording: Recording) -> list[Said]:
    """The calls before the request, without the keys that nobody asks for."""
    texts: list[str] = recording["setup"]
    calls = [said(text) for text in texts]
    asked = [*(call.members for call in calls), members_of(recording["request"])]
    named = {value.removesuffix(" ARN>") for members in asked for value in members.values()}
    named = {name if name.endswith(">") else f"{name}>" for name in named}
    return [call for call in calls if call.key is None or call.key in named]


def members_of(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in _split(text))
    return {name: value for name, _, value in pairs}


def _split(text: str) -> Iterator[str]:
    """The parts of ``a, b=[c, d]``, at its outer commas."""
    depth, start = 0, 0
    for position, character in enumerate(text + ","):
        depth += (character in "[{<") - (character in "]}>")
        if character == "," and depth == 0:
            if part := text[start:position].strip():
                yield part
            start = position + 1


def name_of(recording: Recording) -> str:
    return f"{recording['operation']}: {str(recording['from']).removeprefix('TestKMS::')}"


def lacks(recording: Recording) -> str | None:
    """What this model has to have before the recording can be played, or None."""
    if recording.get("stale"):
        return "otherwise today"
    calls = setup_of(recording)
    for operation in (recording["operation"], *(call.operation for call in calls)):
        if operation not in REQUESTS:
            return str(operation)
    for call in calls:
        key_spec = call.members.get("KeySpec", "SYMMETRIC_DEFAULT")
        if call.operation == "CreateKey" and key_spec not in SUPPORTED:
            return key_spec
    return None


# ---- playing it


@final
class Playback:
    """The calls of one recording, played through `handle`."""

    def __init__(self, description: str | None = None) -> None:
        self.ask = Conversation()
        self.keys: dict[str, KeyArn] = {}
        self.description = description
        self.materials = 0

    def play(self, call: Said) -> Any:
        for _ in range(call.times - 1):
            self.ask(self.request(call), region=call.region)
        response = self.ask(self.request(call), region=call.region)
        if call.key is not None:
            self.keys[call.key] = KeyArn(ACCOUNT, call.region, response.key_metadata.key_id)
        return response

    def request(self, call: Said) -> Request[Any]:
        cls = REQUESTS[call.operation]
        data = {name: self.value(text) for name, text in call.members.items()}
        if call.operation == "CreateKey" and self.description is not None:
            data["Description"] = self.description  # recordings do not list it
        if call.operation == "ImportKeyMaterial":
            parameters = self.ask.parameters(data["KeyId"])
            self.materials += 1
            material = HSM.random(32, f"recorded material {self.materials}")
            data["ImportToken"] = parameters.import_token
            data["EncryptedKeyMaterial"] = parameters.wrapped(material)
        return structures.from_json(cls, data)

    def value(self, text: str) -> Any:
        if text in self.keys:
            return self.keys[text].key_id
        if text.endswith(" ARN>"):
            return str(self.keys[f"{text.removesuffix(' ARN>')}>"])
        if (size := re.fullmatch(r"<(\d+) bytes>", text)) is not None:
            return b"a" * int(size[1])
        if text.startswith("["):
            return list(_tags(text))
        if text.startswith("{") or re.fullmatch(r"\d{1,3}|True|False|None", text):
            return ast.literal_eval(text)
        return text


def _tags(text: str) -> Iterator[dict[str, str]]:
    if (how_many := re.fullmatch(r"\[(\d+) in all\]", text)) is not None:
        for number in range(int(how_many[1])):
            yield {"TagKey": f"key{number}", "TagValue": "value"}
        return
    for key, value in members_of(text[1:-1]).items():
        long = re.match(r"<(\d+) characters: (.)", key)
        yield {"TagKey": key if long is None else long[2] * int(long[1]), "TagValue": value}


# ---- comparing

_ID = "(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_ARN = f"arn:aws:kms:[a-z0-9-]+:{ACCOUNT}:key/{_ID}"
_PLACEHOLDERS = {
    "key-arn": _ARN,
    "mrk-key-arn": _ARN,
    "key-id": f"(?:arn:aws:kms:[a-z0-9-]+:{ACCOUNT}:key/)?{_ID}",
    "key-material-id": "[0-9a-f]{64}",
    "current-key-material-id": "[0-9a-f]{64}",
    "description": ".+",
    "partition": "aws",
    "region": REGION,
    "secondary-region": SECONDARY_REGION,
}


def _kind_told(recorded: object) -> type[Any]:
    return float if recorded == "datetime" else type(recorded)


def _is(kind: type[Any], answered: object) -> bool:
    return type(answered) is kind


def _numbered(items: list[Any]) -> dict[Any, Any]:
    return dict(enumerate(items))


@final
class Match:
    """Compares what was recorded with what is answered; a placeholder is the same each time."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    def differences(self, recorded: Any, answered: Any, path: str = "") -> Iterator[str]:
        kind = _kind_told(recorded)
        if not _is(kind, answered):
            yield f"{path}: {answered!r} is not {recorded!r}"
        elif kind is dict:
            yield from self._of_members(recorded, answered, path)
        elif kind is list:
            yield from self._of_members(_numbered(recorded), _numbered(answered), path)
        elif (kind is str and not self.fits(recorded, answered)) or (
            kind in {bool, int} and recorded != answered
        ):
            yield f"{path}: {answered!r} is not {recorded!r}"

    def _of_members(
        self, recorded: dict[Any, Any], answered: dict[Any, Any], path: str
    ) -> Iterator[str]:
        for name in sorted(recorded.keys() | answered.keys()):
            if name not in answered:
                yield f"{path}.{name}: is missing"
            elif name not in recorded:
                yield f"{path}.{name}: was not there"
            else:
                yield from self.differences(recorded[name], answered[name], f"{path}.{name}")

    def fits(self, recorded: str, answered: str) -> bool:
        names: list[str] = []

        def group(placeholder: re.Match[str]) -> str:
            names.append(placeholder[0])
            return f"({_PLACEHOLDERS[placeholder[1]]})"

        pattern = re.escape(recorded.replace("1" * 12, ACCOUNT))
        pattern = re.sub(r"<([a-z-]+)(?::\d+)?>", group, pattern.replace(r"\-", "-"))
        found = re.fullmatch(pattern, answered, re.DOTALL)
        return found is not None and all(
            self.seen.setdefault(name, value) == value
            for name, value in zip(names, found.groups(), strict=True)
        )


def enumeration(message: str) -> tuple[str, frozenset[str]] | None:
    """What is said of a value that is none of an enumeration, and the values, whose order has no meaning."""
    found = re.fullmatch(r"(.* enum value set: )\[(.*)\]", message)
    return None if found is None else (found[1], frozenset(found[2].split(", ")))


# ---- the recordings

PLAYED_ERRORS = [recording for recording in ERRORS if lacks(recording) is None]
PLAYED_RESPONSES = [recording for recording in RESPONSES if lacks(recording) is None]


@pytest.mark.parametrize("recording", PLAYED_ERRORS, ids=name_of)
def test_an_error_is_the_one_recorded(recording: Recording) -> None:
    playback = Playback()
    for call in setup_of(recording):
        playback.play(call)
    before = playback.ask.kms
    region = recording.get("region", REGION)
    request = Said(recording["operation"], members_of(recording["request"]), region=region)
    with pytest.raises(KmsError) as caught:
        playback.play(request)
    error = caught.value
    assert (error.code, error.http_status) == (recording["code"], recording["http_status"])
    values, recorded_values = enumeration(error.message), enumeration(recording["message"])
    if values is not None and recorded_values is not None:
        assert values[0] == recorded_values[0]
        assert values[1] >= recorded_values[1]
    else:
        message = recording["message"].replace("<region>", region)
        assert Match().fits(message, error.message), error.message
    assert playback.ask.kms == before


@pytest.mark.parametrize("recording", PLAYED_RESPONSES, ids=name_of)
def test_an_answer_is_the_one_recorded(recording: Recording) -> None:
    recorded = recording["present"]
    whole = recorded if "part" not in recording else {recording["part"]: recorded}
    playback = Playback(whole.get("KeyMetadata", {}).get("Description"))
    for call in setup_of(recording):
        playback.play(call)
    region = recording.get("region", REGION)
    request = Said(recording["operation"], members_of(recording["request"]), region=region)
    answered = structures.to_json(playback.play(request))
    for later in recording.get("too_old_to_tell", ()):
        answered.pop(later, None)
    assert list(Match().differences(whole, answered)) == []


def test_every_recording_is_played_or_waits_for_what_is_named() -> None:
    """What waits does so for a reason that still holds."""
    waiting: dict[str, list[str]] = {}
    for recording in (*ERRORS, *RESPONSES):
        if (reason := lacks(recording)) is not None:
            waiting.setdefault(reason, []).append(name_of(recording))
    assert {reason: sorted(names) for reason, names in waiting.items()} == WAITING


def test_a_comparison_tells_what_differs() -> None:
    recorded = {"KeyId": "<key-id:1>", "Enabled": True, "Date": "datetime", "Tags": ["a"]}
    one, other = f"{'0' * 8}-0000-0000-0000-{'0' * 12}", f"{'1' * 8}-0000-0000-0000-{'0' * 12}"
    same = {"KeyId": one, "Enabled": True, "Date": 1.0, "Tags": ["a"]}
    match = Match()
    assert list(match.differences(recorded, same)) == []
    assert list(match.differences(recorded, {**same, "KeyId": other})) != []
    assert list(match.differences(recorded, {**same, "Enabled": False})) != []
    assert list(match.differences(recorded, {**same, "Date": "today"})) != []
    assert list(match.differences(recorded, {**same, "Tags": []})) != []
    assert list(match.differences(recorded, {**same, "Origin": "EXTERNAL"})) != []
    assert list(match.differences(recorded, {"KeyId": one})) != []
