"""
A directory of IAM in a file, as YAML or JSON.

`iam.schema.json` has its format as a JSON Schema. Whatever is wrong is told with the line that it stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast, final

from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Group, Role, User
from kmsmodel.errors import MalformedPolicyDocumentException, notes_of
from kmsmodel.policy import policies as documents
from kmsmodel.policy.document import Policy, from_json
from kmsmodel.words import strict_json
from kmsmodel.words.arn import ACCOUNT

try:
    import yaml
    from jsonschema import Draft202012Validator, ValidationError
except ModuleNotFoundError as error:
    error.add_note("kmsmodel.iam_file needs an extra: pip install '.[iam]' in a clone of kmsmodel")
    raise

Place: TypeAlias = "tuple[str | int, ...]"
"""The names and numbers that lead to a value in the file."""

T = TypeVar("T")

_BYTE_ORDER_MARK = "\ufeff"


@final
class IamFileError(ValueError):
    """What is wrong with a file, and in which line."""


def read(file: str | Path) -> Iam:
    """The directory in a file; one whose name ends in ``.json`` is strict JSON. Raises IamFileError or OSError."""
    file = Path(file)
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise IamFileError(f"{file}: {error}") from None
    return parse(text, str(file), is_json=file.suffix.lower() == ".json")


def parse(text: str, name: str, *, is_json: bool = False) -> Iam:
    """The directory in the text of a file of this name. Raises IamFileError."""
    source = _Source(name)
    text = text.removeprefix(_BYTE_ORDER_MARK)
    content = source.from_json(text) if is_json else source.from_yaml(text)
    source.validate(content)
    return _Reader(source).iam(cast("dict[str, Any]", content))


# ---- the text


@final
class _Source:
    """A file: its content, and in which line each part of it stands."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Place, int] = {}

    def wrong(self, message: str, place: Place = ()) -> IamFileError:
        """The error for a mistake at a place, or at the closest one around it that has a line."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.wrong_in_line(message, self.lines.get(place, 1))

    def wrong_in_line(self, message: str, line: int) -> IamFileError:
        return IamFileError(f"{self.name}, line {line}: {message}")

    def from_json(self, text: str) -> object:
        try:
            content = strict_json.loads(text)
        except json.JSONDecodeError as error:
            raise self.wrong_in_line(error.msg, error.lineno) from None
        except ValueError as error:
            raise self.wrong(str(error)) from None
        # Only for the lines: JSON without tabs, which are white space in it, is YAML.
        self.from_yaml(text.replace("\t", " "))
        return content

    def from_yaml(self, text: str) -> object:
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line = 1 if mark is None else mark.line + 1
            raise self.wrong_in_line(error.problem or "this is not YAML", line) from None
        except (yaml.YAMLError, RecursionError) as error:
            raise self.wrong(f"this is not YAML: {error}") from None
        return None if node is None else self._value(node, (), ())

    def _value(self, node: yaml.Node, place: Place, around: tuple[yaml.Node, ...]) -> object:
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        if len(self.lines) > _MOST_PLACES:
            raise self.wrong_in_line("this is too large", line)
        if node in around:
            raise self.wrong_in_line("this refers to itself", line)
        if not node.tag.startswith(_TAGS):
            raise self.wrong_in_line(f"the tag {node.tag} is not known", line)
        around = (*around, node)
        match node:
            case yaml.MappingNode():
                return dict(self._pairs(node, place, around))
            case yaml.SequenceNode():
                return [
                    self._value(each, (*place, number), around)
                    for number, each in enumerate(node.value)
                ]
            case yaml.ScalarNode():
                return node.value if node.style else scalar(node.value)
            case _:
                raise self.wrong_in_line("this is not known", line)

    def _pairs(
        self, node: yaml.MappingNode, place: Place, around: tuple[yaml.Node, ...]
    ) -> Iterator[tuple[str, object]]:
        names = set[str]()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise self.wrong_in_line("a name is expected", line)
            if key.value in names:
                raise self.wrong_in_line(f"{key.value} stands here twice", line)
            names.add(key.value)
            self.lines[*place, key.value] = line
            yield key.value, self._value(value, (*place, key.value), around)

    def validate(self, content: object) -> None:
        """Raises IamFileError for the first violation of the schema."""
        found = [self._violation(each) for each in _VALIDATOR.iter_errors(content)]
        if found:
            raise self.wrong(*min(found, key=lambda each: self.lines.get(each[1], 0)))

    def _violation(self, error: ValidationError) -> tuple[str, Place]:
        """What is wrong, and where: of an object with unknown names, the first of these."""
        place = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            known = cast("Mapping[str, object]", error.schema.get("properties", {}))
            instance = cast("Mapping[str, object]", error.instance)
            unknown = next(name for name in instance if name not in known)
            return f"{unknown} is not one of {', '.join(known)}", (*place, unknown)
        if isinstance(error.instance, str) and (*place, error.instance) in self.lines:
            place = (*place, error.instance)  # it is a name itself that is wrong
        message = _sentence(error)
        if len(message) > _LONGEST_MESSAGE:
            message = f"...{message[-_LONGEST_MESSAGE:]}"
        return message, place


def _sentence(error: ValidationError) -> str:
    """What is wrong, in words of people who have not read the schema."""
    given = json.dumps(error.instance)
    match error.validator:
        case "type":
            kinds = cast("list[str] | str", error.validator_value)
            several = [kinds] if isinstance(kinds, str) else kinds
            words = [_KINDS[each] for each in several if each != "null"]
            return f"{' or '.join(words)} is expected, not {given}"
        case "pattern":
            return f"{given} does not have the form {error.validator_value}"
        case _:
            return error.message


_KINDS = {
    "array": "a list",
    "integer": "a whole number",
    "object": "an object",
    "string": "a string",
}
"""The types of JSON Schema in the words of people."""

_TAGS = "tag:yaml.org,2002:"
_MOST_PLACES = 1_000_000
_LONGEST_MESSAGE = 200


def scalar(text: str) -> object:
    """
    A scalar without quotes as YAML 1.2 reads it: neither a date nor ``yes`` is anything but a string.

    Twelve digits are an account id, and no number.
    """
    if text in {"", "~", "null", "Null", "NULL"}:
        return None
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    is_number = _NUMBER.fullmatch(text) and not ACCOUNT.fullmatch(text)
    return json.loads(text) if is_number else text


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?")

_VALIDATOR = Draft202012Validator(
    json.loads(files("kmsmodel").joinpath("iam.schema.json").read_text(encoding="utf-8"))
)

# ---- the directory


@final
class _Reader:
    """The values that a valid file stands for."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._managed: dict[str, dict[str, Policy]] = {}
        self._groups: dict[str, Collection[str]] = {}
        self._owners: dict[str, str] = {}

    def iam(self, content: Mapping[str, Any]) -> Iam:
        given = _object(content, "accounts")
        accounts = {account: _object(given, account) for account in given}
        for account, members in accounts.items():
            self._managed[account] = self._managed_policies(account, _object(members, "policies"))
            self._groups[account] = _object(members, "groups").keys()
        others = content.get("other_accounts")
        return Iam(
            users=self._each(User, "users", accounts),
            groups=self._each(Group, "groups", accounts),
            roles=self._each(Role, "roles", accounts),
            policies=[each for of in self._managed.values() for each in of.values()],
            accounts=None if others is None else {*accounts, *others},
            organization_id=content.get("organization"),
            management_account=content.get("management_account"),
            scps=self._levels(content, (), ""),
            account_scps={
                account: self._levels(members, ("accounts", account), account)
                for account, members in accounts.items()
            },
            rcps=self._rcps(content.get("rcps") or []),
        )

    def _managed_policies(self, account: str, written: Mapping[str, Any]) -> dict[str, Policy]:
        """Managed policies by name and by ARN: of those with a path, and those of AWS, the name is the ARN."""
        found: dict[str, Policy] = {}
        for name, document in written.items():
            arn = name if name.startswith("arn:") else f"arn:aws:iam::{account}:policy/{name}"
            place = ("accounts", account, "policies", name)
            found[arn] = self._document(document, place, arn=arn)
        return found

    def _each(
        self,
        kind: Callable[..., T],
        what: str,
        accounts: Mapping[str, Mapping[str, Any]],
    ) -> list[T]:
        return [
            self._identity(kind, name, account, members or {}, ("accounts", account, what, name))
            for account, of in accounts.items()
            for name, members in _object(of, what).items()
        ]

    def _identity(
        self,
        kind: Callable[..., T],
        name: str,
        account: str,
        members: Mapping[str, Any],
        place: Place,
    ) -> T:
        given: dict[str, Any] = {
            _FIELDS.get(member, member): value
            for member, value in members.items()
            if value is not None
        }
        if "policies" in given:
            given["policies"] = self._policies(given["policies"], (*place, "policies"), account)
        if "boundary" in given:
            given["boundary"] = self._policy(given["boundary"], (*place, "boundary"), account)
        if "trust" in given:
            given["trust"] = self._document(given["trust"], (*place, "trust"), documents.trust)
        for number, group in enumerate(given.get("groups", ())):
            if group not in self._groups[account]:
                raise self._source.wrong(f"there is no group {group}", (*place, "groups", number))
        for member in ("access_keys", "id"):
            self._refuse_shared(members.get(member) or [], (*place, member))
        try:
            return kind(name, account=account, **given)
        except ValueError as error:
            raise self._source.wrong(str(error), place) from None

    def _refuse_shared(self, keys: str | list[str], place: Place) -> None:
        """An access key or a unique id belongs to one only."""
        for key in [keys] if isinstance(keys, str) else keys:
            owner = "/".join(map(str, place[1:4]))
            if self._owners.setdefault(key, owner) != owner:
                raise self._source.wrong(f"{key} is that of {self._owners[key]} too", place)

    def _levels(
        self, members: Mapping[str, Any], place: Place, account: str
    ) -> list[tuple[Policy, ...]]:
        return [
            self._policies(level, (*place, "scps", number), account)
            for number, level in enumerate(members.get("scps") or [])
        ]

    def _policies(self, written: Iterable[Any], place: Place, account: str) -> tuple[Policy, ...]:
        return tuple(
            self._policy(each, (*place, number), account) for number, each in enumerate(written)
        )

    def _rcps(self, written: Iterable[Any]) -> tuple[Policy, ...]:
        return tuple(
            self._policy(each, ("rcps", number), "", documents.policy)
            for number, each in enumerate(written)
        )

    def _policy(
        self,
        written: Any,
        place: Place,
        account: str,
        kind: Callable[[Policy], Policy] = documents.of_an_identity,
    ) -> Policy:
        """A policy that stands here, or the managed one of this name or ARN."""
        if not isinstance(written, str):
            return self._document(written, place, kind)
        managed = self._managed.get(account, {})
        found = managed.get(written) or managed.get(f"arn:aws:iam::{account}:policy/{written}")
        if found is None:
            raise self._source.wrong(f"there is no managed policy {written}", place)
        return found

    def _document(
        self,
        written: Any,
        place: Place,
        kind: Callable[[Policy], Policy] = documents.of_an_identity,
        *,
        arn: str | None = None,
    ) -> Policy:
        try:
            return kind(from_json(written, resource=kind is not documents.trust, arn=arn))
        except MalformedPolicyDocumentException as error:
            note = "; ".join(notes_of(error))
            number = _STATEMENT.match(note)
            if number is not None:
                place = (*place, "Statement", int(number[1]) - 1)
            raise self._source.wrong(note, place) from None


def _object(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A member that is an object; one that is left out, or without content, is empty."""
    return cast("dict[str, Any]", members.get(name) or {})


_FIELDS = {"id": "unique_id"}
_STATEMENT = re.compile("statement ([0-9]+)")
