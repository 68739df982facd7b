"""
The intrinsic functions of CloudFormation, as far as a template tells their values.

Source: *Intrinsic function reference* and *Pseudo parameters reference* in the CloudFormation User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast, final

from attrs import define, field

from kmsmodel.policy.places import Path


@final
class UnknownValueError(ValueError):
    """What of a template is not known before it is deployed, and where it stands."""

    def __init__(self, reason: str, path: Path) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path


NO_VALUE = object()
"""What takes the place of a member that `AWS::NoValue` removes."""

_DEFAULTS = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "stack",
}
"""What pseudo parameters are, if nobody says otherwise."""

_IDENTITIES = {
    "AWS::IAM::Role": ("role", "RoleName"),
    "AWS::IAM::User": ("user", "UserName"),
}
"""What has an ARN that follows from its name, with the name of the property."""


@final
@define
class Resolver:
    """
    Gives the values that the functions of a template stand for.

    ``given`` are parameters, pseudo parameters, and attributes such as ``Role.Arn`` that are known. ``origins`` gets
    the path in the template of each value of what was resolved last, and ``assumes`` what had to be assumed.
    ``supposed`` is a condition that is true whatever the template says.
    """

    template: Mapping[str, Any]
    given: Mapping[str, str]
    account: str
    origins: dict[Path, Path] = field(init=False, factory=dict[Path, Path])
    assumes: dict[str, None] = field(init=False, factory=dict[str, None])
    supposed: str | None = field(init=False, default=None)

    def resolve(self, value: object, path: Path, to: Path = ()) -> object:
        """
        The value, without functions, of what stands at a path of the template.

        Raises UnknownValueError for anything that is not known.
        """
        self.origins[to] = path
        found = self._resolved(value, path, to)
        for each in names_in(found):
            if "{{resolve:" in each:
                raise UnknownValueError(f"{each} is known when it is deployed", path)
        return found

    def _resolved(self, value: object, path: Path, to: Path) -> object:
        if isinstance(value, list):
            return self._list(cast("list[object]", value), path, to)
        if not isinstance(value, Mapping):
            return value
        members = cast("Mapping[str, object]", value)
        if len(members) == 1:
            ((name, argument),) = members.items()
            if name == "Ref":
                return self.ref(str(argument), path)
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument, (*path, name), to)
        refuse_functions(members, path)
        found = {
            name: self.resolve(each, (*path, name), (*to, name)) for name, each in members.items()
        }
        return {name: each for name, each in found.items() if each is not NO_VALUE}

    def _list(self, listed: list[object], path: Path, to: Path) -> list[object]:
        found: list[object] = []
        for number, each in enumerate(listed):
            one = self.resolve(each, (*path, number), (*to, len(found)))
            if one is not NO_VALUE:
                found.append(one)
        return found

    def text(self, value: object, path: Path) -> str:
        """What a function must be a text of."""
        found = self.aside(value, path)
        if isinstance(found, bool):
            return str(found).lower()
        if isinstance(found, str | int | float):
            return str(found)
        raise UnknownValueError("a text is expected", path)

    def aside(self, value: object, path: Path) -> Any:
        """The value of an argument, which is no part of what comes out."""
        kept = dict(self.origins)
        found = self.resolve(value, path)
        self.origins = kept
        return found

    # ---- names

    def ref(self, name: str, path: Path) -> object:
        """The value of a parameter, a pseudo parameter or a resource."""
        if name == "AWS::NoValue":
            return NO_VALUE
        parameters = _members(self.template, "Parameters")
        if name in self.given:
            return _of_its_type(self.given[name], _members(parameters, name))
        if name == "AWS::AccountId":
            self.assumes[f"AWS::AccountId is {self.account}"] = None
            return self.account
        if name in _DEFAULTS:
            self.assumes[f"{name} is {_DEFAULTS[name]}"] = None
            return _DEFAULTS[name]
        if name.startswith("AWS::"):
            given = f"give --parameter {name}="
            raise UnknownValueError(f"{name} is known when it is deployed: {given}", path)
        if name in parameters:
            default = _default(name, _members(parameters, name), path)
            self.assumes[f"the parameter {name} has its default"] = None
            return default
        resource = _members(_members(self.template, "Resources"), name)
        kind = resource.get("Type")
        if kind in _IDENTITIES:
            return self._name(name, resource, path)
        raise UnknownValueError(_unknown(name, kind), path)

    def attribute(self, name: str, attribute: str, path: Path) -> str:
        """The value of an attribute of a resource."""
        if f"{name}.{attribute}" in self.given:
            return self.given[f"{name}.{attribute}"]
        resource = _members(_members(self.template, "Resources"), name)
        kind = str(resource.get("Type"))
        if kind not in _IDENTITIES or attribute != "Arn":
            raise UnknownValueError(_unknown(f"{name}.{attribute}", kind), path)
        word, _ = _IDENTITIES[kind]
        properties = _members(resource, "Properties")
        where = ("Resources", name, "Properties", "Path")
        folder = self.text(properties.get("Path", "/"), where)
        partition = self.ref("AWS::Partition", path)
        account = self.ref("AWS::AccountId", path)
        return f"arn:{partition}:iam::{account}:{word}{folder}{self._name(name, resource, path)}"

    def _name(self, name: str, resource: Mapping[str, Any], path: Path) -> str:
        """The name of a user or role; CloudFormation makes one up for a resource that has none."""
        _, member = _IDENTITIES[resource["Type"]]
        properties = _members(resource, "Properties")
        if member in properties:
            return self.text(properties[member], ("Resources", name, "Properties", member))
        made_up = f"{self.ref('AWS::StackName', path)}-{name}-EXAMPLE"
        self.assumes[f"the name of {name} is {made_up}"] = None
        return made_up

    # ---- conditions

    def condition(self, name: str, path: Path) -> bool:
        """Whether a condition of the template is true."""
        if name == self.supposed:
            return True
        conditions = _members(self.template, "Conditions")
        if name not in conditions:
            raise UnknownValueError(f"there is no condition {name}", path)
        return self._is_true(conditions[name], ("Conditions", name))

    def suppose(self, name: str) -> None:
        """From now on, this condition is true, and nothing is assumed so far but that."""
        self.supposed = name
        self.assumes = {f"the condition {name} is true": None}

    def _is_true(self, value: object, path: Path) -> bool:
        if len(path) > _DEPTH:
            raise UnknownValueError("the condition refers to itself", path)
        if isinstance(value, Mapping) and len(value) == 1:  # pyright: ignore[reportUnknownArgumentType]
            ((name, argument),) = cast("Mapping[str, object]", value).items()
            listed = cast("list[object]", argument) if isinstance(argument, list) else [argument]
            inner = [(each, (*path, name, number)) for number, each in enumerate(listed)]
            match name:
                case "Condition" if listed[0] == self.supposed:
                    return True
                case "Condition":
                    conditions = _members(self.template, "Conditions")
                    return self._is_true(conditions.get(f"{listed[0]}"), (*path, name))
                case "Fn::Equals":
                    first, *others = (self.text(each, at) for each, at in inner)
                    return all(each == first for each in others)
                case "Fn::And":
                    return all(self._is_true(each, at) for each, at in inner)
                case "Fn::Or":
                    return any(self._is_true(each, at) for each, at in inner)
                case "Fn::Not":
                    return not self._is_true(*inner[0])
                case _:
                    pass
        raise UnknownValueError("this is not a condition", path)


_DEPTH = 100


def _members(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A member that is an object; any other is one without members."""
    found = of.get(name)
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _default(name: str, parameter: Mapping[str, Any], path: Path) -> object:
    kind = str(parameter.get("Type", "String"))
    if "Default" not in parameter:
        raise UnknownValueError(
            f"the parameter {name} has no value: give --parameter {name}=", path
        )
    if kind.startswith("AWS::SSM::Parameter::Value"):
        given = f"give --parameter {name}="
        raise UnknownValueError(f"the parameter {name} stands in Systems Manager: {given}", path)
    return _of_its_type(parameter["Default"], parameter)


