"""
Terraform: the key policies in what ``terraform show -json`` prints of a plan or a state.

A plan has each key before and after. What is known after apply only is named, with the resource that it comes from.
Source: *JSON Output Format* in the Terraform documentation, format 1.2.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast, final

from attrs import evolve, frozen

from kmsmodel.pipeline import policy_documents
from kmsmodel.pipeline.policy_documents import is_any, without_indexes
from kmsmodel.pipeline.stored import NotUnderstoodError, StoredPolicy
from kmsmodel.pipeline.texts import Text
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.places import Place
from kmsmodel.policy.writing import default_key_policy
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import GrantOperation

Members: TypeAlias = "Mapping[str, Any]"

_KEYS = {
    "aws_kms_key": "policy",
    "aws_kms_external_key": "policy",
    "aws_kms_replica_key": "policy",
    "aws_kms_replica_external_key": "policy",
    "awscc_kms_key": "key_policy",
    "awscc_kms_replica_key": "key_policy",
}
"""The kinds of keys, each with the argument that is its key policy."""
_LINKED = ("aws_kms_key_policy", "aws_kms_grant")
_INDEX = re.compile(r"\[[^\]]*\]$")


def is_plan(content: Members) -> bool:
    """Is this a plan, and no state?"""
    return "format_version" in content and "resource_changes" in content


def is_state(content: Members) -> bool:
    """Is this a state?"""
    return "format_version" in content and "terraform_version" in content and "values" in content


@final
@frozen(kw_only=True)
class Resource:
    """
    A resource at one time: its values, and which of them are unknown.

    ``expressions`` are those of its configuration, and ``module`` the address of the module that it stands in.
    """

    address: str
    kind: str
    values: Members
    unknown: Members
    expressions: Members | None
    module: str = ""
    is_read: bool = False
    """Is it a data source, which only reads what is managed elsewhere?"""

    @property
    def plain(self) -> str:
        """The address without indexes, as the configuration has it."""
        return without_indexes(self.address)

    def expression(self, member: str) -> object:
        """What the configuration has for an argument."""
        return (self.expressions or {}).get(member)

    def references(self, member: str) -> tuple[str, ...]:
        """The addresses that an argument names, as they are outside of the module, without indexes."""
        return policy_documents.references(self.expression(member), without_indexes(self.module))


def read_plan(
    text: Text, file: str, account: str | None, assume: Mapping[str, str]
) -> tuple[tuple[StoredPolicy, ...], tuple[StoredPolicy, ...]]:
    """The key policies after a plan, and before it, by the addresses of their keys."""
    content = cast("Members", text.content)
    if content.get("errored"):
        raise NotUnderstoodError("the plan is not whole, because Terraform met an error")
    expressions = dict(_expressions(content.get("configuration", {}).get("root_module", {}), ""))
    before: list[Resource] = []
    after: list[Resource] = []
    for each in cast("list[Members]", content["resource_changes"]):
        change = each.get("change", {})
        address = each.get("address", "")
        module = each.get("module_address", "")
        known = expressions.get(without_indexes(address))
        sides: tuple[tuple[list[Resource], object, object], ...] = (
            (before, change.get("before"), None),
            (after, change.get("after"), change.get("after_unknown")),
        )
        for listed, values, unknown in sides:
            if values is not None:
                listed.append(
                    Resource(
                        address=address,
                        kind=each.get("type", ""),
                        values=_members(values),
                        unknown=_members(unknown),
                        expressions=known,
                        module=module,
                        is_read=_is_read(each),
                    )
                )
    owner = account or _account(content.get("prior_state", {}).get("values", {}))
    return (
        (*_World(after, text.text, file, owner, assume).policies(), *_deferred(content, file)),
        tuple(_World(before, text.text, file, owner, assume).policies()),
    )


def _deferred(content: Members, file: str) -> Iterator[StoredPolicy]:
    """What a plan puts off to the next plan."""
    for each in content.get("deferred_changes", ()):
        change = each["resource_change"]
        if change["type"] in (*_KEYS, *_LINKED):
            reason = f"Terraform defers it to another plan: {each.get('reason')}"
            yield StoredPolicy(file=file, name=change["address"], unknown=(reason,))


def read_state(
    text: Text, file: str, account: str | None, assume: Mapping[str, str]
) -> tuple[StoredPolicy, ...]:
    """The key policies in a state, by the addresses of their keys."""
    content = cast("Members", text.content)
    resources = [
        Resource(
            address=each.get("address", ""),
            kind=each.get("type", ""),
            values=each.get("values", {}),
            unknown={},
            expressions=None,
            is_read=_is_read(each),
        )
        for each in _resources(content["values"].get("root_module", {}))
    ]
    owner = account or _account(content["values"])
    return tuple(_World(resources, text.text, file, owner, assume).policies())


def _is_read(resource: Members) -> bool:
    return resource.get("mode") == "data"


def _members(found: object) -> Members:
    return cast("Members", found) if isinstance(found, Mapping) else {}


def _resources(module: Members) -> Iterator[Members]:
    yield from module.get("resources", ())
    for each in module.get("child_modules", ()):
        yield from _resources(each)


def _account(values: Members) -> str | None:
    """The account that Terraform acts in, if the configuration asks for it, and acts in one only."""
    found = {
        each.get("values", {}).get("account_id")
        for each in _resources(values.get("root_module", {}))
        if each.get("type") == "aws_caller_identity"
    }
    account: object = found.pop() if len(found) == 1 else None
    return account if isinstance(account, str) else None


def _expressions(module: Members, around: str) -> Iterator[tuple[str, Members]]:
    """The expressions of each resource, by its address without indexes."""
    for each in module.get("resources", ()):
        yield f"{around}{each.get('address', '')}", each.get("expressions", {})
    for name, call in module.get("module_calls", {}).items():
        yield from _expressions(call.get("module", {}), f"{around}module.{name}.")


Meant: TypeAlias = "tuple[list[Resource], tuple[str, ...]]"
"""The resources that an expression may mean, and what is assumed if there is one."""


@final
@frozen
class _World:
    """All resources at one time, and what is assumed of those that are not there yet."""

    resources: list[Resource]
    text: str
    file: str
    account: str | None
    assume: Mapping[str, str]

    def policies(self) -> Iterator[StoredPolicy]:
        keys = [each for each in self.resources if each.kind in _KEYS and not each.is_read]
        linked: dict[str, list[Resource]] = {}
        perhaps: dict[str, list[str]] = {}
        assumes: dict[str, tuple[str, ...]] = {}
        alone: list[Resource] = []
        for kind in _LINKED:
            for each in self._of(kind):
                meant, assumed = self._keys_of(each, keys)
                if len(meant) == 1:
                    linked.setdefault(meant[0].address, []).append(each)
                    for key in keys if assumed else ():  # or it is for another one of them
                        assumes[key.address] = (*assumes.get(key.address, ()), *assumed)
                elif not meant:
                    alone.append(each)
                for key in meant if len(meant) > 1 else ():
                    perhaps.setdefault(key.address, []).append(each.address)
        for key in keys:
            stored = self._stored(key, linked.get(key.address, ()))
            stored = evolve(stored, assumes=(*stored.assumes, *assumes.get(key.address, ())))
            others = perhaps.get(key.address)
            if others:
                reason = f"{', '.join(others)}: for which key is known after apply"
                stored = evolve(stored, unknown=(*stored.unknown, reason))
            yield stored
        for each in alone:
            yield self._stored(each, (each,))

    def _of(self, kind: str) -> Iterator[Resource]:
        return (each for each in self.resources if each.kind == kind)

    def _keys_of(self, resource: Resource, keys: list[Resource]) -> Meant:
        """The key that a key policy or a grant is for; all that it may be for, if that is known after apply only."""
        key_id = resource.values.get("key_id")
        if key_id is not None:
            is_it = [key_id in {each.values.get("key_id"), each.values.get("arn")} for each in keys]
            return list(itertools.compress(keys, is_it)), ()
        named = resource.references("key_id")
        candidates = [each for each in keys if each.plain in named]
        meant = _instances(candidates, resource, resource.expression("key_id"))
        if meant[0]:
            return meant
        return [each for each in keys if each.values.get("key_id") is None], ()

    def _place(self, address: str) -> Place:
        """Where an address first stands in the file, which is one line as Terraform prints it."""
        before = self.text[: max(self.text.find(json.dumps(address)), 0)]
        return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))

    # ---- one key

    def _stored(self, key: Resource, linked: Iterable[Resource]) -> StoredPolicy:
        named = (key.values.get(each) for each in ("arn", "key_id"))
        arn = next((each for each in named if isinstance(each, str) and ":key/" in each), None)
        account = arn.split(":")[4] if arn else self.account
        others = list(linked)
        holders = [each for each in others if each.kind == "aws_kms_key_policy"] or [key]
        text, unknown, assumes = self._policy(holders[0], account)
        if len(holders) > 1:
            several = " and ".join(each.address for each in holders)
            unknown = (f"{several} are for the same key, and the last one that is made counts",)
        grants: list[Grant] = []
        for each in others:
            if each.kind == "aws_kms_grant":
                grant, why, assumed = self._grant(each)
                grants += [grant] if grant else []
                unknown, assumes = (*unknown, *why), (*assumes, *assumed)
        return StoredPolicy(
            file=self.file,
            name=key.address,
            text=text,
            account=account,
            key=arn,
            grants=tuple(grants),
            unknown=unknown,
            assumes=assumes,
            place=self._place(key.address),
        )

    def _policy(
        self, holder: Resource, account: str | None
    ) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
        """The text of a policy, why it is not known, and what is assumed for it."""
        argument = _KEYS.get(holder.kind, "policy")
        written = holder.values.get(argument)
        if isinstance(written, str) and written:
            return written, (), ()
        if written:  # or nobody says
            return None, (f"{holder.address}.{argument} is not a text",), ()
        assumed = self.assume.get(holder.address)
        if assumed is not None:
            return assumed, (), (f"the policy of {holder.address} is that given",)
        is_unknown = is_any(holder.unknown.get(argument))
        if not is_unknown or (
            holder.expressions is not None and argument not in holder.expressions
        ):
            if account is None:
                return None, (f"{holder.address}: the account is not known: give --account",), ()
            default = default_key_policy(KeyArn(account, "us-east-1", "default"))
            whose = f"the key of {holder.address}" if holder.kind in _LINKED else holder.address
            return default, (), (f"{whose} has AWS's default key policy",)
        named = holder.references(argument)
        of_kind = [each for each in self._of("aws_iam_policy_document") if each.plain in named]
        documents, meant = _instances(of_kind, holder, holder.expression(argument))
        what = f"{holder.address}.{argument}"
        if len(documents) == 1:
            (found,) = documents
            policy, why, assumes = policy_documents.written(
                found.address, found.values, found.unknown, found.expressions, self._lookup(found)
            )
            return policy, why, (*assumes, *meant, f"{what} is {found.address}.json")
        return None, (_known_after_apply(what, self._missing(named)),), ()

    def _grant(self, grant: Resource) -> tuple[Grant | None, tuple[str, ...], tuple[str, ...]]:
        values, assumes = dict(grant.values), list[str]()
        for member in ("grantee_principal", "retiring_principal"):
            if grant.unknown.get(member) is True:
                lookup = self._lookup(grant)
                expression = grant.expression(member)
                found = [lookup(each, expression) for each in grant.references(member)]
                known = [each for each in found if each is not None]
                if len(found) != 1 or not known:  # with several, an expression chooses
                    missing = self._missing(grant.references(member))
                    return None, (_known_after_apply(f"{grant.address}.{member}", missing),), ()
                values[member] = known[0]
                assumes.append(f"{grant.address}.{member} is {known[0]}")
        if any(is_any(grant.unknown.get(each)) for each in ("operations", "constraints")):
            return None, (_known_after_apply(grant.address, ()),), ()
        return _made(grant.address, values), (), tuple(assumes)

    # ---- what is not known yet

    def _lookup(self, resource: Resource) -> policy_documents.Lookup:
        """What gives the assumed value of an address, as the configuration of a resource names it."""

        def assumed(address: str, expression: object) -> str | None:
            candidates = [each for each in self.resources if each.plain == address]
            meant, _ = _instances(candidates, resource, expression)
            if len(meant) > 1:
                return None
            short = address.removeprefix(f"{without_indexes(resource.module)}.")
            instance = f"{resource.module}.{short}"
            names = (*(each.address for each in meant), instance, address, short)
            given = (self.assume[name] for name in names if name in self.assume)
            arns = (each.values.get("arn") for each in meant if each.unknown.get("arn") is not True)
            return next(given, None) or next(arns, None)

        return assumed

    def _missing(self, named: Iterable[str]) -> tuple[str, ...]:
        """Which of these resources have an ARN that is not known yet."""
        unknown = {each.plain for each in self.resources if each.unknown.get("arn") is True}
        return tuple(each for each in named if each in unknown)


def _known_after_apply(what: str, because: tuple[str, ...]) -> str:
    if not because:
        return f"{what} is known after apply"
    given = " ".join(f"--assume {each}=ARN" for each in because)
    return f"{what} is known after apply, with {', '.join(because)}: give {given}"


def _instances(candidates: list[Resource], resource: Resource, expression: object) -> Meant:
    """
    Of several instances of what an expression of a resource names, the one that it means.

    The configuration tells an index only if it is a constant. Where it is computed from ``each.key`` or ``count.index``
    alone, it is assumed to be the resource's own.
    """
    here = [each for each in candidates if each.module == resource.module] or candidates
    if len(here) == 1:
        return here, ()
    named = policy_documents.named_exactly(expression, resource.module)
    exactly = [each for each in here if each.address in named]
    if exactly:
        return exactly, ()
    index = _INDEX.findall(resource.address)
    same = [each for each in here if _INDEX.findall(each.address) == index]
    if len(same) == 1 and policy_documents.is_of_the_same_index(expression):
        return same, (f"{resource.address} means {same[0].address}",)
    return here, ()


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _made(address: str, values: Members) -> Grant:
    """The grant that a resource makes."""
    listed: list[Members] = values.get("constraints") or []
    constraints = None
    for each in listed:
        constraints = GrantConstraints(
            encryption_context_equals=each.get("encryption_context_equals") or None,
            encryption_context_subset=each.get("encryption_context_subset") or None,
        )
    return Grant(
        grant_id=values.get("grant_id") or address,
        issuing_account="",  # that of the key, which may not be known here
        creation_date=_LONG_AGO,
        seen_at=_LONG_AGO,
        operations=tuple(map(GrantOperation, values.get("operations") or ())),
        grantee_principal=values.get("grantee_principal"),
        retiring_principal=values.get("retiring_principal"),
        constraints=constraints,
        name=values.get("name") or address,
    )
