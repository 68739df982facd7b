"""
Public recordings of the real AWS KMS, played whole: every step is answered as it was recorded, but for those listed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from attrs import evolve

from tests.recordings.known import KNOWN
from tests.recordings.playback import Playback, is_known
from tests.recordings.scenario import NAMES, REASONS, Scenario, Step, scenario

# ---- the recordings


@cache
def _played(name: str) -> dict[str, str]:
    return Playback(scenario(name)).differences()


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_answered_as_aws_kms_answered_it(name: str) -> None:
    new = {step: told for step, told in _played(name).items() if step not in KNOWN.get(name, {})}
    assert not new, "\n".join(f"{name} / {step}: {told}" for step, told in new.items())


@pytest.mark.parametrize("name", NAMES)
def test_a_known_difference_still_differs(name: str) -> None:
    """`python -m tests.recordings --write` takes the others off the list."""
    mended = [step for step in KNOWN.get(name, {}) if step not in _played(name)]
    assert not mended, f"{name}: no longer differ: {mended}"


def test_each_known_difference_has_a_recording_and_a_reason() -> None:
    assert KNOWN.keys() <= set(NAMES)
    for reasons in KNOWN.values():
        for reason in reasons.values():
            assert reason
            assert not reason.startswith("new: ")


def test_a_step_waits_only_for_what_is_not_there() -> None:
    waiting = {step.waits_for for name in NAMES for step in scenario(name).steps}
    for reason in waiting - {None} - REASONS.keys():
        assert reason is not None
        assert not is_known(reason), f"{reason} is there: its steps can be played"


def test_the_steps_of_a_recording_have_names_of_their_own() -> None:
    for name in NAMES:
        told = scenario(name)
        names = [step.name for step in told.steps]
        assert (told.name, len(set(names))) == (name, len(names))


# ---- the playing

_CREATE = Step(
    name="create",
    service="kms",
    operation="CreateKey",
    region="us-east-1",
    elapsed=0,
    request={},
    answer=None,
    error=None,
    recorded=False,
    credentials=None,
    named=None,
    seen_from=None,
    waits_for=None,
)
_DISABLE = evolve(_CREATE, name="disable", operation="DisableKey", request={"KeyId": {"$key": "k"}})


def _played_with(*steps: Step, **members: Any) -> dict[str, str]:
    """The differences of a recording that nobody made."""
    made = Scenario(
        name="made",
        region="us-east-1",
        principal="arn:aws:iam::111111111111:root",
        recorded_from=scenario("imports").recorded_from,
        delays={},
        directory={},
        materials={},
        peers={},
        steps=steps,
    )
    return Playback(evolve(made, **members)).differences()


def _told(answer: Any) -> Step:
    """The key is described in the answer to its creation."""
    return evolve(_CREATE, answer=answer)


_METADATA: dict[str, Any] = {
    "AWSAccountId": "111111111111",
    "KeyId": {"$key": "k"},
    "Arn": {"$arn": "k"},
    "CreationDate": {"$date": {"name": "created", "after": 0}},
    "Enabled": True,
    "Description": "",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "KeyState": "Enabled",
    "Origin": "AWS_KMS",
    "KeyManager": "CUSTOMER",
    "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
    "MultiRegion": False,
    "CurrentKeyMaterialId": {"$material_id": "m"},
}


def _metadata(**members: Any) -> Any:
    told = _METADATA | members
    return {"KeyMetadata": {name: value for name, value in told.items() if value is not None}}


def test_what_is_answered_as_it_was_recorded_is_no_difference() -> None:
    assert _played_with(_told(_metadata())) == {}


@pytest.mark.parametrize(
    "changed, told",
    [
        ({"Enabled": False}, ".KeyMetadata.Enabled: True, and was False"),
        ({"Description": None}, ".KeyMetadata.Description: was not there"),
        ({"ValidTo": "soon"}, ".KeyMetadata.ValidTo: is missing"),
        ({"EncryptionAlgorithms": []}, ".KeyMetadata.EncryptionAlgorithms: 1 in the list"),
        ({"EncryptionAlgorithms": ["NONE"]}, ".KeyMetadata.EncryptionAlgorithms[0]: "),
        ({"Arn": {"$arn": "k", "region": "us-west-2"}}, ".KeyMetadata.Arn: "),
        ({"CreationDate": {"$date": 1}}, ".KeyMetadata.CreationDate: "),
        ({"CreationDate": {"$date": "never"}}, ".KeyMetadata.CreationDate: $date never"),
        ({"CurrentKeyMaterialId": {"$key": "k"}}, ".KeyMetadata.CurrentKeyMaterialId: "),
        ({"Description": {"$text": ""}}, ".KeyMetadata.Description: "),
        ({"Description": {"$blob": "b"}}, ".KeyMetadata.Description: "),
        ({"MultiRegion": {}}, ".KeyMetadata.MultiRegion: "),
        ({"MultiRegion": []}, ".KeyMetadata.MultiRegion: "),
    ],
)
def test_the_first_member_that_differs_is_named(changed: dict[str, Any], told: str) -> None:
    found = _played_with(_told(_metadata(**changed)))
    assert list(found) == ["create"]
    assert found["create"].startswith(told)


def test_a_placeholder_stands_for_one_value() -> None:
    create = _told(_metadata())
    other = evolve(create, name="create another")
    assert "create another" in _played_with(create, other)


def test_two_placeholders_stand_for_two_values() -> None:
    create = _told(_metadata())
    described = _metadata(KeyId={"$key": "another"}, Arn={"$arn": "another"})
    describe = evolve(_DISABLE, name="describe", operation="DescribeKey", answer=described)
    assert "already $key k" in _played_with(create, describe)["describe"]


def test_a_request_that_cannot_be_made_is_a_difference() -> None:
    assert _played_with(_DISABLE)["disable"] == "cannot be sent: $key k was never told"


@pytest.mark.parametrize(
    "code, message, fits",
    [
        ("DisabledException", "{arn k} is disabled.", True),
        ("DisabledException", "{key k} is disabled.", False),
        ("DisabledException", "{arn k us-west-2} is disabled.", False),
        ("DisabledException", "{arn k} is disabled", False),
        ("KMSInvalidStateException", "{arn k} is disabled.", False),
    ],
)
def test_an_error_has_the_recorded_code_and_text(code: str, message: str, *, fits: bool) -> None:
    encrypt = evolve(
        _DISABLE,
        name="encrypt",
        operation="Encrypt",
        request={"KeyId": {"$key": "k"}, "Plaintext": {"$text": "text"}},
        error={"code": code, "message": message},
    )
    found = _played_with(_told(_metadata()), _DISABLE, encrypt)
    assert list(found) == ([] if fits else ["encrypt"])


def test_a_success_that_was_an_error_is_a_difference_and_the_other_way_round() -> None:
    refused = evolve(_DISABLE, error={"code": "DisabledException", "message": ""})
    create = _told(_metadata())
    assert _played_with(create, refused) == {"disable": "succeeds, and was DisabledException"}
    succeeded = evolve(_DISABLE, name="rotate", operation="RotateKeyOnDemand", answer={})
    assert "DisabledException" in _played_with(create, _DISABLE, succeeded)["rotate"]


def test_what_waits_is_not_played() -> None:
    assert _played_with(evolve(_DISABLE, waits_for="ReplicateKey")) == {}
