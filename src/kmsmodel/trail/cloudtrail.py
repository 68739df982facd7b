"""
Records as CloudTrail writes them of AWS KMS, in plain JSON.

Sources: `docs/fidelity.md`, *CloudTrail and EventBridge*. What only a host can know (the access key, TLS, a VPC
endpoint) is left out, for the host to add.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias, cast

from attrs import AttrsInstance

from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.recipients import attested
from kmsmodel.calls.request import Request
from kmsmodel.errors import AccessDeniedException, KmsError
from kmsmodel.hsm.recipient import Attestation
from kmsmodel.key.event import Event, EventName, id_of_event
from kmsmodel.policy.principal import Principal, PrincipalKind
from kmsmodel.trail.exchange import Exchange
from kmsmodel.trail.traits import TRAITS, Traits
from kmsmodel.words import structures
from kmsmodel.words.arguments import expect
from kmsmodel.words.arn import AliasArn, KeyArn, parse_key_arn

Record: TypeAlias = "dict[str, Any]"

_VERSION = "1.11"
_SOURCE = "kms.amazonaws.com"
_INTERNAL = "AWS Internal"
_KMS_KEY = "AWS::KMS::Key"  # for aliases too
_UNTOLD = frozenset({"GrantTokens", "GrantToken", "Recipient", "XksProxyAuthenticationCredential"})


def cloudtrail_records(of: Exchange | Event) -> tuple[Record, ...]:
    """
    The records of an exchange, or of what AWS KMS did by itself.

    A request to a key of another account is told to the caller's account, and, unless access was denied, to the owner's
    with the same ``sharedEventID``. What AWS KMS did because of a request comes after it.
    """
    expect("of", of, Exchange, Event)
    if isinstance(of, Event):
        return (_service_event(of),)
    if of.request is None:
        return ()
    return (*_api_calls(of, of.request), *map(_service_event, of.events))


# ---- calls


def _api_calls(exchange: Exchange, request: Request[Any]) -> Iterable[Record]:
    call = exchange.call
    record = _api_call(exchange, request)
    ours = call.caller.account
    others = sorted({key.account for key in _told_of(exchange)} - {ours})
    shared = {"sharedEventID": id_of_event(call.request_id, "shared")} if others else {}
    for recipient in (ours, *others):
        identity = _identity(call.caller) if recipient == ours else _identity_told(call.caller)
        yield {
            **record,
            "userIdentity": identity,
            "eventID": id_of_event(call.request_id, recipient),
            "recipientAccountId": recipient,
            **shared,
        }


def _api_call(exchange: Exchange, request: Request[Any]) -> Record:
    call, answer = exchange.call, exchange.answer
    traits = TRAITS[request.operation]
    denied = isinstance(answer, AccessDeniedException)
    record: Record = {
        "eventVersion": _VERSION,
        "userIdentity": {},
        "eventTime": _time(call.now),
        "eventSource": _SOURCE,
        "eventName": request.operation,
        "awsRegion": call.region,
        **_where_from(call.caller),
    }
    if isinstance(answer, KmsError):
        record["errorCode"] = "AccessDenied" if denied else answer.code
        if answer.message:
            record["errorMessage"] = answer.message
    record["requestParameters"] = None if denied else _parameters(request)
    record["responseElements"] = None if traits.reads_only else _elements(exchange)
    if more := _more(request, answer, call):
        record["additionalEventData"] = more
    record |= {"requestID": call.request_id, "eventID": "", "readOnly": traits.reads_only}
    if not denied:
        record["resources"] = _resources(exchange, request, traits)
    return {
        **record,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "",
        "eventCategory": "Management",
    }


def _told_of(exchange: Exchange) -> tuple[KeyArn, ...]:
    """The KMS keys that a record names."""
    return () if isinstance(exchange.answer, AccessDeniedException) else exchange.keys


def _resources(exchange: Exchange, request: Request[Any], traits: Traits) -> list[Record]:
    """The KMS keys; before them the alias, for an operation on an alias."""
    keys = [_resource(key.account, str(key)) for key in exchange.keys]
    if not traits.alias or not keys:
        return keys
    name: str = getattr(request, "alias_name", "")
    account = exchange.call.caller.account
    alias = AliasArn(account, exchange.call.region, name.rpartition(":")[2])
    return [_resource(account, str(alias)), *keys]


def _resource(account: str, arn: str) -> Record:
    return {"accountId": account, "type": _KMS_KEY, "ARN": arn}


def _where_from(caller: Caller) -> Record:
    """The address and the agent of a request, as far as they are known."""
    service = _invoked_by(caller)
    if service is not None:
        return {"sourceIPAddress": service, "userAgent": service}
    known = {"sourceIPAddress": "aws:sourceip", "userAgent": "aws:useragent"}
    return {name: caller.context[key] for name, key in known.items() if key in caller.context}


# ---- who


def _invoked_by(caller: Caller) -> str | None:
    """The AWS service that makes the request, for itself or for the caller."""
    if caller.principal.kind is PrincipalKind.SERVICE:
        return caller.principal.arn
    service = caller.context.get("aws:calledvialast")
    return service if isinstance(service, str) else None


def _identity(caller: Caller) -> Record:
    principal, invoked_by = caller.principal, _invoked_by(caller)
    through = {} if invoked_by is None else {"invokedBy": invoked_by}
    if principal.kind is PrincipalKind.SERVICE:
        return {"type": "AWSService", **through}
    if principal.kind is PrincipalKind.ANONYMOUS:
        return {"type": "AWSAccount", "principalId": "ANONYMOUS_PRINCIPAL", **through}
    identity: Record = {"type": _TYPES[principal.kind]}
    if (unique_id := _principal_id(principal)) is not None:
        identity["principalId"] = unique_id
    identity |= {"arn": principal.arn, "accountId": principal.account}
    if principal.kind is PrincipalKind.USER:
        identity["userName"] = principal.name
    if principal.kind is PrincipalKind.SESSION:
        identity["sessionContext"] = {"sessionIssuer": _issuer(principal)}
    return {**identity, **through}


def _identity_told(caller: Caller) -> Record:
    """Who called, as the owner of a KMS key in another account is told."""
    if caller.principal.kind in {PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS}:
        return _identity(caller)
    unique_id = _principal_id(caller.principal)
    told = {} if unique_id is None else {"principalId": unique_id}
    return {"type": "AWSAccount", **told, "accountId": caller.principal.account}


_TYPES = {
    PrincipalKind.ROOT_USER: "Root",
    PrincipalKind.USER: "IAMUser",
    PrincipalKind.ROLE: "Role",
    PrincipalKind.SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
}


def _principal_id(principal: Principal) -> str | None:
    """The unique id of a principal, if it is known."""
    if principal.kind is PrincipalKind.ROOT_USER:
        return principal.account
    if principal.kind is PrincipalKind.FEDERATED_USER:
        return f"{principal.account}:{principal.name}"
    if principal.unique_id is None or principal.session_name is None:
        return principal.unique_id
    return f"{principal.unique_id}:{principal.session_name}"


def _issuer(principal: Principal) -> Record:
    told = {} if principal.unique_id is None else {"principalId": principal.unique_id}
    return {
        "type": "Role",
        **told,
        "arn": principal.issuer,
        "accountId": principal.account,
        "userName": principal.name,
    }


# ---- members


def _parameters(request: Request[Any]) -> Record | None:
    """The members of a request, with the defaults that CloudTrail fills in."""
    if request.operation == _RETIRING:
        return None
    sent = _plain(cast("AttrsInstance", request))
    if request.operation == "CreateKey":
        return _with_specs({**_DEFAULTS["CreateKey"], **sent})
    return {**_DEFAULTS.get(request.operation, {}), **sent} or None


def _with_specs(members: Record) -> Record:
    """Both names of the key spec, whichever was sent."""
    spec = members.get("keySpec") or members.get("customerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    return {**members, "customerMasterKeySpec": spec, "keySpec": spec}


_DEFAULTS: Mapping[str, Record] = {
    "CreateKey": {
        "description": "",
        "origin": "AWS_KMS",
        "bypassPolicyLockoutSafetyCheck": False,
        "keyUsage": "ENCRYPT_DECRYPT",
    },
    "Decrypt": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "Encrypt": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "PutKeyPolicy": {"policyName": "default", "bypassPolicyLockoutSafetyCheck": False},
    "ReEncrypt": {
        "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    },
    "Sign": {"messageType": "RAW"},
    "Verify": {"messageType": "RAW"},
}


def _elements(exchange: Exchange) -> Record | None:
    """The members of a response, and the KMS key, which is told since December 2022 even if the response has it not."""
    if isinstance(exchange.answer, KmsError):
        return None
    members = _plain(exchange.answer)
    if exchange.keys and not {"keyId", "keyMetadata"} & members.keys():
        members["keyId"] = str(exchange.keys[0])
    return members or None


def _more(request: Request[Any], answer: AttrsInstance | KmsError, call: Call) -> Record:
    """Which key materials were used and who alone can read the answer, or which grant was retired."""
    if isinstance(answer, KmsError):
        return {}
    if request.operation == _RETIRING:
        grant_id = getattr(request, "grant_id", None)
        return {} if grant_id is None else {"grantId": grant_id}
    members = _plain(answer) if TRAITS[request.operation].reads_only else {}
    materials = {name: members[name] for name in _MATERIALS if name in members}
    attestation = attested(getattr(request, "recipient", None), call)
    return materials if attestation is None else materials | {"recipient": _recipient(attestation)}


def _recipient(attestation: Attestation) -> Record:
    """The module and some registers of an attestation document; those that it does not have are left out."""
    registers = _OF_NITRO_TPM if attestation.is_of_nitro_tpm else _OF_AN_ENCLAVE
    told = {
        name: base64.b64encode(attestation.pcrs[number]).decode()
        for name, number in registers.items()
        if number in attestation.pcrs
    }
    return {"attestationDocumentModuleId": attestation.module_id, **told}


_OF_AN_ENCLAVE = {
    "attestationDocumentEnclaveImageDigest": 0,
    **{f"attestationDocumentEnclavePCR{number}": number for number in (1, 2, 3, 4, 8)},
}
_OF_NITRO_TPM = {
    f"attestationDocumentNitroTPMPCR{number}": number for number in (4, 7, 8, 9, 16, 23)
}


_RETIRING = "RetireGrant"
_MATERIALS = ("keyMaterialId", "sourceKeyMaterialId", "destinationKeyMaterialId")


def _plain(structure: AttrsInstance) -> Record:
    """The members that CloudTrail tells: no bytes, nothing sensitive, no grant token, no recipient, no credential."""
    left_out = structures.sensitive_names(type(structure)) | _UNTOLD
    members = structures.to_members(structure)
    return _object({name: each for name, each in members.items() if name not in left_out})


def _object(members: Mapping[str, Any]) -> Record:
    return {
        # Of an encryption context the names are the caller's.
        _lower(name): dict(member) if "EncryptionContext" in name else _value(member)
        for name, member in members.items()
        if not isinstance(member, bytes)
    }


def _value(member: Any) -> Any:
    if isinstance(member, datetime):
        return _time(member)
    if isinstance(member, Mapping):
        return _object(cast("Mapping[str, Any]", member))
    if isinstance(member, list):
        return [_value(each) for each in cast("Iterable[Any]", member)]
    return str(member) if isinstance(member, str) else member


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _time(date: datetime) -> str:
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- what AWS KMS does by itself


def _service_event(event: Event) -> Record:
    key = parse_key_arn(event.key_arn)
    return {
        "eventVersion": _VERSION,
        "userIdentity": {"accountId": key.account, "invokedBy": _INTERNAL},
        "eventTime": _time(event.at),
        "eventSource": _SOURCE,
        "eventName": event.name.value,
        "awsRegion": key.region,
        "sourceIPAddress": _INTERNAL,
        "userAgent": _INTERNAL,
        "requestParameters": None,
        "responseElements": _elements_of(event),
        "eventID": event_id(event),
        "readOnly": False,
        "resources": [_resource(key.account, event.key_arn)],
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": key.account,
        **_details(event, key.key_id),
        "eventCategory": "Management",
    }


def event_id(event: Event) -> str:
    """The id of an event, the same each time that it is told."""
    material = event.key_material_id or ""
    return id_of_event(event.name, event.key_arn, event.at.isoformat(), material)


def _elements_of(event: Event) -> Record | None:
    return {"keyId": event.key_arn} if event.name is EventName.DeleteKey else None


def _details(event: Event, key_id: str) -> Record:
    if event.name is EventName.DeleteKey:
        return {}
    if event.name is EventName.DeleteExpiredKeyMaterial:
        told = {"keyId": key_id, "keyMaterialId": event.key_material_id}
        return {"serviceEventDetails": told}
    told = {
        "rotationType": event.rotation_type and event.rotation_type.value,
        "keyOrigin": event.origin.value,
        "previousKeyMaterialId": event.previous_key_material_id,
        "currentKeyMaterialId": event.key_material_id,
        "keyId": key_id,
    }
    return {"serviceEventDetails": told}
