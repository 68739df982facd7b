"""
The credential of a signed request.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kmsmodel.calls.credential import Credential, credential
from kmsmodel.errors import IncompleteSignatureException, InvalidSignatureException, KmsError
from tests.basics import ACCOUNT, REGION

_PART = st.text(st.characters(exclude_characters="/,"), max_size=20)


def signed(text: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential={text}, SignedHeaders=host, Signature=00"


def test_a_signed_request_names_its_access_key_and_region() -> None:
    found = credential(signed(f"AKIAIOSFODNN7EXAMPLE/20261124/{REGION}/kms/aws4_request"))
    assert found == Credential("AKIAIOSFODNN7EXAMPLE", "20261124", REGION, "kms", "aws4_request")
    assert getattr(found, "account", "") is None


def test_a_presigned_url_does_too() -> None:
    query = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCOUNT}%2F20261124%2F{REGION}%2Fkms%2Faws4_request"
    found = credential("", query)
    assert found is not None
    assert (found.account, found.region) == (ACCOUNT, REGION)


@pytest.mark.parametrize("authorization", ["", "Bearer token", "AWS4-HMAC-SHA512 Credential=a"])
def test_a_request_without_a_signature_has_none(authorization: str) -> None:
    assert credential(authorization) is None


@pytest.mark.parametrize("text", ["", "a/b/c/d", "a/b/c/d/e/f"])
def test_a_credential_has_five_parts(text: str) -> None:
    with pytest.raises(IncompleteSignatureException, match=r"^Credential must have exactly 5"):
        credential(signed(text))


def test_it_is_of_a_region_and_of_aws_kms() -> None:
    with pytest.raises(InvalidSignatureException) as caught:
        credential(signed("a/b/No Region/s3/e"))
    assert caught.value.message == (
        "Credential should be scoped to a valid region. "
        "Credential should be scoped to correct service: 'kms'. "
    )


@given(_PART, _PART, _PART)
def test_what_it_is_made_of_comes_back(access_key_id: str, date: str, term: str) -> None:
    found = credential(signed(f"{access_key_id}/{date}/{REGION}/kms/{term}"))
    assert found == Credential(access_key_id, date, REGION, "kms", term)


@given(st.text(), st.text())
def test_any_header_and_query_give_a_credential_none_or_an_error_of_aws(
    authorization: str, query: str
) -> None:
    for each in (authorization, signed(authorization)):
        try:
            assert isinstance(credential(each, query), Credential | None)
        except KmsError as error:
            assert error.code in {"IncompleteSignatureException", "InvalidSignatureException"}  # noqa: PT017
