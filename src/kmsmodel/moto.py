"""
A `LocalKms` in the place of moto's AWS KMS, while moto answers for all other services.

Clients of KMS, and whatever in moto asks its KMS, are answered by the `LocalKms`: the tagging API, CloudFormation's
keys and aliases, the AWS managed keys of EBS and DynamoDB. moto's S3 and Secrets Manager, which ask nobody, ask it too.
It holds for `mock_aws` and for moto's server in this process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast, final

try:
    from moto.core.exceptions import JsonRESTError
    from moto.core.resource_tagging import TaggedResource
    from moto.kms.models import Alias, Key, KmsBackend
    from moto.kms.responses import KmsResponse
except ModuleNotFoundError as error:
    error.add_note("kmsmodel.moto needs an extra: pip install '.[moto]' in a clone of kmsmodel")
    raise

from kmsmodel import wire
from kmsmodel.calls.caller import Caller
from kmsmodel.errors import KmsError
from kmsmodel.local import LocalKms
from kmsmodel.moto_seams import (
    WHO_ASKS,
    Method,
    MotoChangedError,
    Replacement,
    Replacements,
    asking_of,
    replaced,
)
from kmsmodel.moto_services import Services
from kmsmodel.words.arguments import expect

__all__ = ["MotoChangedError", "patched"]

_ACCOUNT = "MOTO_ACCOUNT_ID"


@contextmanager
def patched(local: LocalKms) -> Generator[None]:
    """
    Let ``local`` answer in the place of moto's KMS until the end of the ``with`` block.

    moto's account is then that of ``local``, unless ``MOTO_ACCOUNT_ID`` is set. Raises MotoChangedError if moto is of a
    version that is too different.
    """
    expect("local", local, LocalKms)
    told = os.environ.get(_ACCOUNT)
    with replaced({**WHO_ASKS, **Services(local).replacements(), **_in_the_place_of_kms(local)}):
        os.environ[_ACCOUNT] = told or local.account
        try:
            yield
        finally:
            os.environ.pop(_ACCOUNT)
            if told is not None:
                os.environ[_ACCOUNT] = told


# ---- what clients ask


def _answering(local: LocalKms) -> Method:
    """What answers a request to moto's KMS."""

    def _dispatch(
        self: Any, request: Any, full_url: str | None = None, headers: Any = None
    ) -> tuple[int, dict[str, str], bytes]:
        self.setup_class(request, full_url, headers)
        body = self.raw_body.encode() if isinstance(self.raw_body, str) else self.raw_body
        target = request.headers.get("X-Amz-Target") or ""
        try:
            caller = asking_of(self).caller(local, self.region)
            answer = local.respond(target, body, caller=caller, region=self.region)
        except KmsError as refused:
            answer = wire.render(refused, local.step(lambda kms, call: (kms, call.request_id)))
        return answer.status, dict(answer.headers), answer.body

    return _dispatch


# ---- what moto asks


@final
class _Backend:
    """moto's KMS of an account and a Region, as moto's other services use it."""

    def __init__(self, local: LocalKms, backend: Any) -> None:
        self._local = local
        self._account: str = backend.account_id
        self._region: str = backend.region_name

    def ask(self, operation: str, **members: object) -> Any:
        """Ask as AWS itself, whom no policy stops. Raises moto's JsonRESTError."""
        given = {name: value for name, value in members.items() if value is not None}
        caller = Caller.unasked(self._account, self._region)
        try:
            return self._local.dispatch(operation, given, caller=caller, region=self._region)
        except KmsError as refused:
            raise JsonRESTError(refused.code, refused.message) from refused

    def aliases(self, key_id: str | None = None) -> list[str]:
        return [each["AliasName"] for each in self._all("ListAliases", "Aliases", KeyId=key_id)]

    def _all(self, operation: str, what: str, **members: object) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        marker = None
        while True:
            page = self.ask(operation, Marker=marker, **members)
            found += page[what]
            marker = page.get("NextMarker")
            if marker is None:
                return found

    def alias(self, name: str, key_id: str) -> Alias:
        make = cast("Any", Alias)  # it has abstract methods, which nobody calls
        made: Alias = make(self._account, self._region, name, self.describe_key(key_id))
        return made

    # ---- as moto names it

    def create_key(  # noqa: PLR0917 - moto gives some by name and some by place
        self,
        policy: Any,
        key_usage: str | None,
        key_spec: str | None,
        description: str | None,
        tags: Sequence[Mapping[str, str]] | None,
        multi_region: bool = False,
        origin: str = "AWS_KMS",
    ) -> _Key:
        made = self.ask(
            "CreateKey",
            Policy=policy if isinstance(policy, str | None) else json.dumps(policy),
            KeyUsage=key_usage,
            KeySpec=key_spec,
            Description=description,
            Tags=[_tag(each) for each in tags or ()],
            MultiRegion=multi_region,
            Origin=origin,
            BypassPolicyLockoutSafetyCheck=True,
        )
        return _key(self, made["KeyMetadata"])

    def describe_key(self, key_id: str) -> _Key:
        """A key by whichever name. Raises KeyError, as moto does."""
        try:
            metadata = self.ask("DescribeKey", KeyId=key_id)["KeyMetadata"]
        except JsonRESTError as refused:
            raise KeyError(key_id) from refused
        return _key(self, metadata)

    def list_keys(self) -> list[_Key]:
        return [self.describe_key(each["KeyId"]) for each in self._all("ListKeys", "Keys")]

    def delete_key(self, key_id: str) -> None:
        """CloudFormation deletes a key after the waiting period."""
        self.ask("ScheduleKeyDeletion", KeyId=key_id)

    def alias_exists(self, alias_name: str) -> bool:
        """So that nobody makes a key for an alias of AWS, which makes its own."""
        return alias_name.startswith("alias/aws/") or alias_name in self.aliases()

    def create_alias(self, target_key_id: str, alias_name: str) -> Alias:
        self.ask("CreateAlias", AliasName=alias_name, TargetKeyId=target_key_id)
        return self.alias(alias_name, target_key_id)

    def update_alias(self, target_key_id: str, alias_name: str) -> Alias:
        self.ask("UpdateAlias", AliasName=alias_name, TargetKeyId=target_key_id)
        return self.alias(alias_name, target_key_id)

    def delete_alias(self, alias_name: str) -> None:
        self.ask("DeleteAlias", AliasName=alias_name)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for key in self.list_keys():
            if key.key_manager == "CUSTOMER":
                found = self._all("ListResourceTags", "Tags", KeyId=key.id)
                tags = {tag["TagKey"]: tag["TagValue"] for tag in found}
                yield TaggedResource(arn=key.arn, tags=tags, resource_type="kms:key")

    def tag_resource(self, arn: str, tags: Mapping[str, str]) -> None:
        given = [{"TagKey": name, "TagValue": value} for name, value in tags.items()]
        self.ask("TagResource", KeyId=arn, Tags=given)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        self.ask("UntagResource", KeyId=arn, TagKeys=tag_keys)


