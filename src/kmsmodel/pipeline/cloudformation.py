"""
CloudFormation: the key policies in a template, as it is written or as CDK makes it.

Source: *AWS::KMS::Key* and *AWS::KMS::ReplicaKey* in the CloudFormation Template Reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from attrs import evolve

from kmsmodel.pipeline.intrinsics import (
    NO_VALUE,
    Resolver,
    UnknownValueError,
    names_in,
    refuse_functions,
)
from kmsmodel.pipeline.stored import StoredPolicy
from kmsmodel.pipeline.texts import Text
from kmsmodel.policy.places import Path, Place
from kmsmodel.policy.writing import default_key_policy
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.meant import ALMOST, meant

_KEYS = frozenset(("AWS::KMS::Key", "AWS::KMS::ReplicaKey"))


def is_template(content: Mapping[str, Any]) -> bool:
    """Is this a template?"""
    return isinstance(content.get("Resources"), Mapping)


def read(
    text: Text, file: str, account: str | None, given: Mapping[str, str]
) -> tuple[StoredPolicy, ...]:
    """
    The policies of the KMS keys in a template, by the logical ids of their keys.

    ``given`` are parameters, and attributes of resources such as ``Role.Arn``. Without an account, one is made up that
    the template does not name.
    """
    template = cast("Mapping[str, Any]", text.content)
    owner = given.get("AWS::AccountId") or account or _made_up(template)
    known = {"AWS::AccountId": owner, **given} if account else given
    resources = cast("Mapping[str, Any]", template["Resources"])
    macros = _macros(template)
    found = [
        evolve(each, assumes=(*each.assumes, *macros)) if macros and not each.unknown else each
        for name, resource in resources.items()
        for each in _policies(text, file, name, resource, Resolver(template, known, owner))
    ]
    if "AWS::Include" in names_in(template.get("Transform")):
        place, reason = text.names.get(("Transform",)), "AWS::Include may make keys"
        found.append(StoredPolicy(file=file, name="Transform", place=place, unknown=(reason,)))
    return tuple(found)


_WITHOUT_KEYS = (
    "AWS::CodeDeployBlueGreen",
    "AWS::Include",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager",
    "AWS::Serverless",
    "AWS::ServiceCatalog",
)
"""AWS's own transforms: none of them changes the key policies that a template has."""


def _macros(template: Mapping[str, Any]) -> tuple[str, ...]:
    """What is assumed of the macros that a template is given to."""
    listed = template.get("Transform")
    named = cast("list[object]", listed) if isinstance(listed, list) else [listed]
    macros = (
        cast("Mapping[str, object]", each).get("Name") if isinstance(each, Mapping) else each
        for each in named
    )
    return tuple(
        f"the macro {each} changes no key policy"
        for each in macros
        if isinstance(each, str) and not each.startswith(_WITHOUT_KEYS)
    )


_ACCOUNT_ID = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


def _made_up(template: Mapping[str, Any]) -> str:
    named = {each for text in names_in(template) for each in _ACCOUNT_ID.findall(text)}
    candidates = ("111122223333", "123456789012", *(f"{number:012}" for number in range(1, 10**6)))
    return next(each for each in candidates if each not in named)


def _policies(
    text: Text, file: str, name: str, resource: object, resolver: Resolver
) -> Iterator[StoredPolicy]:
    if name == "Fn::Transform" or (
        name.startswith("Fn::") and not _KEYS.isdisjoint(names_in(resource))
    ):
        place = text.names.get(("Resources", name))
        makes = "may make keys" if name == "Fn::Transform" else "makes keys"
        reason = f"{name} {makes} when it is deployed"
        yield StoredPolicy(file=file, name=name, place=place, unknown=(reason,))
    elif isinstance(resource, Mapping):
        members = cast("Mapping[str, Any]", resource)
        is_key, kind = members.get("Type") in _KEYS, str(members.get("Type"))
        slip = _slip(kind, members)
        if slip or kind.endswith(_OF_MODULES):
            place = text.names.get(("Resources", name))
            reason = slip or f"the module {kind} may make keys when it is deployed"
            yield StoredPolicy(file=file, name=name, place=place, unknown=(reason,))
        elif is_key:
            yield from _policy(text, file, name, members, resolver)


_OF_MODULES = "::MODULE"


def _slip(kind: str, resource: Mapping[str, Any]) -> str:
    """What is misspelled in a resource that is perhaps a key, or nothing."""
    if kind not in _KEYS:
        close = meant(kind, _KEYS, alike=ALMOST)
        return f"{kind} is no type of resource; perhaps {close[0]!r} is meant" if close else ""
    properties: object = resource.get("Properties")
    inner: Mapping[str, Any] = {}
    if isinstance(properties, Mapping):
        inner = cast("Mapping[str, Any]", properties)
    for members, known in ((resource, "Properties"), (inner, _POLICY)):
        for each in members if known not in members else ():
            if meant(each, (known,), alike=ALMOST):
                return f"{each} is no part of {kind}; perhaps {known!r} is meant"
    return ""


_POLICY = "KeyPolicy"


def _policy(
    text: Text, file: str, name: str, resource: Mapping[str, Any], resolver: Resolver
) -> Iterator[StoredPolicy]:
    path: Path = ("Resources", name)
    place = text.names.get(path) or text.places.get(path)
    try:
        refuse_functions(resource, path)
        condition = resource.get("Condition")
        if isinstance(condition, str) and not resolver.condition(condition, (*path, "Condition")):
            if not resolver.assumes:
                return
            resolver.suppose(condition)  # other parameters than the defaults may make the key
        path = (*path, "Properties")
        properties = cast("Mapping[str, Any]", resource.get("Properties") or {})
        refuse_functions(properties, path)
        path = (*path, _POLICY)
        written = properties.get(_POLICY, {"Ref": "AWS::NoValue"})
        found = resolver.resolve(written, path)
    except UnknownValueError as error:
        where = _place(text, error.path)
        reason = error.reason if where is None else f"{where}: {error.reason}"
        yield StoredPolicy(file=file, name=name, place=where or place, unknown=(reason,))
        return
    if found is NO_VALUE:
        yield StoredPolicy(
            file=file,
            name=name,
            text=default_key_policy(KeyArn(resolver.account, _region(resolver), name)),
            account=resolver.account,
            place=place,
            assumes=(*resolver.assumes, f"{name} has AWS's default key policy"),
        )
        return
    yield StoredPolicy(
        file=file,
        name=name,
        text=found if isinstance(found, str) else json.dumps(found, indent=1),
        account=resolver.account,
        place=_place(text, path) or place,
        at={to: at for to, of in resolver.origins.items() if (at := _place(text, of))},
        assumes=tuple(resolver.assumes),
    )


def _region(resolver: Resolver) -> str:
    return resolver.given.get("AWS::Region", "us-east-1")


def _place(text: Text, path: Path) -> Place | None:
    """The place of what stands at a path, or of what is around it."""
    while path and path not in text.places:
        path = path[:-1]
    return text.places.get(path) if path else None
