"""
The guide's walk with a KMS key whose key material is imported, from its creation to its deletion.

Each request and answer is printed as the AWS CLI would, and the key state after each step. The key material is made and
wrapped by ``openssl``; at the end, a ciphertext of the key is opened outside of it, with that material alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast, final

from attrs import AttrsInstance, frozen, has
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.text import Text

from kmsmodel.calls.request import Request
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import KmsError, NotFoundException
from kmsmodel.key.key_metadata import expiration_model
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import GetParametersForImportRequest, ImportKeyMaterialRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest, EnableKeyRequest
from kmsmodel.operations.rotation import ListKeyRotationsRequest, RotateKeyOnDemandRequest
from kmsmodel.words import structures
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ImportType,
    IncludeKeyMaterial,
    OriginType,
    WrappingKeySpec,
)

ResponseT = TypeVar("ResponseT")

ALGORITHM = AlgorithmSpec.RSAES_OAEP_SHA_256
ENCRYPTION_CONTEXT = {"purpose": "demo"}
PLAINTEXT = b"The quick brown fox"

_LONGEST = 72


@final
@frozen
class Walk:
    """A `LocalKms`, somewhere to print what is asked of it, and a folder for the files of the walk."""

    local: LocalKms
    console: Console
    folder: Path

    def step(self, title: str) -> None:
        self.console.print(f"\n[bold]{title}[/bold]", soft_wrap=True)

    def say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style), soft_wrap=True)

    def ask(self, request: Request[ResponseT], **files: str) -> ResponseT:
        """Print a request as a command of the AWS CLI, and the answer; ``files`` names the file of each blob."""
        self.say(f"$ {_command(request, files)}", style="cyan")
        response = self.local.handle(request)
        answer = _as_printed(response)
        if answer:
            text = Text(json.dumps(answer, indent=4))
            self.console.print(JSONHighlighter()(text), soft_wrap=True)
        return response

    def refused(self, request: Request[Any], **files: str) -> None:
        """Print a request that AWS KMS refuses, and the error as the AWS CLI tells of it."""
        try:
            self.ask(request, **files)
            raise AssertionError(f"{request.operation} was not refused")
        except KmsError as error:
            self.say(
                f"An error occurred ({error.code}) when calling the {request.operation} operation: "
                f"{error.message}",
                style="red",
            )

    def openssl(self, *arguments: str) -> None:
        """Print a command of openssl, and run it in the folder."""
        self.say(f"$ openssl {' '.join(arguments)}", style="cyan")
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def key_state(self, key_id: str) -> None:
        """Print the key state."""
        try:
            key = self.local.handle(DescribeKeyRequest(key_id=key_id)).key_metadata
            self.say(f"Key state: {key.key_state}", style="bold green")
        except NotFoundException:
            self.say("Key state: none, the KMS key is deleted", style="bold green")

    def wait(self, days: int) -> None:
        self.local.clock.advance(days=days)
        self.say(f"... {days} days pass ...", style="dim")


def main() -> None:
    """Take the walk."""
    with TemporaryDirectory() as folder:
        walk(Walk(LocalKms(), Console(highlight=False), Path(folder)))


def walk(walk: Walk) -> None:
    """Take a KMS key with imported key material through its life."""
    walk.step("Step 1: Create a KMS key without key material")
    created = walk.ask(CreateKeyRequest(origin=OriginType.EXTERNAL, description="Imported"))
    key_id = created.key_metadata.key_id
    walk.key_state(key_id)
    walk.refused(EncryptRequest(key_id=key_id, plaintext=PLAINTEXT), plaintext="plaintext.txt")

    material = import_key_material(walk, key_id, "first", valid_for_days=7)
    walk.key_state(key_id)

    walk.step("Use the KMS key")
    encrypted = walk.ask(
        EncryptRequest(key_id=key_id, plaintext=PLAINTEXT, encryption_context=ENCRYPTION_CONTEXT),
        plaintext="plaintext.txt",
    )
    decrypt = DecryptRequest(
        ciphertext_blob=encrypted.ciphertext_blob, encryption_context=ENCRYPTION_CONTEXT
    )
    walk.ask(decrypt, ciphertext_blob="ciphertext.bin")

    walk.step("Let the key material expire")
    walk.wait(days=8)
    walk.key_state(key_id)
    walk.refused(decrypt, ciphertext_blob="ciphertext.bin")

    walk.step("Reimport the same key material, and only the same")
    import_key_material(walk, key_id, "other", refused=True)
    walk.key_state(key_id)
    import_key_material(walk, key_id, "first")
    walk.key_state(key_id)
    walk.ask(decrypt, ciphertext_blob="ciphertext.bin")

    walk.step("Rotate to new key material")
    import_key_material(walk, key_id, "second", import_type=ImportType.NEW_KEY_MATERIAL)
    walk.ask(RotateKeyOnDemandRequest(key_id=key_id))
    walk.ask(
        ListKeyRotationsRequest(
            key_id=key_id, include_key_material=IncludeKeyMaterial.ALL_KEY_MATERIAL
        )
    )
    walk.key_state(key_id)
    walk.say("What the former key material encrypted is still decrypted:")
    walk.ask(decrypt, ciphertext_blob="ciphertext.bin")

    walk.step("Delete the KMS key, think again, and delete it")
    walk.ask(ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=7))
    walk.key_state(key_id)
    walk.ask(CancelKeyDeletionRequest(key_id=key_id))
    walk.key_state(key_id)
    walk.ask(EnableKeyRequest(key_id=key_id))
    walk.key_state(key_id)
    walk.ask(ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=7))
    walk.wait(days=7)
    walk.key_state(key_id)
    walk.refused(decrypt, ciphertext_blob="ciphertext.bin")

    walk.step("Open the ciphertext outside of the KMS key, with the key material that was imported")
    opened = open_outside(encrypted.ciphertext_blob, material, ENCRYPTION_CONTEXT)
    walk.say(f"{opened.decode()!r}, as it was: {opened == PLAINTEXT}", style="bold green")


def import_key_material(
    walk: Walk,
    key_id: str,
    name: str,
    *,
    valid_for_days: int | None = None,
    import_type: ImportType | None = None,
    refused: bool = False,
) -> bytes:
    """Steps 2 to 4 of the guide, with the key material in the file ``name``; returns the material."""
    walk.step("Step 2: Download the wrapping public key and import token")
    parameters = walk.ask(
        GetParametersForImportRequest(
            key_id=key_id,
            wrapping_algorithm=ALGORITHM,
            wrapping_key_spec=WrappingKeySpec.RSA_4096,
        )
    )
    walk.step("Step 3: Encrypt the key material")
    material, wrapped = wrap(walk, name, parameters.public_key)
    walk.step("Step 4: Import the key material")
    now = walk.local.clock.now()
    valid_to = None if valid_for_days is None else now + timedelta(days=valid_for_days)
    request = ImportKeyMaterialRequest(
        key_id=key_id,
        import_token=parameters.import_token,
        encrypted_key_material=wrapped,
        expiration_model=expiration_model(valid_to),
        valid_to=valid_to,
        import_type=import_type,
        key_material_description=None if refused else name,
    )
    answer = walk.refused if refused else walk.ask
    answer(request, import_token="ImportToken.bin", encrypted_key_material=f"{name}.wrapped")
    return material


def wrap(walk: Walk, name: str, public_key: bytes) -> tuple[bytes, bytes]:
    """Key material made and wrapped by openssl, or here where there is none; made once for each name."""
    material, wrapped = walk.folder / f"{name}.bin", walk.folder / f"{name}.wrapped"
    (walk.folder / "WrappingPublicKey.bin").write_bytes(public_key)
    if shutil.which("openssl") is None:
        walk.say(
            "# There is no openssl on this machine: kmsmodel makes and wraps the key material."
        )
        if not material.exists():
            material.write_bytes(os.urandom(32))
        return material.read_bytes(), wrap_key_material(
            public_key, ALGORITHM, material.read_bytes()
        )
    if not material.exists():
        walk.openssl("rand", "-out", material.name, "32")
    walk.openssl(
        *("pkeyutl", "-encrypt", "-in", material.name, "-out", wrapped.name),
        *("-pubin", "-inkey", "WrappingPublicKey.bin", "-keyform", "DER"),
        *("-pkeyopt", "rsa_padding_mode:oaep"),
        *("-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"),
    )
    return material.read_bytes(), wrapped.read_bytes()


def open_outside(blob: bytes, material: bytes, encryption_context: Mapping[str, str]) -> bytes:
    """
    Open a ciphertext with nothing of the KMS key but its key material, after ``docs/ciphertext.md``.
    """
    sealed = 14 + blob[13] + 32
    salt, nonce = blob[sealed : sealed + 16], blob[sealed + 16 : sealed + 28]
    additional_data = blob[:sealed] + len(encryption_context).to_bytes(4, "big")
    for pair in sorted((k.encode(), v.encode()) for k, v in encryption_context.items()):
        for text in pair:
            additional_data += len(text).to_bytes(4, "big") + text
    derivation = b"\x00\x00\x00\x01" + b"kmsmodel" + b"\x00" + salt + b"\x00\x00\x01\x00"
    key = hmac.digest(material, derivation, hashlib.sha256)
    return AESGCM(key).decrypt(nonce, blob[sealed + 28 :], additional_data)


# ---- as the AWS CLI prints


def _command(request: Request[Any], files: Mapping[str, str]) -> str:
    words = ["aws kms", _kebab(request.operation)]
    for name, wire_name in structures.member_names(type(request)).items():
        value = getattr(request, name)
        if value is not None:
            words += (f"--{_kebab(wire_name)}", _argument(value, files.get(name, "")))
    return " ".join(words)


def _argument(value: object, file: str) -> str:
    if isinstance(value, bytes):
        return f"fileb://{file}"
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, str]", value)
        return ",".join(f"{key}={each}" for key, each in pairs.items())
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value)


def _as_printed(value: object) -> object:
    """An answer in JSON as the AWS CLI writes it; what is very long is cut."""
    cls = cast("type[AttrsInstance]", type(value))
    if has(cls):
        names = structures.member_names(cls)
        members = {wire_name: getattr(value, name) for name, wire_name in names.items()}
        return {name: _as_printed(each) for name, each in members.items() if each is not None}
    if isinstance(value, tuple):
        return [_as_printed(each) for each in cast("tuple[object, ...]", value)]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        text = base64.b64encode(value).decode()
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
    return value


def _kebab(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "-", name).lower()


if __name__ == "__main__":
    main()