_ASKED: Mapping[str, Sequence[str]] = {
    "create_key": (
        *("policy", "key_usage", "key_spec", "description", "tags"),
        *("multi_region", "origin"),
    ),
    "describe_key": ("key_id",),
    "list_keys": (),
    "delete_key": ("key_id",),
    "alias_exists": ("alias_name",),
    "create_alias": ("target_key_id", "alias_name"),
    "update_alias": ("target_key_id", "alias_name"),
    "delete_alias": ("alias_name",),
    "iter_tagged_resources": (),
    "tag_resource": ("arn", "tags"),
    "untag_resource": ("arn", "tag_keys"),
}
"""What moto asks of its KMS, and the first parameters of each."""


class _Key(Key):
    """A KMS key as moto's other services see it. What CloudFormation sets is done."""

    _backend: _Backend

    def __init__(self, backend: _Backend, metadata: Mapping[str, Any]) -> None:
        vars(self).update(
            _backend=backend,
            id=metadata["KeyId"],
            arn=metadata["Arn"],
            account_id=metadata["AWSAccountId"],
            description=metadata["Description"],
            key_manager=metadata["KeyManager"],
            key_usage=metadata["KeyUsage"],
            key_spec=metadata["KeySpec"],
            key_state=str(metadata["KeyState"]),
            multi_region=metadata["MultiRegion"],
            origin=metadata["Origin"],
            enabled=metadata["Enabled"],
            region=metadata["Arn"].split(":")[3],
        )

    def __setattr__(self, name: str, value: object) -> None:
        backend: _Backend = vars(self)["_backend"]
        if name == "enabled" and str(value).lower() == "false":
            backend.ask("DisableKey", KeyId=self.id)
        elif name == "key_rotation_status" and str(value).lower() == "true":
            backend.ask("EnableKeyRotation", KeyId=self.id)
        vars(self)[name] = value

    def __getattr__(self, name: str) -> Any:
        """What AWS KMS has to be asked for."""
        if name == "policy":
            return self._backend.ask("GetKeyPolicy", KeyId=self.id)["Policy"]
        if name == "aliases":
            names = self._backend.aliases(self.id)
            return {each: self._backend.alias(each, self.id) for each in names}
        raise AttributeError(name)

    def delete(self, account_id: str, region_name: str) -> None:
        self._backend.delete_key(self.id)


def _key(backend: _Backend, metadata: Mapping[str, Any]) -> _Key:
    made: _Key = cast("Any", _Key)(backend, metadata)  # as of `Alias`
    return made


def _in_the_place_of_kms(local: LocalKms) -> Replacements:
    def asking(name: str) -> Callable[[Method], Method]:
        def method(self: Any, *args: Any, **options: Any) -> Any:
            return getattr(_Backend(local, self), name)(*args, **options)

        return lambda _: method

    answering = _answering(local)
    replacements: dict[tuple[type, str], Replacement] = {
        (KmsResponse, "_dispatch"): (("request", "full_url", "headers"), lambda _: answering)
    }
    for name, given in _ASKED.items():
        replacements[KmsBackend, name] = (given, asking(name))
    return replacements


def _tag(given: Mapping[str, str]) -> dict[str, str]:
    """A tag in AWS KMS's form, which CloudFormation gives in another."""
    key = given.get("TagKey") or given.get("Key") or ""
    return {"TagKey": key, "TagValue": given.get("TagValue") or given.get("Value") or ""}
