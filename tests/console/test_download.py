"""
The zip file of a download, and the way from it to an imported key, with openssl.
"""

from __future__ import annotations

import io
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from attrs import evolve

from kmsmodel import service
from kmsmodel.console.download import Download, names
from kmsmodel.console.editions import Edition
from kmsmodel.console.import_key_material import (
    ImportKeyMaterialDraft,
    ImportKeyMaterialWizard,
    choices,
)
from kmsmodel.console.wrapping_commands import WRAPPED
from kmsmodel.key.key_spec import ALGORITHMS, WRAPPING
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.importing import (
    GetParametersForImportRequest,
    GetParametersForImportResponse,
)
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    KeySpec,
    KeyState,
    OriginType,
    WrappingKeySpec,
)
from tests.basics import ARN, DAY, KEY_ID, NOW, PATIENCE, REGION, call

PARAMETERS = GetParametersForImportResponse(
    key_id=ARN,
    import_token=b"token",
    public_key=b"public key",
    parameters_valid_to=NOW + DAY,
)
DOWNLOAD = Download(
    parameters=PARAMETERS,
    wrapping_key_spec=WrappingKeySpec.RSA_3072,
    wrapping_algorithm=AlgorithmSpec.RSAES_OAEP_SHA_256,
)


def test_the_new_console_names_its_files_as_the_guide_of_2026_says() -> None:
    assert DOWNLOAD.names.archive == f"Import_Parameters_{KEY_ID}_1124123015.zip"
    assert list(DOWNLOAD.files) == ["WrappingPublicKey.bin", "ImportToken.bin", "README.txt"]


def test_the_original_console_names_its_files_as_the_guide_of_2019_says() -> None:
    """The key id and the time are those of the example there."""
    key_id = "f44c4e20-f83c-48f4-adc6-a1ef38829760"
    found = names(Edition.ORIGINAL, key_id, datetime(2016, 8, 9, 9, 29, 9, tzinfo=UTC))
    assert found.archive == "ImportParameters.zip"
    assert found.wrapping_key == "wrappingKey_f44c4e20-f83c-48f4-adc6-a1ef38829760_0809092909"
    assert found.import_token == "importToken_f44c4e20-f83c-48f4-adc6-a1ef38829760_0809092909"
    assert found.readme == "README_f44c4e20-f83c-48f4-adc6-a1ef38829760_0809092909.txt"


def test_the_text_file_tells_the_wrapping_key_the_algorithm_and_the_end() -> None:
    """So says the guide of the file; its words are not known."""
    assert DOWNLOAD.readme == (
        f"KMS key: {ARN}\n"
        "Wrapping public key: WrappingPublicKey.bin (RSA_3072, DER)\n"
        "Import token: ImportToken.bin\n"
        "Wrapping algorithm: RSAES_OAEP_SHA_256\n"
        "Valid until: 2026-11-25 12:30:15 UTC\n"
        "\n"
        "Encrypt your key material under the wrapping public key with the wrapping algorithm.\n"
        "Then upload it together with this import token. Both files belong together.\n"
    )


@pytest.mark.parametrize("edition", Edition)
def test_the_zip_file_has_the_three_files(edition: Edition) -> None:
    download = evolve(DOWNLOAD, edition=edition)
    with ZipFile(io.BytesIO(download.archive())) as zipped:
        assert zipped.testzip() is None
        assert {name: zipped.read(name) for name in zipped.namelist()} == download.files
        assert {info.date_time for info in zipped.infolist()} == {(2026, 11, 24, 12, 30, 14)}


def test_equal_downloads_are_equal_bytes() -> None:
    assert DOWNLOAD.archive() == evolve(DOWNLOAD).archive()
    token = evolve(PARAMETERS, import_token=b"another")
    assert DOWNLOAD.archive() != evolve(DOWNLOAD, parameters=token).archive()


@pytest.mark.parametrize("key_id", [KEY_ID, "../../etc/passwd", "", f"{ARN}/../x"])
def test_what_is_no_key_arn_names_no_files(key_id: str) -> None:
    with pytest.raises(ValueError, match="is not the ARN of a KMS key"):
        evolve(DOWNLOAD, parameters=evolve(PARAMETERS, key_id=key_id))


@pytest.mark.parametrize("year", [1, 1980, 2108, 9999])
def test_a_time_that_no_zip_file_can_tell_is_refused(year: int) -> None:
    valid_to = datetime(year, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="no zip file can tell"):
        evolve(DOWNLOAD, parameters=evolve(PARAMETERS, parameters_valid_to=valid_to))


# ---- with openssl


Way = tuple[KeySpec, WrappingKeySpec, AlgorithmSpec]

CHINA = "cn-north-1"
IN_CHINA = (
    (KeySpec.SYMMETRIC_DEFAULT, WrappingKeySpec.RSA_2048, AlgorithmSpec.RSAES_OAEP_SHA_256),
    (KeySpec.ECC_NIST_P256, WrappingKeySpec.SM2, AlgorithmSpec.SM2PKE),
    (KeySpec.SM2, WrappingKeySpec.SM2, AlgorithmSpec.SM2PKE),
)
WAYS = [
    (REGION, edition, (key_spec, wrapping_key_spec, algorithm))
    for key_spec in WRAPPING
    for edition in Edition
    for wrapping_key_spec, algorithms in list(choices(key_spec, REGION, edition).items())[-1:]
    for algorithm in algorithms
]
"""Each key spec with each algorithm, under the shortest wrapping key that suits."""


@pytest.mark.parametrize(
    "region, edition, way", [*WAYS, *((CHINA, Edition.NEW, way) for way in IN_CHINA)]
)
def test_a_download_leads_by_openssl_to_an_imported_key(
    region: str, edition: Edition, way: Way, tmp_path: Path
) -> None:
    """Unpack the zip file, do what the commands say, upload both files: the key is enabled."""
    key_spec, wrapping_key_spec, algorithm = way
    create = CreateKeyRequest(
        origin=OriginType.EXTERNAL, key_spec=key_spec, key_usage=next(iter(ALGORITHMS[key_spec]))
    )
    kms, created = service.handle(Kms(), create, call("create", region=region))
    draft = ImportKeyMaterialDraft(
        key_id=created.key_metadata.key_id,
        wrapping_key_spec=wrapping_key_spec if edition is Edition.NEW else None,
        wrapping_algorithm=algorithm,
        ready=edition is Edition.ORIGINAL,
    )
    wizard = ImportKeyMaterialWizard(draft, edition)
    request = wizard.parameters_request()
    assert isinstance(request, GetParametersForImportRequest)
    kms, parameters = service.handle(kms, request, call("parameters", region=region))

    wizard = evolve(wizard, draft=evolve(draft, parameters=parameters))
    download, commands = wizard.download(), wizard.commands(kms, call(region=region))
    assert download is not None
    assert commands is not None
    with ZipFile(io.BytesIO(download.archive())) as zipped:
        zipped.extractall(tmp_path)
    script = "\n".join(["set -e", *commands])
    subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True, timeout=PATIENCE)

    uploaded = evolve(
        wizard.draft,
        encrypted_key_material=(tmp_path / WRAPPED).read_bytes(),
        import_token=(tmp_path / download.names.import_token).read_bytes(),
    )
    wizard = evolve(wizard, draft=uploaded)
    assert wizard.outcome(kms, call("told", region=region)).key_state is KeyState.Enabled
    service.handle(
        kms, wizard.request(kms, call("told", region=region)), call("import", region=region)
    )
