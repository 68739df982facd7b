"""
Strategies for requests, given a model.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import find, given, settings, strategies as st

from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError, NotFoundException, ValidationException
from kmsmodel.key_import import import_key_material
from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.testing.requests import (
    REQUESTS,
    encryption_contexts,
    hostile_requests,
    key_material,
    nearly_valid_requests,
    requests,
)
from kmsmodel.words.enumerations import KeySpec, KeyUsageType, OriginType


def with_keys() -> LocalKms:
    local = LocalKms()
    for name in ("a", "b"):
        key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
        local.handle(CreateAliasRequest(alias_name=f"alias/{name}", target_key_id=key_id))
    return local


LOCAL = with_keys()
few = settings(max_examples=max(3, settings().max_examples // 10))


@pytest.mark.parametrize("operation", sorted(REQUESTS))
@few
@given(st.data())
def test_each_operation_is_drawn_and_gets_an_answer_or_an_error_of_aws(
    operation: str, data: st.DataObject
) -> None:
    for of in (requests, nearly_valid_requests, hostile_requests):
        request = data.draw(of(LOCAL, operation))
        assert request.operation == operation
        with suppress(KmsError):
            with_keys().handle(request)


def is_broken(request: Request[Any]) -> bool:
    """Does it break a constraint?"""
    try:
        with_keys().handle(request)
    except ValidationException as error:
        return "failed to satisfy constraint" in str(error)
    except KmsError:
        return False
    return False


@given(st.data())
def test_a_valid_request_is_within_its_constraints(data: st.DataObject) -> None:
    """The limits of a list of tags and of grants are narrower than those of the shape."""
    assert not is_broken(data.draw(requests(LOCAL)))


@pytest.mark.parametrize("of", [nearly_valid_requests, hostile_requests])
def test_requests_that_break_a_constraint_are_drawn(of: Any) -> None:
    find(of(LOCAL, "Encrypt"), is_broken)


def test_keys_of_the_model_are_named_by_id_arn_and_alias_and_keys_that_nobody_has() -> None:
    local = with_keys()
    drawn = requests(local, "DescribeKey")
    late = local.handle(CreateKeyRequest()).key_metadata

    def names(name: str | None) -> Any:
        def is_named(request: Any) -> bool:
            return bool(request.key_id == name)

        return is_named

    for name in (late.key_id, late.arn, "alias/b"):
        assert local.handle(find(drawn, names(name))).key_metadata
    with pytest.raises(NotFoundException):
        local.handle(find(drawn, lambda request: "1234abcd" in request.key_id))
    assert isinstance(find(drawn, names(late.key_id)), DescribeKeyRequest)


@given(encryption_contexts())
def test_an_encryption_context_has_no_empty_name(context: dict[str, str]) -> None:
    assert all(context)


@pytest.mark.parametrize(
    "key_spec, key_usage",
    [
        (KeySpec.SYMMETRIC_DEFAULT, None),
        (KeySpec.HMAC_256, KeyUsageType.GENERATE_VERIFY_MAC),
        (KeySpec.ECC_NIST_P256, KeyUsageType.SIGN_VERIFY),
    ],
)
@few
@given(st.data())
def test_key_material_can_be_imported(
    key_spec: KeySpec, key_usage: KeyUsageType | None, data: st.DataObject
) -> None:
    local = LocalKms()
    key = local.handle(
        CreateKeyRequest(origin=OriginType.EXTERNAL, key_spec=key_spec, key_usage=key_usage)
    ).key_metadata
    import_key_material(local, key.key_id, data.draw(key_material(key_spec)))
