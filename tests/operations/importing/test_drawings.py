"""
What the HSM is told that each drawing of chance is for.
"""

from __future__ import annotations

from typing import cast, final

from attrs import frozen

from kmsmodel.calls.call import Call
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.hsm.port import Hsm, WrappingKey
from kmsmodel.hsm.secret import Secret
from kmsmodel.local import LocalKms
from kmsmodel.operations.importing import GetParametersForImportRequest, get_parameters_for_import
from kmsmodel.words.enumerations import AlgorithmSpec, WrappingKeySpec
from tests.basics import NOW
from tests.operations.steps import create_external


@final
@frozen
class Listening:
    """An HSM that writes down what each drawing of chance is for."""

    hsm: SeededHsm
    purposes: list[str]

    def random(self, length: int, purpose: str) -> bytes:
        self.purposes.append(purpose)
        return self.hsm.random(length, purpose)

    def wrapping_key(self, wrapping_key_spec: WrappingKeySpec, purpose: str) -> WrappingKey:
        self.purposes.append(purpose)
        return self.hsm.wrapping_key(wrapping_key_spec, purpose)

    def encrypt(self, key: Secret, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        self.purposes.append(purpose)
        return self.hsm.encrypt(key, plaintext, additional_data, purpose)


def test_the_hsm_is_told_what_each_drawing_is_for(local: LocalKms) -> None:
    """Two drawings of one call must not share a purpose, or a seeded HSM would give both the same chance."""
    arn = create_external(local)
    listening = Listening(SeededHsm("importing"), [])
    call = Call(now=NOW, hsm=cast("Hsm", listening), request_id="r")
    request = GetParametersForImportRequest(
        key_id=arn,
        wrapping_algorithm=AlgorithmSpec.RSAES_OAEP_SHA_256,
        wrapping_key_spec=WrappingKeySpec.RSA_2048,
    )
    get_parameters_for_import(local.kms, request, call)
    assert listening.purposes == ["r wrapping key", "r import token"]
