"""
The condition keys of a request: what each of them is for this caller, this request and this KMS key.

Sources: *AWS KMS condition keys* in the Developer Guide; *AWS global condition context keys* in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, final

from kmsmodel.calls import recipients
from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import VIA_SERVICE, Caller
from kmsmodel.calls.request import Request
from kmsmodel.errors import NotFoundException
from kmsmodel.hsm import ciphertext
from kmsmodel.key.key import Key
from kmsmodel.memory.kms import Kms
from kmsmodel.policy.actions import ACTIONS
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.principal import PrincipalKind
from kmsmodel.policy.question import Value
from kmsmodel.words import arn
from kmsmodel.words.arn import ALIAS_PREFIX, KeyArn


@final
class RequestContext:
    """
    One request, as policies see it; each condition key is computed when a policy asks for it.

    ``action`` is the name in policies without ``kms:``. ``key`` is None for a request without a KMS key, and ``grant``
    is the one that RetireGrant is about.
    """

    __slots__ = ("action", "call", "grant", "key", "kms", "request")

    def __init__(
        self,
        action: str,
        request: Request[object],
        call: Call,
        *,
        kms: Kms,
        key: Key | None = None,
        grant: Grant | None = None,
    ) -> None:
        self.action = action
        self.request = request
        self.call = call
        self.kms = kms
        self.key = key
        self.grant = grant

    def get(self, name: str, /) -> Value | None:
        """The value of a condition key, by its name in lower case, or None if the request does not have it."""
        derive = _OF_THE_CALLER.get(name)
        if derive is not None:
            return derive(self)
        for prefix, member_of in _FAMILIES.items():
            if name.startswith(prefix):
                is_carried = not self._carried.isdisjoint((prefix, name))
                return member_of(self, name[len(prefix) :]) if is_carried else None
        derive = _OF_THE_REQUEST.get(name)
        if derive is not None:
            return derive(self) if name in self._carried else None
        return self.call.caller.context.get(name)

    @property
    def _carried(self) -> frozenset[str]:
        """
        The condition keys, and families of them, that the request can have, in lower case.

        What belongs to a KMS key needs one, or one that is being created: an alias has no condition keys.
        """
        if self.key is None and _is_on_a_key(self.action) and not self._creates_a_key:
            return frozenset()
        return _CARRIED.get(self.action, frozenset())

    @property
    def _creates_a_key(self) -> bool:
        return self.request.operation == "CreateKey"

    def member(self, name: str) -> Any:
        """A member of the request, or None if the operation has no such member."""
        return getattr(self.request, name, None)

    @property
    def encryption_context(self) -> Mapping[str, str]:
        """The encryption context that this action is about; for a grant, that of its constraints."""
        constraints = self.constraints
        if constraints is not None:
            equals, subset = (
                constraints.encryption_context_equals,
                constraints.encryption_context_subset,
            )
            return equals or subset or {}
        return self.member(_ENCRYPTION_CONTEXT.get(self.action, "encryption_context")) or {}

    @property
    def constraints(self) -> GrantConstraints | None:
        """The constraints of the grant that the request makes or retires."""
        return self.member("constraints") if self.grant is None else self.grant.constraints


_ENCRYPTION_CONTEXT = {
    "ReEncryptFrom": "source_encryption_context",
    "ReEncryptTo": "destination_encryption_context",
}

_Derivation: TypeAlias = Callable[[RequestContext], "Value | None"]


def _is_on_a_key(action: str) -> bool:
    known = ACTIONS.get(action)
    return known is not None and known.on_key


_CARRIED = {
    name: frozenset(key.lower() for key in action.condition_keys)
    for name, action in ACTIONS.items()
}

# ---- of the caller


def user_id(caller: Caller) -> Value | None:
    """The value of ``aws:userid``, if the unique id of the user or role is known; a root user and others need none."""
    principal = caller.principal
    if principal.kind is PrincipalKind.ROOT_USER:
        return principal.account
    if principal.kind is PrincipalKind.FEDERATED_USER:
        return f"{principal.account}:{principal.name}"
    if principal.unique_id is None:
        return caller.context.get("aws:userid")
    session = principal.session_name
    return principal.unique_id if session is None else f"{principal.unique_id}:{session}"


def _user_name(of: RequestContext) -> str | None:
    caller = of.call.caller.principal
    return caller.name if caller.kind is PrincipalKind.USER else None


def _is_service(of: RequestContext) -> str:
    return _text(of.call.caller.principal.kind is PrincipalKind.SERVICE)


def _service_name(of: RequestContext) -> Value | None:
    """Only an AWS service that asks for itself has one: the name that the caller has, or comes with."""
    caller = of.call.caller
    given = caller.context.get("aws:principalservicename")
    is_service = caller.principal.kind is PrincipalKind.SERVICE
    return caller.principal.arn if given is None and is_service else given


def _principal_account(of: RequestContext) -> str | None:
    return of.call.caller.principal.account or None


def _owner(of: RequestContext) -> str | None:
    return of.call.caller.account if of.key is None else of.key.key_arn.account


def _organization_of_the_owner(of: RequestContext) -> Value | None:
    """All accounts of a directory are in one organization."""
    given = of.call.caller.context.get("aws:resourceorgid")
    return given if given is not None or of.call.iam is None else of.call.iam.organization_id


_PRINCIPAL_TYPES = {
    PrincipalKind.ROOT_USER: "Account",
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.SERVICE: "Service",
    PrincipalKind.ANONYMOUS: "Anonymous",
}


def _given(name: str, otherwise: str) -> _Derivation:
    """What the caller comes with, or what is true of most."""
    return lambda of: of.call.caller.context.get(name, otherwise)


_OF_THE_CALLER: Mapping[str, _Derivation] = {
    "aws:currenttime": lambda of: of.call.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "aws:epochtime": lambda of: str(_seconds(of.call.now)),
    "aws:principalaccount": _principal_account,
    "aws:principalarn": lambda of: of.call.caller.principal.policy_arn,
    "aws:principalisawsservice": _is_service,
    "aws:principalservicename": _service_name,
    "aws:principaltype": lambda of: _PRINCIPAL_TYPES[of.call.caller.principal.kind],
    "aws:requestedregion": lambda of: of.call.region,
    "aws:resourceaccount": _owner,
    "aws:resourceorgid": _organization_of_the_owner,
    "aws:securetransport": _given("aws:securetransport", "true"),
    "aws:userid": lambda of: user_id(of.call.caller),
    "aws:username": _user_name,
    "aws:viaawsservice": _given("aws:viaawsservice", "false"),
}
"""The global condition keys that each request has, whatever it asks."""


# ---- of the request and the KMS key


def _text(value: object) -> str:
    """A value as conditions compare it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _seconds(moment: Any) -> int:
    return int(moment.timestamp())


