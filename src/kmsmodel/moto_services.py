"""
moto's S3 and Secrets Manager, which ask a `LocalKms` as the services of AWS ask AWS KMS.

A data key is generated when something is written, and decrypted when it is read, by the caller and through the service.
Sources: *Using server-side encryption with AWS KMS keys* in the Amazon S3 User Guide; *Secret encryption and
decryption* in the AWS Secrets Manager User Guide; what was recorded of AWS in September 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, final
from uuid import uuid4

from moto.core.exceptions import JsonRESTError
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response
from moto.secretsmanager.models import SecretsManagerBackend

from kmsmodel.errors import (
    AccessDeniedException,
    DisabledException,
    ExpiredTokenException,
    KmsError,
    KMSInvalidStateException,
    UnrecognizedClientException,
)
from kmsmodel.local import LocalKms
from kmsmodel.moto_seams import Method, Replacements, caller_through

_S3_DEFAULT = "alias/aws/s3"
_SEALED = "_kmsmodel_sealed"
"""An attribute of moto's objects: the data key that one is encrypted under, with its context and Region."""


@final
class Services:
    """The services, and the data keys of the secrets."""

    def __init__(self, local: LocalKms) -> None:
        self._local = local
        self._of_secrets: dict[tuple[str, str], bytes] = {}

    def replacements(self) -> Replacements:
        put = ("bucket_name", "key_name", "value", "storage", "etag", "multipart", "encryption")
        add = ("secret_id", "secret_string", "secret_binary", "description", "tags", "kms_key_id")
        read = ("secret_id", "version_id", "version_stage")
        return {
            (S3Backend, "put_object"): ((*put, "kms_key_id", "bucket_key_enabled"), self._put),
            (S3Response, "get_object"): ((), self._get),
            (SecretsManagerBackend, "_add_secret"): ((*add, "version_id"), self._add),
            (SecretsManagerBackend, "get_secret_value"): (read, self._read),
        }

    # ---- S3

    def _put(self, put: Method) -> Method:
        def put_object(
            backend: Any, bucket_name: str, key_name: str, *args: Any, **options: Any
        ) -> Any:
            bucket = backend.get_bucket(bucket_name)
            rule = (bucket.encryption or {}).get("Rule", {})
            default = rule.get("ApplyServerSideEncryptionByDefault", {})
            encryption = options.get("encryption") or default.get("SSEAlgorithm")
            if encryption not in {"aws:kms", "aws:kms:dsse"}:
                return put(backend, bucket_name, key_name, *args, **options)
            key_id = options.get("kms_key_id") or default.get("KMSMasterKeyID") or _S3_DEFAULT
            of_bucket = options.get("bucket_key_enabled") or rule.get("BucketKeyEnabled")
            is_of_bucket = str(of_bucket).lower() == "true"
            arn = bucket.arn if is_of_bucket else f"{bucket.arn}/{key_name}"
            context = {"aws:s3:arn": arn}
            ask = _Ask(self._local, "s3", backend.account_id, bucket.region_name, _refuse_in_s3)
            sealed = ask.data_key(key_id, context)
            made = put(backend, bucket_name, key_name, *args, **options)
            setattr(made, _SEALED, (sealed, context, bucket.region_name))
            return made

        return put_object

    def _get(self, get: Method) -> Method:
        def get_object(response: Any) -> Any:
            key, _ = response._get_key()
            sealed, context, region = getattr(key, _SEALED, (None, {}, ""))
            if sealed is not None:
                ask = _Ask(self._local, "s3", response.current_account, region, _refuse_in_s3)
                ask.decrypt(sealed, context)
            return get(response)

        return get_object

    # ---- Secrets Manager

    def _add(self, add: Method) -> Method:
        def _add_secret(backend: Any, secret_id: str, *args: Any, **options: Any) -> Any:
            given = dict(zip(_ADDED, args, strict=False)) | options
            has_value = given.get("secret_string") is not None
            has_value = has_value or given.get("secret_binary") is not None
            given["version_id"] = given.get("version_id") or str(uuid4())
            known = backend.secrets.get(secret_id)
            if known is None:
                made = add(backend, secret_id, **given)
                try:
                    self._seal(backend, made[0], given, has_value=has_value)
                except JsonRESTError:
                    backend.secrets.pop(secret_id)
                    raise
                return made
            self._seal(backend, known, given, has_value=has_value)
            return add(backend, secret_id, **given)

        return _add_secret

    def _seal(
        self, backend: Any, secret: Any, given: Mapping[str, Any], *, has_value: bool
    ) -> None:
        key_id = given.get("kms_key_id")
        account, region = backend.account_id, backend.region_name
        if has_value:
            ask = _Ask(self._local, "secretsmanager", account, region, _refuse_to_encrypt)
            context = {"SecretARN": secret.arn, "SecretVersionId": given["version_id"]}
            name = key_id or secret.kms_key_id or backend.DEFAULT_KMS_KEY_ALIAS
            self._of_secrets[secret.arn, given["version_id"]] = ask.data_key(name, context)
        elif key_id is not None:  # a trial
            ask = _Ask(self._local, "secretsmanager", account, region, _refuse_the_key)
            context = {"SecretARN": secret.arn, "SecretVersionId": "RequestToValidateKeyAccess"}
            ask.decrypt(ask.data_key(key_id, context), context)

    def _read(self, read: Method) -> Method:
        def get_secret_value(
            backend: Any, secret_id: str, version_id: str, version_stage: str
        ) -> Any:
            value = read(backend, secret_id, version_id, version_stage)
            sealed = self._of_secrets.get((value["ARN"], value["VersionId"]))
            if sealed is not None:
                account, region = backend.account_id, backend.region_name
                ask = _Ask(self._local, "secretsmanager", account, region, _refuse_to_decrypt)
                context = {"SecretARN": value["ARN"], "SecretVersionId": value["VersionId"]}
                ask.decrypt(sealed, context)
            return value

        return get_secret_value


