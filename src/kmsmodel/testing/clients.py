"""
A state machine that compares a client of AWS KMS, or an emulator behind one, with the model.

Hypothesis draws a history of a few KMS keys; each call goes to a client of boto3 that is tested and to one that the
model answers, and both must answer alike. A difference is told with the shortest program of boto3 calls that shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast, final

from attrs import frozen
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, rule

from kmsmodel import boto
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.local import LocalKms

QUICK = settings(
    max_examples=20,
    stateful_step_count=10,
    deadline=None,
    # To explain a failure takes far longer than to find it, and names lines of the model, which is not at fault.
    phases=[each for each in Phase if each is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)
"""Settings for each run of a test suite: some seconds."""

LONG = settings(QUICK, max_examples=2_000, stateful_step_count=50)
"""Settings for a campaign: an hour or more."""

NOTHING: Any = MultipleResults[Any](())
"""What a rule returns that has nothing for its bundle."""

_MATERIALS = tuple(bytes([number]) * 32 for number in range(3))
_CONTEXTS: tuple[dict[str, str], ...] = ({}, {"tenant": "acme"}, {"tenant": "beta"})
_OF_ITS_OWN = frozenset(
    {
        "AWSAccountId",
        "AliasArn",
        "Arn",
        "CiphertextBlob",
        "CreationDate",
        "CurrentKeyMaterialId",
        "DeletionDate",
        "ImportToken",
        "KeyArn",
        "KeyId",
        "KeyMaterialId",
        "LastUpdatedDate",
        "ParametersValidTo",
        "PublicKey",
        "ResponseMetadata",
    }
)
"""Members that each side makes up, or that follow from its clock."""


@final
@frozen
class Pair:
    """A value that the model and the client that is tested each have of their own, and its name in the program."""

    name: str
    model: Any
    client: Any

    def __repr__(self) -> str:
        return self.name


class ClientMachine(RuleBasedStateMachine):
    """
    A state machine to subclass: `make_client` gives the client of boto3 that is tested, once for each history.

    ``TestMine = Mine.TestCase`` makes a test of the subclass, and ``TestMine.settings = QUICK`` says how much is tried.
    More rules may be added; they call `ask`. ``own_members`` are members of answers that are not compared, and
    `compare` may be overridden to compare more or less.
    """

    own_members: ClassVar[frozenset[str]] = _OF_ITS_OWN

    keys: Bundle[Pair] = Bundle("keys")
    ciphertexts: Bundle[Pair] = Bundle("ciphertexts")

    def __init__(self) -> None:
        super().__init__()
        self.local = LocalKms()
        self.model = boto.client(self.local)
        self.client = self.make_client()
        self.program: list[str] = []

    def make_client(self) -> Any:
        """The ``kms`` client that is tested, of an AWS KMS without keys that somebody else uses."""
        # Hypothesis gives the class a metaclass of its own, so it cannot have an abstract method.
        raise NotImplementedError("a subclass of ClientMachine says which client is tested")

    # ---- asked of both

    def ask(self, operation: str, /, into: str = "", **members: Any) -> Pair | None:
        """
        Call a method such as ``create_key`` of both clients, and compare the answers.

        Members that are a `Pair` are taken apart. None if both refuse. ``into`` is the name of the answer in the
        program.
        """
        shown = ", ".join(f"{name}={value!r}" for name, value in members.items())
        self.program.append(f"{f'{into} = ' if into else ''}kms.{operation}({shown})")
        expected = _answer(self.model, operation, _of(members, lambda pair: pair.model))
        found = _answer(self.client, operation, _of(members, lambda pair: pair.client))
        try:
            self.compare(operation, expected, found)
        except AssertionError as error:
            error.add_note("\n".join(["This program shows it:", *self.program]))
            raise
        return None if isinstance(expected, str) else Pair(into, expected, found)

    def compare(self, operation: str, expected: Any, found: Any) -> None:
        """Raise AssertionError for a difference; an answer is the code of an error or the members of a response."""
        expected, found = self._compared(expected), self._compared(found)
        if found != expected:
            said = f"{operation}: the model answers {expected}, the client {found}"
            raise AssertionError(said)

    def _compared(self, answer: Any) -> Any:
        """What of an answer must be the same."""
        if isinstance(answer, dict):
            members = cast("dict[str, Any]", answer)
            told = {name for name in members if name not in self.own_members}
            return {name: self._compared(members[name]) for name in told}
        if isinstance(answer, list):
            return [self._compared(each) for each in cast("list[object]", answer)]
        return answer

    # ---- the life of a key

    @rule(target=keys, origin=st.sampled_from(["EXTERNAL", "AWS_KMS"]))
    def create_key(self, origin: str) -> Any:
        name = f"key_{sum('create_key' in line for line in self.program)}"
        made = self.ask("create_key", f"{name}", Origin=origin)
        if made is None:
            return NOTHING
        return Pair(
            f'{name}["KeyMetadata"]["KeyId"]',
            made.model["KeyMetadata"]["KeyId"],
            made.client["KeyMetadata"]["KeyId"],
        )

    @rule(key=keys)
    def describe_key(self, key: Pair) -> None:
        self.ask("describe_key", KeyId=key)

    @rule(key=keys)
    def enable_key(self, key: Pair) -> None:
        self.ask("enable_key", KeyId=key)

    @rule(key=keys)
    def disable_key(self, key: Pair) -> None:
        self.ask("disable_key", KeyId=key)

    @rule(key=keys, days=st.sampled_from([7, 30]))
    def schedule_key_deletion(self, key: Pair, days: int) -> None:
        self.ask("schedule_key_deletion", KeyId=key, PendingWindowInDays=days)

    @rule(key=keys)
    def cancel_key_deletion(self, key: Pair) -> None:
        self.ask("cancel_key_deletion", KeyId=key)

    @rule(key=keys, material=st.sampled_from(_MATERIALS))
    def import_key_material(self, key: Pair, material: bytes) -> None:
        parameters = self.ask(
            "get_parameters_for_import",
            "parameters",
            KeyId=key,
            WrappingAlgorithm="RSAES_OAEP_SHA_256",
            WrappingKeySpec="RSA_2048",
        )
        if parameters is None:
            return

        def of(member: str) -> Pair:
            name = f'parameters["{member}"]'
            return Pair(name, parameters.model[member], parameters.client[member])

        public_key = of("PublicKey")
        wrapped = Pair(
            f'wrap({public_key}, "RSAES_OAEP_SHA_256", {material[:1]!r} * {len(material)})',
            wrap_key_material(public_key.model, "RSAES_OAEP_SHA_256", material),
            wrap_key_material(public_key.client, "RSAES_OAEP_SHA_256", material),
        )
        self.ask(
            "import_key_material",
            KeyId=key,
            ImportToken=of("ImportToken"),
            EncryptedKeyMaterial=wrapped,
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )

    @rule(key=keys)
    def delete_imported_key_material(self, key: Pair) -> None:
        self.ask("delete_imported_key_material", KeyId=key)

    # ---- its use

    @rule(target=ciphertexts, key=keys, context=st.sampled_from(_CONTEXTS))
    def encrypt(self, key: Pair, context: dict[str, str]) -> Any:
        name = f"encrypted_{sum('kms.encrypt' in line for line in self.program)}"
        made = self.ask("encrypt", name, KeyId=key, Plaintext=b"secret", EncryptionContext=context)
        if made is None:
            return NOTHING
        member = "CiphertextBlob"
        return Pair(f'{name}["{member}"]', made.model[member], made.client[member])

    @rule(ciphertext=ciphertexts, context=st.sampled_from(_CONTEXTS))
    def decrypt(self, ciphertext: Pair, context: dict[str, str]) -> None:
        self.ask("decrypt", CiphertextBlob=ciphertext, EncryptionContext=context)

    # ---- what belongs to it

    @rule(key=keys, value=st.sampled_from(["", "a"]))
    def tag_resource(self, key: Pair, value: str) -> None:
        self.ask("tag_resource", KeyId=key, Tags=[{"TagKey": "team", "TagValue": value}])

    @rule(key=keys)
    def list_resource_tags(self, key: Pair) -> None:
        self.ask("list_resource_tags", KeyId=key)

    @rule(key=keys, name=st.sampled_from(["alias/a", "alias/b", "alias/aws/c", "no-alias"]))
    def create_alias(self, key: Pair, name: str) -> None:
        self.ask("create_alias", AliasName=name, TargetKeyId=key)

    @rule(name=st.sampled_from(["alias/a", "alias/b"]))
    def delete_alias(self, name: str) -> None:
        self.ask("delete_alias", AliasName=name)

    @rule(name=st.sampled_from(["alias/a", "alias/b", "alias/none"]))
    def encrypt_by_an_alias(self, name: str) -> None:
        self.ask("encrypt", KeyId=name, Plaintext=b"secret")


def _of(members: Mapping[str, Any], side: Callable[[Pair], Any]) -> dict[str, Any]:
    return {
        name: side(value) if isinstance(value, Pair) else value for name, value in members.items()
    }


def _answer(client: Any, operation: str, members: Mapping[str, Any]) -> Any:
    """The members of the response, or the code of the error."""
    try:
        return getattr(client, operation)(**members)
    except ClientError as error:
        return str(error.response.get("Error", {}).get("Code"))