def _sent(member: str) -> _Derivation:
    """A member of the request, if it is there."""

    def derive(of: RequestContext) -> Value | None:
        value = of.member(member)
        return None if value is None else _text(value)

    return derive


def _sent_or(member: str, default: str) -> _Derivation:
    """A member of the request, or the value that it has if it is left out."""

    def derive(of: RequestContext) -> Value:
        value = of.member(member)
        return default if value is None else _text(value)

    return derive


def _of_the_key(attribute: Callable[[Key], object], of_a_new_key: _Derivation) -> _Derivation:
    """What is true of the KMS key, or of the one that the request creates."""

    def derive(of: RequestContext) -> Value | None:
        if of.key is None:
            return of_a_new_key(of)
        value = attribute(of.key)
        return None if value is None else _text(value)

    return derive


def _algorithm(of: RequestContext) -> str:
    """The algorithm that is used, also if the request does not say it."""
    sent = of.member(_ALGORITHM.get(of.action, "encryption_algorithm"))
    return _text(sent or "SYMMETRIC_DEFAULT")


_ALGORITHM = {
    "ReEncryptFrom": "source_encryption_algorithm",
    "ReEncryptTo": "destination_encryption_algorithm",
}


def _names_of_pairs(of: RequestContext) -> Value | None:
    return tuple(of.encryption_context) or None