def _of_its_type(value: object, parameter: Mapping[str, Any]) -> object:
    """The value of a parameter: a list, if its type is one of lists."""
    if isinstance(value, str) and "List" in str(parameter.get("Type")):
        return [each.strip() for each in value.split(",")]
    return value


def refuse_functions(members: Mapping[str, object], path: Path) -> None:
    """Raise UnknownValueError if a function adds to these members, as a macro or a loop does."""
    for name in members:
        if name.startswith("Fn::"):
            raise UnknownValueError(f"{name} is not known before it is deployed", path)


def _unknown(name: str, kind: object) -> str:
    if kind is None or kind == "None":
        return f"the template has neither a parameter nor a resource for {name}"
    return f"{name} ({kind}) is known when it is deployed: give --assume {name}="


# ---- functions


def _if(resolver: Resolver, argument: object, path: Path, to: Path) -> object:
    name, *values = _arguments(argument, 3, path)
    number = 1 if resolver.condition(str(name), path) else 2
    return resolver.resolve(values[number - 1], (*path, number), to)


def _join(resolver: Resolver, argument: object, path: Path, _: Path) -> object:
    between, listed = _arguments(argument, 2, path)
    found = resolver.aside(listed, (*path, 1))
    if not isinstance(found, list):
        raise UnknownValueError("a list is expected", path)
    parts = cast("list[object]", found)
    return str(between).join(resolver.text(each, path) for each in parts)


