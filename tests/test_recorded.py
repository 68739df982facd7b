"""
What the real service answered, and was recorded: each answer and error that this model reaches, compared whole.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, final

import pytest
from attrs import frozen

from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError
from kmsmodel.machine.on_demand_rotation import LIMIT
from kmsmodel.words import structures
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import KeySpec
from tests.basics import ACCOUNT, HSM, REGION, facts
from tests.strategies import REQUESTS
from tests.worlds.conversation import Conversation

Recording = Mapping[str, Any]

ERRORS: list[Recording] = facts("recorded_errors.json")["errors"]
RESPONSES: list[Recording] = facts("recorded_shapes.json")["responses"]

SECONDARY_REGION = "ap-southeast-1"
LIMIT_WHEN_RECORDED = 10

WAITING: Mapping[str, list[str]] = {
    "otherwise today": [
        "RotateKeyOnDemand: test_rotate_key_on_demand_raises_error_given_key_with_imported_key_material / error-response",  # noqa: E501
    ],
}
"""Recordings that cannot be played yet, by the operation that they wait for."""


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
        LIMIT if times == LIMIT_WHEN_RECORDED else times,
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
    return dict(_pairs(text))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in _split(text):
        name, _, value = part.partition("=")
        yield name, value


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
    return None


# ---- playing it


@final
class Playback:
    """The calls of one recording, played through `handle`."""

    def __init__(self, description: str | None = None, *, ends_in_error: bool = False) -> None:
        self.ask = Conversation()
        self.keys: dict[str, KeyArn] = {}
        self.made: dict[str, bytes] = {}
        self.description = description
        self.ends_in_error = ends_in_error
        self.materials = 0

    def play(self, call: Said) -> Any:
        for _ in range(call.times - 1):
            self.ask(self.request(call), region=call.region)
        response = self.ask(self.request(call), region=call.region)
        if call.key is not None:
            self.keys[call.key] = KeyArn(ACCOUNT, call.region, response.key_metadata.key_id)
        for name in ("ciphertext_blob", "mac"):
            if hasattr(response, name):
                self.made[name] = getattr(response, name)
        return response

    def request(self, call: Said) -> Request[Any]:
        cls = REQUESTS[call.operation]
        data = {name: self.value(text) for name, text in call.members.items()}
        if call.operation == "CreateKey" and self.description is not None:
            data["Description"] = self.description  # recordings do not list it
        if call.operation == "ImportKeyMaterial":
            data |= self.import_of_new_material(data["KeyId"])
        if "Message" in data and isinstance(data["Message"], str):
            data["Message"] = data["Message"].encode()
        if data.get("Signature") == "<signature>":
            data["Signature"] = self.signature_for(data)
        if call.members.get("PublicKey") == "<91 bytes>":
            data["PublicKey"] = self.public_key_of_a_peer()
        return structures.from_json(cls, data)

    def import_of_new_material(self, key_id: str) -> dict[str, Any]:
        key_spec = self.ask.describe_key(key_id).key_spec
        assert key_spec is not None
        parameters = self.ask.parameters(key_id)
        self.materials += 1
        material = HSM.generate(key_spec, f"recorded material {self.materials}").reveal()
        return {
            "ImportToken": parameters.import_token,
            "EncryptedKeyMaterial": parameters.wrapped(material),
        }

    def signature_for(self, data: Mapping[str, Any]) -> bytes:
        """A signature of the message in a recording of Verify, or of another one if it ended in an error."""
        signed = dict(data) | ({"Message": b"another"} if self.ends_in_error else {})
        signature: bytes = self.ask(structures.from_json(REQUESTS["Sign"], signed)).signature
        return signature

    def public_key_of_a_peer(self) -> bytes:
        peer = HSM.generate(KeySpec.ECC_NIST_P256, "peer")
        return HSM.public_key(peer)

    def value(self, text: str) -> Any:
        if text in self.keys:
            return self.keys[text].key_id
        if text.endswith(" ARN>"):
            return str(self.keys[f"{text.removesuffix(' ARN>')}>"])
        if text == "<ciphertext>":
            return self.made["ciphertext_blob"]
        if text == "<mac>":
            return self.made["mac"]
        if text.startswith("arn:") and ":alias/" in text:
            return f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/random"
        if (size := re.fullmatch(r"<(\d+) bytes>", text)) is not None:
            return b"a" * int(size[1])
        if text.startswith("["):
            return list(_tags(text))
        if text.startswith("{") or re.fullmatch(r"\d{1,4}|True|False|None", text):
            return ast.literal_eval(text)
        return text.replace("<random>", "random")


def _tags(text: str) -> Iterator[dict[str, str]]:
    if (how_many := re.fullmatch(r"\[(\d+) in all\]", text)) is not None:
        for number in range(int(how_many[1])):
            yield {"TagKey": f"key{number}", "TagValue": "value"}
        return
    for key, value in _pairs(text[1:-1]):
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
    "mac": "[A-Za-z0-9+/]+=*",
    "resource": _ID,
    "signature": "[A-Za-z0-9+/]+=*",
    "partition": "aws",
    "region": REGION,
    "secondary-region": SECONDARY_REGION,
}


_WORDS = {"ciphertext-blob", "plaintext", "shared-secret"}
"""What stands in a recording for bytes that are different each time."""


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
        if recorded in _WORDS:
            return bool(answered)
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
    playback = Playback(ends_in_error=True)
    for call in setup_of(recording):
        playback.play(call)
    region = recording.get("region", REGION)
    said_ = Said(recording["operation"], members_of(recording["request"]), region=region)
    request = playback.request(said_)
    before = playback.ask.kms
    with pytest.raises(KmsError) as caught:
        playback.ask(request, region=region)
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
    if "ReplicaPolicy" in answered:  # which the recording has parsed
        answered["ReplicaPolicy"] = json.loads(answered["ReplicaPolicy"])
    if "part" in recording:
        answered = {recording["part"]: answered[recording["part"]]}
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