def _pair(of: RequestContext, name: str) -> str | None:
    """The value of the first pair of the encryption context with this name, in whatever case."""
    return _named(name, of.encryption_context.items())


def _request_alias(of: RequestContext) -> str | None:
    """The name of the alias by which the request names its KMS key."""
    identifier: str = of.member(_IDENTIFIER.get(of.action, "key_id")) or ""
    _, found, name = identifier.rpartition(f":{ALIAS_PREFIX}")
    if found:
        return f"{ALIAS_PREFIX}{name}"
    return identifier if identifier.startswith(ALIAS_PREFIX) else None


_IDENTIFIER = {"ReEncryptFrom": "source_key_id", "ReEncryptTo": "destination_key_id"}


def _resource_aliases(of: RequestContext) -> Value | None:
    """The aliases of the KMS key; a key with more of them than its quota is as one without aliases."""
    names = () if of.key is None else of.key.alias_names
    return tuple(sorted(names)) if 0 < len(names) <= of.call.quotas.aliases_per_key else None


def _resource_tag(of: RequestContext, name: str) -> str | None:
    tags = () if of.key is None else of.key.tags
    return _named(name, ((tag.tag_key, tag.tag_value) for tag in tags))


def _request_tag(of: RequestContext, name: str) -> str | None:
    return _named(name, ((tag.tag_key, tag.tag_value) for tag in of.member("tags") or ()))


def _tag_keys(of: RequestContext) -> Value | None:
    sent = of.member("tag_keys") or tuple(tag.tag_key for tag in of.member("tags") or ())
    return tuple(sent) or None


def _named(name: str, pairs: Any) -> str | None:
    return next((value for each, value in pairs if each.lower() == name), None)


def _valid_to(of: RequestContext) -> str | None:
    valid_to = of.member("valid_to")
    return None if valid_to is None else str(_seconds(valid_to))


def _is_for_aws_resource(of: RequestContext) -> str:
    """True when an AWS service makes the request for the caller."""
    caller = of.call.caller
    return _text(VIA_SERVICE in caller.context or caller.principal.kind is PrincipalKind.SERVICE)


def _arn_of(identifier: str, of: RequestContext) -> str | None:
    """The ARN of the KMS key with this identifier, or None if there is none."""
    call = of.call
    try:
        named = arn.parse(identifier, call.caller.account, call.region)
    except NotFoundException:
        return None
    if isinstance(named, KeyArn):
        return str(named)
    alias = of.kms.alias(named, call.now)
    return None if alias is None else str(KeyArn(named.account, named.region, alias.target_key_id))


def _re_encrypt_on_same_key(of: RequestContext) -> str | None:
    """Whether the destination is the KMS key that the ciphertext was encrypted under."""
    if of.key is None:
        return None
    other = of.member("destination_key_id" if of.action == "ReEncryptFrom" else "source_key_id")
    if other is not None:
        return _text(_arn_of(other, of) == of.key.arn)
    blob = ciphertext.parse(of.member("ciphertext_blob") or b"")
    return None if blob is None else _text(blob.key_handle == ciphertext.key_handle(of.key.arn))


def _register(of: RequestContext, name: str) -> str | None:
    """A register in the attestation document of the request."""
    return recipients.register(name, of.member("recipient"), of.call)


def _grant_operations(of: RequestContext) -> Value | None:
    return tuple(map(_text, of.member("operations") or ())) or None


def _constraint_type(of: RequestContext) -> str | None:
    """Which constraint on the encryption context the grant has; an empty one is none."""
    constraints = of.constraints
    if constraints is None:
        return None
    if constraints.encryption_context_equals:
        return "EncryptionContextEquals"
    return "EncryptionContextSubset" if constraints.encryption_context_subset else None


def _constraint_source_arn(of: RequestContext) -> str | None:
    constraints = of.constraints
    return None if constraints is None else constraints.source_arn


def _days_without_usage(of: RequestContext) -> str | None:
    """The whole days since the last usage of the KMS key that is told, or since it was created."""
    if of.key is None:
        return None
    usage = of.kms.last_usage(of.key, of.call.now)
    since = of.key.creation_date if usage is None else usage.timestamp
    return str((of.call.now - since).days)


