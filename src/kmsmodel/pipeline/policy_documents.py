"""
Terraform's ``aws_iam_policy_document`` in a plan: the policy that it will be, where some of it is known after apply.

Source: *Data Source: aws_iam_policy_document* in the documentation of Terraform's AWS provider.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, cast

Members: TypeAlias = "Mapping[str, Any]"
Lookup: TypeAlias = "Callable[[str, object], str | None]"
"""Gives what is assumed of a resource at an address, which an expression names."""

Written: TypeAlias = "tuple[str | None, tuple[str, ...], tuple[str, ...]]"
"""The text of a policy or None, why it is not known, and what is assumed."""


class _UnknownError(ValueError):
    """What is not known before apply."""


def without_indexes(address: str) -> str:
    """An address without the keys of ``count`` and ``for_each``, as the configuration has it."""
    return _INDEX.sub("", address)


_INDEX = re.compile(r"\[[^\]]*\]")


def references(expression: object, module: str) -> tuple[str, ...]:
    """The addresses of the resources that an expression names, as they are outside of the module, without indexes."""
    around = f"{module}." if module else ""
    named = (_resource(each.partition("[")[0]) for each in _all_references(expression))
    return tuple(dict.fromkeys(f"{around}{each}" for each in named if each))


def named_exactly(expression: object, module: str) -> frozenset[str]:
    """What an expression names, with indexes, as it is outside of the module."""
    around = f"{module}." if module else ""
    return frozenset(f"{around}{each}" for each in _all_references(expression))


def is_of_the_same_index(expression: object) -> bool:
    """Is the index in an expression perhaps that of the resource itself, and no other that is known?"""
    named = set(_all_references(expression))
    others = (each.partition(".")[0] in _LOST for each in named - _OWN_INDEX)
    return not named.isdisjoint(_OWN_INDEX) and not any(others)


_OWN_INDEX = {"each.key", "count.index"}
_NO_RESOURCES = {"each", "var", "local", "path", "count", "module", "self", "terraform"}


_LOST = {"each", "var", "local", "module"}


def _resource(named: str) -> str:
    """The address of a resource without the attribute that is asked of it; empty if it is not a resource."""
    parts = named.split(".")
    if parts[0] in _NO_RESOURCES:
        return ""
    return ".".join(parts[: 3 if parts[0] == "data" else 2])


def _all_references(expression: object) -> Iterator[str]:
    if isinstance(expression, Mapping):
        members = cast("Members", expression)
        for name, each in members.items():
            if name == "references":
                yield from each
            else:
                yield from _all_references(each)
    elif isinstance(expression, list):
        for each in cast("list[object]", expression):
            yield from _all_references(each)


def written(
    address: str, values: Members, unknown: Members, expressions: Members | None, lookup: Lookup
) -> Written:
    """The policy of a data source that is read during apply."""
    document = _Document(address, lookup)
    try:
        text = json.dumps(document.policy(values, unknown, expressions or {}), indent=1)
    except _UnknownError as error:
        return None, (str(error),), ()
    return text, (), tuple(document.assumes)


class _Document:
    """Puts a policy together, and remembers what it assumed."""

    def __init__(self, address: str, lookup: Lookup) -> None:
        self._address = address
        self._module = without_indexes(address.rpartition("data.")[0].rstrip("."))
        self._lookup = lookup
        self.assumes: dict[str, None] = {}

    def policy(self, values: Members, unknown: Members, expressions: Members) -> dict[str, Any]:
        for each in ("source_policy_documents", "override_policy_documents"):
            if values.get(each) or is_any(unknown.get(each)):
                raise _UnknownError(f"{self._address}.{each} is known after apply")
        if unknown.get("version") is True:
            raise _UnknownError(f"{self._address}.version is known after apply")
        statements = self._blocks("statement", values, unknown, expressions)
        return {
            "Version": values.get("version") or "2012-10-17",
            "Statement": [self._statement(*each) for each in statements],
        }

    def _blocks(
        self, name: str, values: Members, unknown: Members, expressions: Members
    ) -> Iterator[tuple[Members, Members, Members]]:
        """The blocks of this name, each with what of it is unknown, and its expressions."""
        if unknown.get(name) is True:
            raise _UnknownError(f"{self._address}.{name} is known after apply")
        listed: list[Members] = values.get(name) or []
        for number, each in enumerate(listed):
            of_it = _at(unknown.get(name), number)
            for member in _SCALARS:
                if of_it.get(member) is True:
                    raise _UnknownError(f"{self._address}: {member} is known after apply")
            yield each, of_it, _at(expressions.get(name), number)

    def _statement(self, values: Members, unknown: Members, expressions: Members) -> dict[str, Any]:
        statement: dict[str, Any] = {}
        if values.get("sid"):
            statement["Sid"] = values["sid"]
        statement["Effect"] = values.get("effect") or "Allow"
        for name, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            blocks = list(self._blocks(name, values, unknown, expressions))
            if blocks:
                statement[element] = self._principals(blocks)
        for name, element in _ELEMENTS:
            found = self._listed(name, values, unknown, expressions)
            if found:
                statement[element] = found
        conditions: dict[str, dict[str, list[str]]] = {}
        for block in self._blocks("condition", values, unknown, expressions):
            test, variable = block[0]["test"], block[0]["variable"]
            tested = conditions.setdefault(test, {})
            if variable in tested:
                what = f"{self._address}: of several conditions {test} on {variable}"
                raise _UnknownError(f"{what}, the provider decides which counts")
            tested[variable] = self._listed("values", *block)
        if conditions:
            statement["Condition"] = conditions
        return statement

    def _principals(self, blocks: list[tuple[Members, Members, Members]]) -> object:
        found: dict[str, list[str]] = {}
        for block in blocks:
            found.setdefault(block[0]["type"], []).extend(self._listed("identifiers", *block))
        return "*" if found.get("*") == ["*"] else found

    def _listed(
        self, name: str, values: Members, unknown: Members, expressions: Members
    ) -> list[str]:
        """The texts of an argument, with what is assumed of those that are not known yet."""
        known = [
            each if name in _AS_THEY_ARE else each.replace(*_VARIABLE)
            for each in values.get(name) or ()
            if each is not None
        ]
        if not is_any(unknown.get(name)):
            return known
        named = references(expressions.get(name), self._module)
        assumed = {
            each: self._lookup(each, expressions.get(name))
            for each in named
            if not each.startswith("data.")
        }
        missing = [each for each, value in assumed.items() if value is None]
        if missing or not self._are_all(unknown.get(name), assumed, expressions.get(name)):
            given = " ".join(f"--assume {each}=ARN" for each in missing)
            what = f"{self._address}: {name} are known after apply"
            raise _UnknownError(
                f"{what}, with {', '.join(missing)}: give {given}" if missing else what
            )
        for each, value in assumed.items():
            self.assumes[f"{name} of {self._address} has {value} for {each}"] = None
        return list(dict.fromkeys((*known, *(each for each in assumed.values() if each))))

    @staticmethod
    def _are_all(unknown: object, assumed: Mapping[str, str | None], expression: object) -> bool:
        """Is each text that is not known yet one of those that are assumed?"""
        if isinstance(unknown, list):
            return 0 < sum(map(is_any, cast("list[object]", unknown))) <= len(assumed)
        # Of a list that is unknown as a whole, the texts that other expressions give are lost.
        lost = {*_LOST, "data"}
        others = (each.partition(".")[0] in lost for each in _all_references(expression))
        return bool(assumed) and not any(others)


_VARIABLE = ("&{", "${")
"""How a document spells the beginning of a policy variable, and how the policy does."""

_AS_THEY_ARE = ("actions", "not_actions")

_SCALARS = ("effect", "type", "test", "variable")
"""The arguments of statements, principals and conditions that are one text, and mean something."""

_ELEMENTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)


def _at(listed: object, number: int) -> Members:
    """One of several blocks; expressions of a block that may stand once only have no list."""
    if isinstance(listed, list):
        several = cast("list[object]", listed)
        one = several[number] if number < len(several) else None
        return cast("Members", one) if isinstance(one, Mapping) else {}
    return cast("Members", listed) if isinstance(listed, Mapping) else {}


def is_any(unknown: object) -> bool:
    """Is anything of it unknown?"""
    if isinstance(unknown, Mapping):
        return any(map(is_any, cast("Members", unknown).values()))
    if isinstance(unknown, list):
        return any(map(is_any, cast("list[object]", unknown)))
    return unknown is True
