"""
The wizard that imports key material: the choice of a wrapping key, the download, the upload, and what comes of it.

Sources: *Importing Key Material Step 2* and *Step 4* in the Developer Guide; `docs/fidelity.md`, *The console*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import final

from attrs import converters, evolve, field, fields_dict, frozen

from kmsmodel import service
from kmsmodel.calls.call import Call
from kmsmodel.console.download import Download, names
from kmsmodel.console.editions import WIZARDS, Edition, Wizard, WizardName
from kmsmodel.console.problems import Problem, Problems, by_step, refusal_of, told
from kmsmodel.console.wrapping_commands import wrapping_commands
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    ExpiredImportTokenException,
    IncorrectKeyMaterialException,
    InvalidCiphertextException,
    InvalidImportTokenException,
    KmsError,
    ValidationException,
)
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.key.key_spec import wrapping
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.importing import (
    GetParametersForImportRequest,
    GetParametersForImportResponse,
    ImportKeyMaterialRequest,
)
from kmsmodel.operations.keys import DescribeKeyRequest
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ExpirationModelType,
    ImportType,
    KeyMaterialState,
    KeySpec,
    KeyState,
    WrappingKeySpec,
)

Choices = Mapping[WrappingKeySpec, tuple[AlgorithmSpec, ...]]
"""The wrapping algorithms that suit a KMS key, by the wrapping key spec."""


_LONGEST_FIRST = (
    WrappingKeySpec.RSA_4096,
    WrappingKeySpec.RSA_3072,
    WrappingKeySpec.RSA_2048,
    WrappingKeySpec.SM2,
)


def choices(key_spec: KeySpec, region: str, edition: Edition = Edition.NEW) -> Choices:
    """
    What key material for this key spec may be wrapped with in a Region; nothing, if none can be imported.

    The original console knows one wrapping key spec, and imports into symmetric encryption keys only.
    """
    suiting, is_new = wrapping(region).get(key_spec, {}), edition is Edition.NEW
    if not is_new and key_spec is not KeySpec.SYMMETRIC_DEFAULT:
        return {}
    found = {
        spec: tuple(algorithm for algorithm in AlgorithmSpec if spec in suiting.get(algorithm, ()))
        for spec in (_LONGEST_FIRST if is_new else (WrappingKeySpec.RSA_2048,))
    }
    return {spec: algorithms for spec, algorithms in found.items() if algorithms}


@final
@frozen(kw_only=True)
class ImportKeyMaterialDraft:
    """
    What is chosen and uploaded in the wizard, so far.

    ``key_id`` is the key id or the key ARN. ``parameters`` are what `GetParametersForImport` has answered, if it was
    asked. ``encrypted_key_material`` and ``import_token`` are the files that were uploaded. ``ready`` is a box of the
    original console.
    """

    key_id: str = ""
    wrapping_key_spec: WrappingKeySpec | None = None
    wrapping_algorithm: AlgorithmSpec | None = None
    ready: bool = False
    parameters: GetParametersForImportResponse | None = None
    encrypted_key_material: bytes | None = None
    import_token: bytes | None = None
    expires: bool = False
    valid_to: datetime | None = field(default=None, converter=converters.optional(in_utc))
    import_type: ImportType | None = None
    key_material_id: str | None = None
    key_material_description: str | None = None


@final
@frozen(kw_only=True)
class Outcome:
    """
    What an import leads to: the key state, what the key material is to the KMS key, and until when it is there.

    ``valid_to`` is None for key material that does not expire.
    """

    key_state: KeyState
    key_material_state: KeyMaterialState
    valid_to: datetime | None

    @property
    def sentence(self) -> str:
        """The same in words."""
        sentences = [f"The key state is {self.key_state}."]
        if self.key_material_state is not KeyMaterialState.CURRENT:
            sentences.append(f"The key material is {self.key_material_state}.")
        if self.valid_to is None:
            sentences.append("The key material does not expire.")
        else:
            text = f"{self.valid_to:%Y-%m-%d %H:%M:%S} UTC"
            sentences.append(
                f"The key material expires at {text}; AWS KMS then deletes it, "
                f"and the key state is {KeyState.PendingImport}."
            )
        return " ".join(sentences)


@final
@frozen
class ImportKeyMaterialWizard:
    """
    A draft of an import, in one edition of the console.

    Its methods take the state and the call that the requests would be answered with, and change nothing.
    """

    draft: ImportKeyMaterialDraft = ImportKeyMaterialDraft()
    edition: Edition = Edition.NEW

    @property
    def wizard(self) -> Wizard:
        """The pages of the wizard."""
        return WIZARDS[WizardName.IMPORT_KEY_MATERIAL, self.edition]

    @property
    def wrapping_key_spec(self) -> WrappingKeySpec | None:
        """The wrapping key spec that is chosen; the original console does not ask."""
        is_new = self.edition is Edition.NEW
        return self.draft.wrapping_key_spec if is_new else WrappingKeySpec.RSA_2048

    def key(self, kms: Kms, call: Call) -> KeyMetadata | None:
        """What the caller is told of the KMS key, or None if they are told nothing."""
        try:
            return self._described(kms, call)
        except KmsError:
            return None

    def _described(self, kms: Kms, call: Call) -> KeyMetadata:
        request = DescribeKeyRequest(key_id=self.draft.key_id)
        return service.handle(kms, request, call)[1].key_metadata

    def choices(self, kms: Kms, call: Call) -> Choices:
        """What may be chosen on the first page for this KMS key."""
        key = self.key(kms, call)
        return (
            {} if key is None else choices(KeySpec(key.key_spec or ""), call.region, self.edition)
        )

    def problems(self, kms: Kms, call: Call) -> Problems:
        """
        What is wrong on each page, so that the wizard is not left.

        The requests are tried on the state, and what AWS KMS refuses is a problem. So no wizard without problems is
        refused.
        """
        first = tuple(self._of_the_download(kms, call))
        return {
            **by_step(self.wizard, first, otherwise="download"),
            "upload": tuple(self._of_the_upload(kms, call)),
        }

    # ---- the first page

    def _of_the_download(self, kms: Kms, call: Call) -> Iterator[Problem]:
        for name, member in fields_dict(ImportKeyMaterialDraft).items():
            is_here = name in self.wizard.fields or name == "parameters"
            if not is_here and getattr(self.draft, name) != member.default:
                yield Problem(name, f"The {self.edition} console has no {name.replace('_', ' ')}.")
        try:
            key = self._described(kms, call)
        except KmsError as error:
            yield Problem("key_id", told(error))
            return
        if "ready" in self.wizard.fields and not self.draft.ready:
            yield Problem("ready", "Say that you are ready to upload your key material.")
        request = self.parameters_request()
        if request is not None:
            yield from self._of_the_choice(KeySpec(key.key_spec or ""), request, kms, call)
        elif self.draft.import_token is None:
            name = "wrapping_algorithm" if self.wrapping_key_spec else "wrapping_key_spec"
            yield Problem(name, f"Select a {name.replace('_', ' ')}.")

    def _of_the_choice(
        self, key_spec: KeySpec, request: GetParametersForImportRequest, kms: Kms, call: Call
    ) -> Iterator[Problem]:
        """What AWS KMS says to the request for parameters, and what this edition does not offer."""
        tried = evolve(call, hsm=SeededHsm("kmsmodel console"))
        refused = refusal_of(lambda: service.handle(kms, request, tried))
        if refused is not None:
            is_choice = isinstance(refused, ValidationException)
            yield Problem("wrapping_algorithm" if is_choice else "key_id", told(refused))
        elif self.edition is Edition.ORIGINAL and not choices(key_spec, call.region, self.edition):
            text = "The original console imports key material into symmetric encryption keys."
            yield Problem("key_id", text)

    def parameters_request(self) -> GetParametersForImportRequest | None:
        """The request that the download makes, or None if something is not chosen yet."""
        draft, wrapping_key_spec = self.draft, self.wrapping_key_spec
        if not draft.key_id or wrapping_key_spec is None or draft.wrapping_algorithm is None:
            return None
        return GetParametersForImportRequest(
            key_id=draft.key_id,
            wrapping_algorithm=draft.wrapping_algorithm,
            wrapping_key_spec=wrapping_key_spec,
        )

    def download(self) -> Download | None:
        """What is saved, or None before AWS KMS has given the parameters."""
        draft, request = self.draft, self.parameters_request()
        if draft.parameters is None or request is None:
            return None
        return Download(
            parameters=draft.parameters,
            wrapping_key_spec=request.wrapping_key_spec,
            wrapping_algorithm=request.wrapping_algorithm,
            edition=self.edition,
        )

    def commands(self, kms: Kms, call: Call) -> tuple[str, ...] | None:
        """How the key material may be wrapped, in a shell; None while the choice is open or does not suit the key."""
        request, key = self.parameters_request(), self.key(kms, call)
        if request is None or key is None:
            return None
        suiting = self.choices(kms, call).get(request.wrapping_key_spec, ())
        if request.wrapping_algorithm not in suiting:
            return None
        download = self.download()
        files = names(self.edition, key.key_id, call.now) if download is None else download.names
        key_spec = KeySpec(key.key_spec or "")
        algorithm = request.wrapping_algorithm
        return wrapping_commands(key_spec, algorithm, files.wrapping_key, call.region)

    # ---- the second page

    def _of_the_upload(self, kms: Kms, call: Call) -> Iterator[Problem]:
        draft = self.draft
        if draft.encrypted_key_material is None:
            yield Problem("encrypted_key_material", "Choose the file of your wrapped key material.")
        if draft.import_token is None:
            yield Problem("import_token", "Choose the file of the import token.")
        if draft.expires and draft.valid_to is None:
            yield Problem("valid_to", "Choose when the key material expires.")
        request = self.import_request()
        if request is None or (draft.expires and draft.valid_to is None):
            return
        refused = refusal_of(lambda: service.handle(kms, request, call))
        if refused is not None:
            yield Problem(_FIELDS.get(type(refused), ""), told(refused))

    def import_request(self) -> ImportKeyMaterialRequest | None:
        """The request that the upload makes, or None before both files are there."""
        draft = self.draft
        if draft.encrypted_key_material is None or draft.import_token is None:
            return None
        expires, does_not = ExpirationModelType
        return ImportKeyMaterialRequest(
            key_id=draft.key_id,
            import_token=draft.import_token,
            encrypted_key_material=draft.encrypted_key_material,
            expiration_model=expires if draft.expires else does_not,
            valid_to=draft.valid_to if draft.expires else None,
            import_type=draft.import_type,
            key_material_id=draft.key_material_id,
            key_material_description=draft.key_material_description,
        )

    def request(self, kms: Kms, call: Call) -> ImportKeyMaterialRequest:
        """The request that the last button makes. Raises ValueError if there are problems."""
        problems = self.problems(kms, call)
        request = self.import_request()
        if request is None or any(problems.values()):
            texts = [each.text for step in problems.values() for each in step]
            raise ValueError(f"the draft is not finished: {'; '.join(texts)}")
        return request

    def outcome(self, kms: Kms, call: Call) -> Outcome:
        """What comes of it, if the request is made now. Raises ValueError if there are problems."""
        request = self.request(kms, call)
        after, response = service.handle(kms, request, call)
        key = after.key(response.key_id, call.now)
        if key is None:
            raise ValueError("the KMS key is gone")
        materials = key.lifecycle.materials
        imported = materials.get(response.key_material_id or "") or materials.current
        state = KeyMaterialState.CURRENT if imported is None else imported.key_material_state
        valid_to = None if imported is None else imported.valid_to
        return Outcome(
            key_state=after.key_state(key, call.now),
            key_material_state=state,
            valid_to=None if valid_to is None else in_utc(valid_to),
        )


_FIELDS: Mapping[type[KmsError], str] = {
    InvalidImportTokenException: "import_token",
    ExpiredImportTokenException: "import_token",
    InvalidCiphertextException: "encrypted_key_material",
    IncorrectKeyMaterialException: "encrypted_key_material",
    ValidationException: "valid_to",
}
"""Which member of the draft AWS KMS refuses, by the error."""