def _multi_region(of: RequestContext) -> str:
    return _text(bool(of.member("multi_region")))


def _new_primary(of: RequestContext) -> str | None:
    return "PRIMARY" if of.member("multi_region") else None


_KEY_SPEC = _of_the_key(
    lambda key: key.key_spec,
    lambda of: _text(
        of.member("key_spec") or of.member("customer_master_key_spec") or "SYMMETRIC_DEFAULT"
    ),
)
_KEY_USAGE = _of_the_key(lambda key: key.key_usage, _sent_or("key_usage", "ENCRYPT_DECRYPT"))

_OF_THE_REQUEST: Mapping[str, _Derivation] = {
    "aws:tagkeys": _tag_keys,
    "kms:bypasspolicylockoutsafetycheck": _sent("bypass_policy_lockout_safety_check"),
    "kms:calleraccount": _principal_account,
    "kms:customermasterkeyspec": _KEY_SPEC,
    "kms:customermasterkeyusage": _KEY_USAGE,
    "kms:datakeypairspec": _sent("key_pair_spec"),
    "kms:encapsulationalgorithm": _sent("encapsulation_algorithm"),
    "kms:encryptionalgorithm": _algorithm,
    "kms:encryptioncontextkeys": _names_of_pairs,
    "kms:expirationmodel": _sent("expiration_model"),
    "kms:granteeprincipal": _sent("grantee_principal"),
    "kms:granteeserviceprincipal": _sent("grantee_service_principal"),
    "kms:grantconstraintsourcearn": _constraint_source_arn,
    "kms:grantconstrainttype": _constraint_type,
    "kms:grantoperations": _grant_operations,
    "kms:grantisforawsresource": _is_for_aws_resource,
    "kms:keyagreementalgorithm": _sent("key_agreement_algorithm"),
    "kms:keyorigin": _of_the_key(lambda key: key.lifecycle.origin, _sent_or("origin", "AWS_KMS")),
    "kms:keyspec": _KEY_SPEC,
    "kms:keyusage": _KEY_USAGE,
    "kms:macalgorithm": _sent("mac_algorithm"),
    "kms:messagetype": _sent_or("message_type", "RAW"),
    "kms:multiregion": _of_the_key(
        lambda key: key.lifecycle.multi_region_key_type is not None, _multi_region
    ),
    "kms:multiregionkeytype": _of_the_key(
        lambda key: key.lifecycle.multi_region_key_type, _new_primary
    ),
    "kms:policyname": _sent_or("policy_name", "default"),
    "kms:primaryregion": _sent("primary_region"),
    "kms:reencryptonsamekey": _re_encrypt_on_same_key,
    "kms:replicaregion": _sent("replica_region"),
    "kms:requestalias": _request_alias,
    "kms:resourcealiases": _resource_aliases,
    "kms:retiringprincipal": _sent("retiring_principal"),
    "kms:retiringserviceprincipal": _sent("retiring_service_principal"),
    "kms:rotationperiodindays": _sent_or("rotation_period_in_days", "365"),
    "kms:schedulekeydeletionpendingwindowindays": _sent_or("pending_window_in_days", "30"),
    "kms:signingalgorithm": _sent("signing_algorithm"),
    "kms:trailingdayswithoutkeyusage": _days_without_usage,
    "kms:validto": _valid_to,
    VIA_SERVICE: lambda of: of.call.caller.context.get(VIA_SERVICE),
    "kms:wrappingalgorithm": _sent("wrapping_algorithm"),
    "kms:wrappingkeyspec": _sent("wrapping_key_spec"),
}
"""The condition keys that depend on the request or its KMS key; which actions have them, `ACTIONS` says."""

_FAMILIES: Mapping[str, Callable[[RequestContext, str], str | None]] = {
    "kms:encryptioncontext:": _pair,
    "kms:recipientattestation:": _register,
    "aws:resourcetag/": _resource_tag,
    "aws:requesttag/": _request_tag,
}
"""Condition keys that go on with a name: the author's choice, or that of a register."""