def _sub(resolver: Resolver, argument: object, path: Path, _: Path) -> object:
    text: object = argument
    own: Mapping[str, object] = {}
    if isinstance(argument, list):
        text, values = _arguments(cast("object", argument), 2, path)
        if isinstance(values, Mapping):
            own = cast("Mapping[str, object]", values)
    if not isinstance(text, str):
        raise UnknownValueError("a text is expected", path)

    def replaced(found: re.Match[str]) -> str:
        name = found[1].strip()
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in own:
            return resolver.text(own[name], (*path, 1, name))
        if "." in name:
            resource, attribute = name.split(".", 1)
            return resolver.attribute(resource, attribute, path)
        return resolver.text(resolver.ref(name, path), path)

    return _NAME.sub(replaced, text)


_NAME = re.compile(r"\$\{([^}]+)\}")


def _get_att(resolver: Resolver, argument: object, path: Path, _: Path) -> object:
    found = argument.split(".", 1) if isinstance(argument, str) else argument
    name, attribute = _arguments(found, 2, path)
    return resolver.attribute(str(name), str(attribute), path)


def _select(resolver: Resolver, argument: object, path: Path, _: Path) -> object:
    number, listed = _arguments(argument, 2, path)
    found = resolver.aside(listed, (*path, 1))
    index = resolver.text(number, (*path, 0))
    values = cast("list[object]", found) if isinstance(found, list) else []
    if not index.isdecimal() or int(index) >= len(values):
        raise UnknownValueError(f"there is no value {index} in the list", path)
    return values[int(index)]


def _split(resolver: Resolver, argument: object, path: Path, _: Path) -> object:
    between, text = _arguments(argument, 2, path)
    if not isinstance(between, str) or not between:
        raise UnknownValueError("a text to split at is expected", path)
    return resolver.text(text, (*path, 1)).split(between)


def _find_in_map(resolver: Resolver, argument: object, path: Path, _: Path) -> object:
    names = [
        resolver.text(each, (*path, number))
        for number, each in enumerate(_arguments(argument, 3, path))
    ]
    found: object = _members(resolver.template, "Mappings")
    for name in names:
        found = (
            cast("Mapping[str, object]", found).get(name) if isinstance(found, Mapping) else None
        )
    if found is None:
        raise UnknownValueError(f"there is no value {', '.join(names)} in the mappings", path)
    return found


def _import_value(resolver: Resolver, argument: object, path: Path, _: Path) -> object:
    name = resolver.text(argument, path)
    if name not in resolver.given:
        raise UnknownValueError(f"another stack exports {name}: give --assume {name}=", path)
    return resolver.given[name]


def _arguments(argument: object, count: int, path: Path) -> list[object]:
    listed = cast("list[object]", argument) if isinstance(argument, list) else []
    if len(listed) != count:
        raise UnknownValueError(f"a list of {count} is expected", path)
    return listed


_Function = Callable[[Resolver, object, Path, Path], object]
_FUNCTIONS: Mapping[str, _Function] = {
    "Fn::If": _if,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::GetAtt": _get_att,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import_value,
}


def names_in(value: object) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in cast("Mapping[str, object]", value).values():
            yield from names_in(each)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from names_in(each)
