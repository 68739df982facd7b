"""
What is true of every request of an operation, and which KMS keys a request is about.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.operations.aliases import DeleteAliasRequest, ListAliasesRequest
from kmsmodel.operations.encryption import DecryptRequest, ReEncryptRequest
from kmsmodel.operations.keys import DescribeKeyRequest
from kmsmodel.trail.traits import TRAITS, keys_of
from kmsmodel.words import structures
from tests import strategies
from tests.basics import ARN, KEY_ID
from tests.bodies.service_model import operation_model
from tests.worlds.outcome import keys_of as remembered, outcome, secrets_of
from tests.worlds.world import World, world


def _sensitive_in_aws(shape: Any) -> set[str]:
    """The members of a structure of the service model that it marks as sensitive."""
    members: dict[str, Any] = {} if shape is None else shape.members
    return {name for name, member in members.items() if member.metadata.get("sensitive")}


@pytest.mark.parametrize("operation", sorted(TRAITS))
def test_the_sensitive_members_are_those_of_the_service_model(operation: str) -> None:
    model = operation_model(operation)
    of_aws = _sensitive_in_aws(model.input_shape) | _sensitive_in_aws(model.output_shape)
    assert TRAITS[operation].sensitive == of_aws


@pytest.mark.parametrize("operation", sorted(TRAITS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_an_operation_that_only_reads_changes_nothing(
    operation: str, world: World, data: st.DataObject
) -> None:
    request = data.draw(strategies.requests(world, operation))
    kms, _ = outcome(world.kms, request, world.call())
    assert kms.accounts is world.kms.accounts or not TRAITS[operation].reads_only


@given(strategies.worlds(), st.data())
def test_only_sensitive_members_and_those_of_a_key_pair_hold_key_material(
    world: World, data: st.DataObject
) -> None:
    request = data.draw(strategies.requests(world))
    _, answer = outcome(world.kms, request, world.call())
    if hasattr(answer, "code"):
        return
    members = structures.to_members(answer)
    secrets = secrets_of(remembered(world.kms))
    told = {name for name, each in members.items() if isinstance(each, bytes) and each in secrets}
    assert told <= TRAITS[request.operation].sensitive


@given(strategies.worlds(), st.data())
def test_a_request_changes_only_the_keys_that_it_is_about(
    world: World, data: st.DataObject
) -> None:
    request = data.draw(strategies.requests(world))
    about = {str(each) for each in keys_of(world.kms, request, world.call())}
    kms, _ = outcome(world.kms, request, world.call())
    after = {each.arn: each for each in remembered(kms)}
    changed = {each.arn for each in world.remembered if after.get(each.arn) is not each}
    moved = request.operation == "UpdateAlias"  # the former target loses the alias
    assert changed <= about or moved


@given(strategies.worlds(), st.data())
def test_the_keys_that_an_answer_names_are_those_that_its_request_is_about(
    world: World, data: st.DataObject
) -> None:
    request = data.draw(strategies.requests(world))
    _, answer = outcome(world.kms, request, world.call())
    arn = getattr(answer, "key_id", None)
    if isinstance(arn, str) and arn.startswith("arn:"):
        assert arn in {str(each) for each in keys_of(world.kms, request, world.call())}


def test_a_ciphertext_names_its_key() -> None:
    key = world().named("generated")
    blob = key.ciphertexts[0].ciphertext
    call = world().call()
    decrypt = DecryptRequest(ciphertext_blob=blob)
    assert [str(each) for each in keys_of(world().kms, decrypt, call)] == [key.arn]
    other = world().named("imported")
    re_encrypt = ReEncryptRequest(ciphertext_blob=blob, destination_key_id=other.alias_name)
    assert [str(each) for each in keys_of(world().kms, re_encrypt, call)] == [key.arn, other.arn]


@pytest.mark.parametrize(
    "request_",
    [
        DescribeKeyRequest(key_id=KEY_ID),
        DescribeKeyRequest(key_id=ARN),
        DescribeKeyRequest(key_id="no key"),
        DescribeKeyRequest(key_id="alias/none"),
        DeleteAliasRequest(alias_name="alias/none"),
        ListAliasesRequest(key_id=KEY_ID),
        DecryptRequest(ciphertext_blob=b"no ciphertext"),
        DecryptRequest(),
    ],
    ids=repr,
)
def test_what_does_not_exist_is_not_touched(request_: Any) -> None:
    assert keys_of(world().kms, request_, world().call()) == ()


def test_an_operation_on_an_alias_is_about_its_key() -> None:
    key = world().named("generated")
    request = DeleteAliasRequest(alias_name=key.alias_name)
    (about,) = keys_of(world().kms, request, world().call())
    assert str(about) == key.arn
