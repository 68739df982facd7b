"""
Users, groups and roles of IAM, with their policies and tags.

Source: *IAM identities* and *IAM identifiers* in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, final

from attrs import field, frozen, validators

from kmsmodel.calls.caller import EXAMPLE_ACCOUNT, plain_account, plain_text
from kmsmodel.policy import policies as documents
from kmsmodel.policy.document import Policy
from kmsmodel.policy.policies import Document


def _matching(form: re.Pattern[str]) -> Callable[[object, object, str], None]:
    """What refuses a text that has not this form."""

    def validate(instance: object, attribute: object, value: str) -> None:
        name = getattr(attribute, "name", "")
        if form.fullmatch(plain_text(name, value)) is None:
            raise ValueError(f"{name} {value!r} of a {type(instance).__name__} is not valid")

    return validate


def _trust(document: Document | None) -> Policy | None:
    return None if document is None else documents.trust(document)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise TypeError("a list of names is expected")
    return tuple(plain_text("a name", each) for each in given)


def _tags(given: Mapping[str, str]) -> Mapping[str, str]:
    return {plain_text("a tag", key): plain_text("a tag", value) for key, value in given.items()}


NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
"""The friendly name of a user, a group or a role."""

_PATH = re.compile(r"/|/[\x21-\x7e]+/")
_PARTITION = re.compile("[a-z-]+")
_ACCESS_KEY_ID = re.compile(r"(?![0-9]{12}\Z)\w{3,128}", re.ASCII)
_AN_HOUR = 3600


@frozen(kw_only=True)
class Identity:
    """What users, groups and roles have."""

    kind: ClassVar[str]
    """The word for it in an ARN."""
    prefix: ClassVar[str]
    """What its unique id begins with."""

    name: str = field(kw_only=False, validator=_matching(NAME))
    account: str = field(default=EXAMPLE_ACCOUNT, converter=plain_account)
    path: str = field(default="/", validator=_matching(_PATH))
    unique_id: str | None = None
    policies: tuple[Policy, ...] = field(default=(), converter=documents.several)
    partition: str = field(default="aws", validator=_matching(_PARTITION))

    @property
    def arn(self) -> str:
        """Its ARN, with its path."""
        return f"arn:{self.partition}:iam::{self.account}:{self.kind}{self.path}{self.name}"


@final
@frozen(kw_only=True)
class Group(Identity):
    """
    An IAM group, whose policies its users have.

    Raises ValueError for a value that cannot be one, MalformedPolicyDocumentException for an invalid policy.
    """

    kind: ClassVar[str] = "group"
    prefix: ClassVar[str] = "AGPA"


@final
@frozen(kw_only=True)
class User(Identity):
    """
    An IAM user.

    ``policies`` are all that are attached, without those of the ``groups``, which are given by name. ``access_keys``
    are access key ids. Raises ValueError for a value that cannot be one, MalformedPolicyDocumentException for an
    invalid policy.
    """

    kind: ClassVar[str] = "user"
    prefix: ClassVar[str] = "AIDA"

    groups: tuple[str, ...] = field(default=(), converter=_names)
    boundary: Policy | None = field(default=None, converter=documents.optional)
    tags: Mapping[str, str] = field(factory=dict[str, str], converter=_tags, hash=False)
    access_keys: tuple[str, ...] = field(
        default=(),
        converter=_names,
        validator=validators.deep_iterable(_matching(_ACCESS_KEY_ID)),
    )


@final
@frozen(kw_only=True)
class Role(Identity):
    """
    An IAM role.

    ``trust`` is the policy that says who may assume it, and ``maximum_session_duration`` for how many seconds. Raises
    ValueError for a value that cannot be one, MalformedPolicyDocumentException for an invalid policy.
    """

    kind: ClassVar[str] = "role"
    prefix: ClassVar[str] = "AROA"

    trust: Policy | None = field(default=None, converter=_trust)
    boundary: Policy | None = field(default=None, converter=documents.optional)
    tags: Mapping[str, str] = field(factory=dict[str, str], converter=_tags, hash=False)
    maximum_session_duration: int = field(
        default=_AN_HOUR, validator=[validators.ge(_AN_HOUR), validators.le(12 * _AN_HOUR)]
    )