_ADDED = ("secret_string", "secret_binary", "description", "tags", "kms_key_id", "version_id")

Refuse = Callable[[KmsError], NoReturn]


@final
class _Ask:
    """What a service asks of AWS KMS for a caller; ``refuse`` passes on what AWS KMS refuses."""

    def __init__(
        self, local: LocalKms, service: str, account: str, region: str, refuse: Refuse
    ) -> None:
        self._local = local
        self._region = region
        self._refuse = refuse
        try:
            self._caller = caller_through(service, local, account, region)
        except KmsError as refused:
            refuse(refused)

    def data_key(self, key_id: str, context: Mapping[str, str]) -> bytes:
        members = {"KeyId": key_id, "KeySpec": "AES_256", "EncryptionContext": context}
        sealed: bytes = self._ask("GenerateDataKey", members)["CiphertextBlob"]
        return sealed

    def decrypt(self, sealed: bytes, context: Mapping[str, str]) -> None:
        self._ask("Decrypt", {"CiphertextBlob": sealed, "EncryptionContext": context})

    def _ask(self, operation: str, members: Mapping[str, object]) -> Any:
        try:
            return self._local.dispatch(
                operation, members, caller=self._caller, region=self._region
            )
        except KmsError as refused:
            self._refuse(refused)


# ---- how a service passes a refusal on


def _refuse_in_s3(refused: KmsError) -> NoReturn:
    if isinstance(refused, AccessDeniedException):
        raise S3ClientError("AccessDenied", refused.message)
    if isinstance(refused, UnrecognizedClientException):
        told = "The AWS Access Key Id you provided does not exist in our records."
        raise S3ClientError("InvalidAccessKeyId", told)
    raise S3ClientError(f"KMS.{refused.code}", refused.message)


def _refuse_to_encrypt(refused: KmsError) -> NoReturn:
    _refuse_a_value(refused, "EncryptionFailure", "can't encrypt the secret value")


def _refuse_to_decrypt(refused: KmsError) -> NoReturn:
    _refuse_a_value(refused, "DecryptionFailure", "can't decrypt the secret value")


def _refuse_a_value(refused: KmsError, code: str, sentence: str) -> NoReturn:
    if not isinstance(refused, DisabledException | KMSInvalidStateException):
        _refuse_the_key(refused)
    raise JsonRESTError(code, f"Secrets Manager {sentence}: {_told(refused)}")


def _refuse_the_key(refused: KmsError) -> NoReturn:
    if isinstance(refused, AccessDeniedException):
        raise JsonRESTError("AccessDeniedException", "Access to KMS is not allowed")
    if isinstance(refused, UnrecognizedClientException | ExpiredTokenException):
        raise JsonRESTError(refused.code, refused.message)
    told = f"of an invalid KMS key: {_told(refused)}"
    if isinstance(refused, DisabledException):
        told = "the specified KMS key is disabled."
    raise JsonRESTError("InvalidParameterException", f"The operation failed because {told}")


def _told(refused: KmsError) -> str:
    """An error of AWS KMS in the words of a service that asked it."""
    about = f"Service: AWSKMS; Status Code: {refused.http_status}; Error Code: {refused.code}"
    return f"{refused.message} ({about}; Request ID: {uuid4()}; Proxy: null)"
