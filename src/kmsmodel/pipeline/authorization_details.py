"""
The IAM side: what ``aws iam get-account-authorization-details`` prints.

Source: *GetAccountAuthorizationDetails* in the IAM API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, cast

from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Group, Role, User
from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.pipeline.identity_policies import IdentityPolicy
from kmsmodel.pipeline.stored import NotUnderstoodError
from kmsmodel.pipeline.texts import Text
from kmsmodel.policy.document import Policy, from_json, parse
from kmsmodel.policy.places import Path, Place

Members: TypeAlias = "Mapping[str, Any]"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList")
"""The lists of identities in the details."""


def are_details(content: Members) -> bool:
    """Is this what the command prints?"""
    return any(each in content for each in LISTS)


class _Reader:
    """Reads the details, and tells where what is wrong stands."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self.content = cast("Members", text.content)
        self.managed = {
            each["Arn"]: self._document(document, path, arn=each["Arn"])
            for each, path in self._items("Policies")
            for document, path in [_default_version(each, path)]
            if document is not None
        }

    def _items(self, name: str) -> Iterator[tuple[Members, Path]]:
        for number, each in enumerate(cast("list[Members]", self.content.get(name) or ())):
            yield each, (name, number)

    def _document(self, written: object, path: Path, arn: str | None = None) -> Policy:
        """A document as an object, or as a text in which AWS prints it in other places."""
        try:
            return (
                parse(written, arn=arn) if isinstance(written, str) else from_json(written, arn=arn)
            )
        except MalformedPolicyDocumentException as error:
            notes = ", ".join(getattr(error, "__notes__", ())) or str(error)
            raise NotUnderstoodError(notes, self.place(path)) from None

    def place(self, path: Path) -> Place | None:
        """The place of what stands at a path, or of what is around it."""
        while path and path not in self._text.places:
            path = path[:-1]
        return self._text.places.get(path)

    def inline(self, of: Members, member: str, path: Path) -> Iterator[tuple[str, Policy, Path]]:
        """The inline policies of an identity, with their names."""
        for number, each in enumerate(cast("list[Members]", of.get(member) or ())):
            here = (*path, member, number, "PolicyDocument")
            yield each["PolicyName"], self._document(each["PolicyDocument"], here), here

    def attached(self, of: Members) -> Iterator[Policy]:
        """The managed policies of an identity."""
        for each in cast("list[Members]", of.get("AttachedManagedPolicies") or ()):
            found = self.managed.get(each["PolicyArn"])
            if found is None:
                raise NotUnderstoodError(f"the details have no policy {each['PolicyArn']}")
            yield found

    def identity(self, of: Members, kind: str, path: Path) -> dict[str, Any]:
        """What users, groups and roles have."""
        inline = (policy for _, policy, _ in self.inline(of, f"{kind}PolicyList", path))
        found: dict[str, Any] = {
            "name": of[f"{kind}Name"],
            "account": of["Arn"].split(":")[4],
            "path": of.get("Path", "/"),
            "policies": (*inline, *self.attached(of)),
        }
        limit: Members = of.get("PermissionsBoundary") or {}
        boundary = limit.get("PermissionsBoundaryArn")
        if boundary is not None:
            if boundary not in self.managed:
                raise NotUnderstoodError(f"the details have no policy {boundary}", self.place(path))
            found["boundary"] = self.managed[boundary]
        if kind != "Group":
            found["tags"] = {each["Key"]: each["Value"] for each in of.get("Tags") or ()}
        return found

    def each(self, kind: str) -> Iterator[tuple[Members, dict[str, Any]]]:
        for each, path in self._items(f"{kind}DetailList"):
            yield each, self.identity(each, kind, path)

    def identity_policies(self, file: str) -> Iterator[IdentityPolicy]:
        for each, path in self._items("Policies"):
            account = each["Arn"].split(":")[4]
            if each["Arn"] in self.managed and account.isdigit():  # AWS's own have no account
                yield IdentityPolicy(
                    file=file,
                    name=each["Arn"],
                    policy=self.managed[each["Arn"]],
                    account=account,
                    place=self.place(path),
                )
        for kind in ("User", "Group", "Role"):
            for each, path in self._items(f"{kind}DetailList"):
                for name, policy, where in self.inline(each, f"{kind}PolicyList", path):
                    yield IdentityPolicy(
                        file=file,
                        name=f"{each['Arn']} {name}",
                        policy=policy,
                        account=each["Arn"].split(":")[4],
                        place=self.place(where),
                    )


def _default_version(policy: Members, path: Path) -> tuple[object, Path]:
    for number, each in enumerate(cast("list[Members]", policy.get("PolicyVersionList") or ())):
        if each.get("IsDefaultVersion"):
            return each.get("Document"), (*path, "PolicyVersionList", number, "Document")
    return None, path


def read(text: Text) -> Iam:
    """The users, groups and roles in the details, with their policies. Raises NotUnderstoodError."""
    try:
        reader = _Reader(text)
        return Iam(
            users=[
                User(**known, groups=tuple(each.get("GroupList") or ()))
                for each, known in reader.each("User")
            ],
            groups=[Group(**known) for _, known in reader.each("Group")],
            roles=[Role(**known) for _, known in reader.each("Role")],
            policies=list(reader.managed.values()),
        )
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise NotUnderstoodError(f"this is not what AWS prints: {error!r}") from None
    except NotUnderstoodError:
        raise
    except ValueError as error:
        raise NotUnderstoodError(str(error)) from None


def policies(text: Text, file: str) -> tuple[IdentityPolicy, ...]:
    """The customer managed and the inline policies in the details. Raises NotUnderstoodError."""
    try:
        return tuple(_Reader(text).identity_policies(file))
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise NotUnderstoodError(f"this is not what AWS prints: {error!r}") from None
