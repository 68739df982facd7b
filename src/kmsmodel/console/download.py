"""
What the console saves when somebody downloads a wrapping public key and an import token: one zip file.

Source: *Importing Key Material Step 2*; the names of its files differ between the editions. What the text file says is
known, but not in which words: `docs/fidelity.md`, *The console*.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from attrs import Attribute, field, frozen

from kmsmodel.console.editions import Edition
from kmsmodel.hsm.import_token import VALIDITY
from kmsmodel.operations.importing import GetParametersForImportResponse
from kmsmodel.words.arn import KeyArn, key_arn
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import AlgorithmSpec, WrappingKeySpec


@final
@frozen(kw_only=True)
class FileNames:
    """What the zip file and the files in it are called."""

    archive: str
    wrapping_key: str
    import_token: str
    readme: str


def names(edition: Edition, key_id: str, downloaded: datetime) -> FileNames:
    """The names of a download of this time."""
    stamp = f"{key_id}_{downloaded:%m%d%H%M%S}"
    if edition is Edition.NEW:
        return FileNames(
            archive=f"Import_Parameters_{stamp}.zip",
            wrapping_key="WrappingPublicKey.bin",
            import_token="ImportToken.bin",
            readme="README.txt",
        )
    return FileNames(
        archive="ImportParameters.zip",
        wrapping_key=f"wrappingKey_{stamp}",
        import_token=f"importToken_{stamp}",
        readme=f"README_{stamp}.txt",
    )


_YEARS = range(1980, 2108)
"""Of the times that a zip file can tell, but for a day at each end."""


def _zipped(
    _: object,
    attribute: Attribute[GetParametersForImportResponse],
    parameters: GetParametersForImportResponse,
) -> None:
    if in_utc(parameters.parameters_valid_to).year not in _YEARS[1:]:
        raise ValueError(f"{attribute.name} are valid until a time that no zip file can tell")
    _key(parameters)


def _key(parameters: GetParametersForImportResponse) -> KeyArn:
    key = key_arn(parameters.key_id)
    if key is None:
        raise ValueError(f"{parameters.key_id!r} is not the ARN of a KMS key")
    return key


@final
@frozen(kw_only=True)
class Download:
    """
    The zip file that one answer of `GetParametersForImport` is saved as.

    Equal answers give equal bytes. Raises ValueError for a time that no zip file can tell, and for a text other than a
    key ARN.
    """

    parameters: GetParametersForImportResponse = field(validator=_zipped)
    wrapping_key_spec: WrappingKeySpec
    wrapping_algorithm: AlgorithmSpec
    edition: Edition = Edition.NEW

    @property
    def downloaded(self) -> datetime:
        """When AWS KMS gave the parameters."""
        return in_utc(self.parameters.parameters_valid_to) - VALIDITY

    @property
    def names(self) -> FileNames:
        """What its files are called."""
        return names(self.edition, _key(self.parameters).key_id, self.downloaded)

    @property
    def readme(self) -> str:
        """The text file: the wrapping key, the wrapping algorithm, and until when both files are valid."""
        valid_to = in_utc(self.parameters.parameters_valid_to)
        lines = (
            f"KMS key: {self.parameters.key_id}",
            f"Wrapping public key: {self.names.wrapping_key} ({self.wrapping_key_spec}, DER)",
            f"Import token: {self.names.import_token}",
            f"Wrapping algorithm: {self.wrapping_algorithm}",
            f"Valid until: {valid_to:%Y-%m-%d %H:%M:%S} UTC",
            "",
            "Encrypt your key material under the wrapping public key with the wrapping algorithm.",
            "Then upload it together with this import token. Both files belong together.",
        )
        return "".join(f"{line}\n" for line in lines)

    @property
    def files(self) -> dict[str, bytes]:
        """The files in it, by name."""
        return {
            self.names.wrapping_key: self.parameters.public_key,
            self.names.import_token: self.parameters.import_token,
            self.names.readme: self.readme.encode(),
        }

    def archive(self) -> bytes:
        """The bytes of the zip file."""
        archive = io.BytesIO()
        with ZipFile(archive, "w", ZIP_DEFLATED) as zipped:
            for name, content in self.files.items():
                info = ZipInfo(name, self.downloaded.timetuple()[:6])
                info.compress_type = ZIP_DEFLATED
                zipped.writestr(info, content)
        return archive.getvalue()
