"""
A tour through the life of a KMS key whose key material is imported, from its creation to its deletion.

The key material is made and encrypted by ``openssl``, if it is there. At the end, a ciphertext of the KMS key is opened
without the KMS key, with that key material alone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar, final

import click
from attrs import evolve, frozen
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console

from kmsmodel.calls.request import Request
from kmsmodel.cli.transcript import Transcript, aws_command
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import KmsError, NotFoundException
from kmsmodel.key.key_metadata import expiration_model
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import GetParametersForImportRequest, ImportKeyMaterialRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest, EnableKeyRequest
from kmsmodel.operations.rotation import ListKeyRotationsRequest, RotateKeyOnDemandRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ImportType,
    IncludeKeyMaterial,
    OriginType,
    WrappingKeySpec,
)

ResponseT = TypeVar("ResponseT")

OPENING: Final = (
    "You will see a KMS key with imported key material, from creation to deletion.",
    "AWS is not called: kmsmodel answers in this process, and days pass in no time.",
)

CLOSING: Final = (
    "You saw the four key states of a single-Region key with imported key material,",
    "and what moves it between them. For all keys and operations: kmsmodel states",
)

ALGORITHM: Final = AlgorithmSpec.RSAES_OAEP_SHA_256
ENCRYPTION_CONTEXT: Final = {"purpose": "demo"}
PLAINTEXT: Final = b"The quick brown fox"


@final
@frozen
class Tour:
    """A `LocalKms`, a transcript of what it is asked and answers, and a folder for files."""

    local: LocalKms
    transcript: Transcript
    folder: Path

    def ask(self, request: Request[ResponseT], *, answer: bool = True, **files: str) -> ResponseT:
        """Print a request and, unless it is a repetition, the response; ``files`` names the file of each blob."""
        self.transcript.command(*aws_command(request, files))
        response = self.local.handle(request)
        if answer:
            self.transcript.answer(response)
        return response

    def refused(self, request: Request[Any], **files: str) -> None:
        """Print a request that AWS KMS refuses, and its error."""
        self.transcript.command(*aws_command(request, files))
        try:
            self.local.handle(request)
        except KmsError as error:
            self.transcript.error(request.operation, error)
        else:
            raise AssertionError(f"{request.operation} was not refused")

    def decrypt(self, request: DecryptRequest) -> None:
        """Print a request to decrypt ``ciphertext.bin``, and the plaintext alone."""
        words = aws_command(request, {"ciphertext_blob": "ciphertext.bin"})
        self.transcript.command(*words, "--query Plaintext", "--output text", "| base64 --decode")
        self.transcript.say((self.local.handle(request).plaintext or b"").decode())

    def openssl(self, *words: str) -> None:
        """Print a command of openssl, and run it in the folder. Raises ClickException if it fails."""
        self.transcript.command(f"openssl {words[0]}", *words[1:])
        arguments = " ".join(words).split()
        run = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, check=False, capture_output=True, text=True
        )
        if run.returncode:
            raise click.ClickException(f"openssl {words[0]} failed: {run.stderr.strip()}")

    def save(self, files: Mapping[str, bytes]) -> None:
        """Write blobs into files of the folder, and say so."""
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        self.note(f"# Saved, decoded from base64: {', '.join(files)}")

    def key_state(self, key_id: str) -> None:
        """Print the key state."""
        try:
            key = self.local.handle(DescribeKeyRequest(key_id=key_id)).key_metadata
            self.transcript.say(f"Key state: {key.key_state}", style="bold green")
        except NotFoundException:
            self.transcript.say("Key state: none, the KMS key is deleted", style="bold green")

    def wait(self, days: int) -> None:
        """Let days pass, and say so."""
        self.local.clock.advance(days=days)
        self.note(f"... {days} days pass ...")

    def note(self, text: str) -> None:
        """Print what is neither typed nor answered."""
        self.transcript.say(text, style="dim")


def take(tour: Tour) -> None:
    """Take a KMS key with imported key material through its life."""
    for line in OPENING:
        tour.transcript.say(line)

    tour.transcript.heading("Step 1: Create a KMS key without key material")
    created = tour.ask(CreateKeyRequest(origin=OriginType.EXTERNAL, description="Imported"))
    key_id = created.key_metadata.key_id
    tour.key_state(key_id)
    (tour.folder / "plaintext.txt").write_bytes(PLAINTEXT)
    tour.transcript.command(f"printf '{PLAINTEXT.decode()}' >plaintext.txt")
    tour.refused(EncryptRequest(key_id=key_id, plaintext=PLAINTEXT), plaintext="plaintext.txt")

    material = import_key_material(tour, key_id, "first", valid_for_days=7)
    tour.key_state(key_id)

    tour.transcript.heading("Use the KMS key")
    encrypted = tour.ask(
        EncryptRequest(key_id=key_id, plaintext=PLAINTEXT, encryption_context=ENCRYPTION_CONTEXT),
        plaintext="plaintext.txt",
    )
    tour.save({"ciphertext.bin": encrypted.ciphertext_blob})
    decrypt = DecryptRequest(
        ciphertext_blob=encrypted.ciphertext_blob, encryption_context=ENCRYPTION_CONTEXT
    )
    tour.ask(decrypt, ciphertext_blob="ciphertext.bin")

    tour.transcript.heading("Let the key material expire")
    tour.wait(days=8)
    tour.key_state(key_id)
    tour.refused(decrypt, ciphertext_blob="ciphertext.bin")

    tour.transcript.heading("Reimport the same key material; no other is accepted")
    import_key_material(tour, key_id, "other", again=True, refused=True)
    tour.key_state(key_id)
    import_key_material(tour, key_id, "first", again=True)
    tour.key_state(key_id)
    tour.decrypt(decrypt)

    tour.transcript.heading("Rotate to new key material")
    import_key_material(tour, key_id, "second", again=True, import_type=ImportType.NEW_KEY_MATERIAL)
    tour.ask(RotateKeyOnDemandRequest(key_id=key_id))
    tour.ask(
        ListKeyRotationsRequest(
            key_id=key_id, include_key_material=IncludeKeyMaterial.ALL_KEY_MATERIAL
        )
    )
    tour.key_state(key_id)
    tour.note("# What was encrypted under the first key material can still be decrypted:")
    tour.decrypt(decrypt)

    delete(tour, key_id)
    tour.refused(decrypt, ciphertext_blob="ciphertext.bin")

    tour.transcript.heading("Decrypt without the KMS key, with its key material alone")
    tour.note("# The form is that of AWS, what is inside is kmsmodel's own.")
    opened = open_outside(encrypted.ciphertext_blob, material, ENCRYPTION_CONTEXT)
    tour.transcript.say(f"first.bin decrypts ciphertext.bin: {opened.decode()}", "bold green")

    tour.transcript.say("")
    for line in CLOSING:
        tour.transcript.say(line)


def delete(tour: Tour, key_id: str) -> None:
    """Schedule the deletion of the KMS key, cancel it, and schedule it again until the KMS key is deleted."""
    tour.transcript.heading("Schedule the deletion of the KMS key, cancel it, schedule it again")
    schedule = ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=7)
    tour.ask(schedule)
    tour.key_state(key_id)
    tour.ask(CancelKeyDeletionRequest(key_id=key_id))
    tour.key_state(key_id)
    tour.ask(EnableKeyRequest(key_id=key_id))
    tour.key_state(key_id)
    tour.ask(schedule, answer=False)
    tour.wait(days=7)
    tour.key_state(key_id)


def import_key_material(
    tour: Tour,
    key_id: str,
    name: str,
    *,
    again: bool = False,
    refused: bool = False,
    valid_for_days: int | None = None,
    import_type: ImportType | None = None,
) -> bytes:
    """
    Steps 2 to 4 of the guide, with the key material of this name, which is returned.

    If they were taken before, steps 2 and 3 are taken again without a word.
    """
    if again:
        tour.note(f"... steps 2 and 3 again, with {name}.bin ...")
    before = evolve(tour, transcript=Transcript(Console(quiet=True))) if again else tour
    before.transcript.heading("Step 2: Download the wrapping public key and import token")
    parameters = before.ask(
        GetParametersForImportRequest(
            key_id=key_id,
            wrapping_algorithm=ALGORITHM,
            wrapping_key_spec=WrappingKeySpec.RSA_4096,
        )
    )
    before.save(
        {
            "WrappingPublicKey.bin": parameters.public_key,
            "ImportToken.bin": parameters.import_token,
        }
    )
    before.transcript.heading("Step 3: Encrypt the key material")
    material, encrypted = encrypt_key_material(before, name, parameters.public_key)
    before.transcript.heading("Step 4: Import the key material")
    now = tour.local.clock.now()
    valid_to = None if valid_for_days is None else now + timedelta(days=valid_for_days)
    request = ImportKeyMaterialRequest(
        key_id=key_id,
        import_token=parameters.import_token,
        encrypted_key_material=encrypted,
        expiration_model=expiration_model(valid_to),
        valid_to=valid_to,
        import_type=import_type,
        key_material_description=None if refused else name,
    )
    answer = tour.refused if refused else tour.ask
    answer(request, import_token="ImportToken.bin", encrypted_key_material=f"{name}.encrypted")
    return material


def encrypt_key_material(tour: Tour, name: str, public_key: bytes) -> tuple[bytes, bytes]:
    """
    The key material of this name, in the clear and encrypted under the wrapping public key.

    It is made the first time that it is asked for.
    """
    material, encrypted = tour.folder / f"{name}.bin", tour.folder / f"{name}.encrypted"
    if shutil.which("openssl") is None:
        tour.note("# openssl is not on the PATH: kmsmodel makes and encrypts the key material.")
        if not material.exists():
            material.write_bytes(os.urandom(32))
        encrypted.write_bytes(wrap_key_material(public_key, ALGORITHM, material.read_bytes()))
    else:
        if not material.exists():
            tour.openssl("rand", f"-out {material.name}", "32")
        tour.openssl(
            "pkeyutl",
            *("-encrypt", f"-in {material.name}", f"-out {encrypted.name}"),
            *("-pubin", "-inkey WrappingPublicKey.bin", "-keyform DER"),
            *("-pkeyopt rsa_padding_mode:oaep", "-pkeyopt rsa_oaep_md:sha256"),
            "-pkeyopt rsa_mgf1_md:sha256",
        )
    return material.read_bytes(), encrypted.read_bytes()


def open_outside(blob: bytes, material: bytes, encryption_context: Mapping[str, str]) -> bytes:
    """
    The plaintext of a ciphertext, decrypted without the KMS key, as ``docs/ciphertext.md`` describes it.
    """
    header, salt, der = blob[:37], blob[38:54], blob[58:]
    parameters = der.index(bytes.fromhex("30 11 04 0c")) + 4
    nonce = der[parameters : parameters + 12]
    length_of_length = max(0, der[parameters + 16] - 0x80)
    content = der[parameters + 17 + length_of_length :]
    handle, sealed = content[:7], content[7:-4]
    additional_data = header + handle + len(encryption_context).to_bytes(4, "big")
    for pair in sorted((k.encode(), v.encode()) for k, v in encryption_context.items()):
        for text in pair:
            additional_data += len(text).to_bytes(4, "big") + text
    derivation = b"\x00\x00\x00\x01" + b"kmsmodel" + b"\x00" + salt + b"\x00\x00\x01\x00"
    key = hmac.digest(material, derivation, hashlib.sha256)
    return AESGCM(key).decrypt(nonce, sealed, additional_data)
