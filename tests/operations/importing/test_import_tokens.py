"""
Import tokens: how long, how often and for what one is valid.
"""

from __future__ import annotations

from itertools import permutations

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import (
    ExpiredImportTokenException,
    InvalidCiphertextException,
    InvalidImportTokenException,
    ValidationException,
)
from kmsmodel.local import LocalKms
from kmsmodel.operations.importing import ImportKeyMaterialRequest
from kmsmodel.words.enumerations import KeyState, WrappingKeySpec
from tests.operations.importing.materials import (
    EXPIRES,
    IN_A_WEEK,
    NEW,
    SHA_1,
    SHA_256,
    id_of,
    request_with,
)
from tests.operations.steps import (
    FIRST,
    SECOND,
    create_external,
    describe,
    import_request,
    local_kms,
    parameters,
    refused,
    rotations,
)


def test_the_import_token_is_valid_for_24_hours_to_the_microsecond(local: LocalKms) -> None:
    arn = create_external(local)
    request = import_request(local, arn, FIRST)
    local.clock.advance(hours=24, seconds=-0.000001)
    local.handle(request)
    local.clock.advance(seconds=0.000001)
    error = refused(local, request, ExpiredImportTokenException, "")
    assert error.arn == arn


def test_one_import_token_serves_any_number_of_imports_while_it_is_valid(local: LocalKms) -> None:
    arn = create_external(local)
    given_ = parameters(local, arn)
    for material in (FIRST, FIRST, SECOND):
        type_ = NEW if material == SECOND else None
        local.handle(request_with(given_, material, import_type=type_))
    assert [entry.key_material_id for entry in rotations(local, arn)] == [
        id_of(arn, FIRST),
        id_of(arn, SECOND),
    ]


def test_a_request_that_is_refused_does_not_use_up_its_import_token(local: LocalKms) -> None:
    arn = create_external(local)
    given_ = parameters(local, arn)
    request = request_with(given_, FIRST, expiration_model=EXPIRES)
    with pytest.raises(ValidationException):
        local.handle(request)
    local.handle(evolve(request, valid_to=IN_A_WEEK))
    assert describe(local, arn).valid_to == IN_A_WEEK


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_several_import_tokens_are_open_at_once(local: LocalKms, order: tuple[int, ...]) -> None:
    arn = create_external(local)
    several = [
        (parameters(local, arn, algorithm, spec), algorithm)
        for algorithm, spec in (
            (SHA_256, WrappingKeySpec.RSA_2048),
            (SHA_1, WrappingKeySpec.RSA_2048),
            (SHA_256, WrappingKeySpec.RSA_3072),
        )
    ]
    for number in order:
        given_, algorithm = several[number]
        wrapped = wrap_key_material(given_.public_key, algorithm, FIRST)
        local.handle(request_with(given_, FIRST, encrypted_key_material=wrapped))
    assert describe(local, arn).key_state is KeyState.Enabled


def test_an_import_token_of_another_key_is_invalid(local: LocalKms) -> None:
    one, other = create_external(local), create_external(local)
    request = request_with(parameters(local, one), FIRST, key_id=other)
    error = refused(local, request, InvalidImportTokenException, "")
    assert error.arn == other


def test_an_import_token_goes_with_one_wrapping_key_and_one_algorithm(local: LocalKms) -> None:
    arn = create_external(local)
    small = parameters(local, arn)
    large = parameters(local, arn, wrapping_key_spec=WrappingKeySpec.RSA_3072)
    for wrapped in (
        wrap_key_material(large.public_key, SHA_256, FIRST),  # under another key
        wrap_key_material(small.public_key, SHA_1, FIRST),  # with another hash
        b"not wrapped at all",
        bytes(256),
    ):
        request = request_with(small, FIRST, encrypted_key_material=wrapped)
        refused(local, request, InvalidCiphertextException, "")


def _token() -> tuple[LocalKms, ImportKeyMaterialRequest]:
    local = local_kms()
    return local, import_request(local, create_external(local), FIRST)


@given(where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_an_import_token_that_was_touched_is_invalid(where: int, bit: int) -> None:
    local, request = _token()
    token = bytearray(request.import_token)
    token[where % len(token)] ^= 1 << bit
    refused(local, evolve(request, import_token=bytes(token)), InvalidImportTokenException, "")


@given(token=st.binary(min_size=1, max_size=64) | st.integers(1, 1400))
def test_what_is_not_an_import_token_is_invalid(token: bytes | int) -> None:
    local, request = _token()
    forged = request.import_token[:token] if isinstance(token, int) else token
    if forged != request.import_token:
        refused(local, evolve(request, import_token=forged), InvalidImportTokenException, "")


def test_an_import_token_does_not_show_the_private_key(local: LocalKms) -> None:
    given_ = parameters(local, create_external(local))
    hsm = SeededHsm()
    private_key = hsm.wrapping_key(WrappingKeySpec.RSA_2048, "any").private_key.reveal()
    assert private_key[100:164] not in given_.import_token
