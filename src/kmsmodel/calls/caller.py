"""
Who calls AWS KMS, and the policies and the request context that they come with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Self, cast, final

from attrs import evolve, field, frozen

from kmsmodel.policy.policies import NO_POLICIES, Policies
from kmsmodel.policy.principal import Principal, PrincipalKind, principal as principal_of
from kmsmodel.policy.question import Value
from kmsmodel.words.arguments import expect, instance_of
from kmsmodel.words.arn import ACCOUNT, root_user

REGION = re.compile("[a-z0-9-]+")
"""The name of a Region."""

EXAMPLE_ACCOUNT = "111122223333"
"""The account of a caller who names none; AWS's pages use it in their examples."""

VIA_SERVICE = "kms:viaservice"
_CALLED_VIA = "aws:calledvia"


def plain_account(account: object) -> str:
    """The id of an AWS account, as a plain string. Raises ValueError for anything that is not one."""
    if not isinstance(account, str) or ACCOUNT.fullmatch(account) is None:
        as_a_string = "" if isinstance(account, str) else ", as a string"
        raise ValueError(f"account must be an account id of twelve digits{as_a_string}")
    return str.__str__(account)


def plain_region(region: object) -> str:
    """The name of a Region, as a plain string. Raises ValueError for anything that is not one."""
    if not isinstance(region, str) or REGION.fullmatch(region) is None:
        raise ValueError("region must be the name of a Region, such as us-west-2")
    return str.__str__(region)


def plain_text(name: str, value: object) -> str:
    """A plain string. Raises TypeError for anything that is not a string."""
    expect(name, value, str)
    return str.__str__(cast("str", value))


def _context(given: Mapping[str, Value | Iterable[str]]) -> Mapping[str, Value]:
    """
    The condition keys that a caller comes with, by their names in lower case.

    Raises ValueError for one of AWS KMS's own, whose value follows from the request, and TypeError for a value that is
    neither a string nor several.
    """
    context = {name.lower(): _value(name, value) for name, value in given.items()}
    for name in context:
        if name.startswith("kms:") and name != VIA_SERVICE:
            raise ValueError(f"the value of {name} follows from the request")
    return context


def _value(name: str, given: object) -> Value:
    if isinstance(given, str):
        return given
    if not isinstance(given, Iterable):
        said = f"the value of {name} must be a string or a list of strings, not {given!r}"
        raise TypeError(said)
    each_of = cast("Iterable[object]", given)
    return tuple(plain_text(f"a value of {name}", each) for each in each_of)


def _principal(given: str | Principal) -> Principal:
    return given if isinstance(given, Principal) else principal_of(plain_text("principal", given))


def _account(given: str | None) -> str:
    return "" if given is None else plain_account(given)


@final
@frozen(cache_hash=True)
class Caller:
    """
    An AWS principal with the policies that AWS asks of it, and the condition keys that its requests come with.

    ``principal`` is an ARN, or for a service a name such as ``sns.amazonaws.com``. ``account`` is the principal's; that
    of a service is where key ids and alias names alone are looked for. ``context`` has the condition keys that AWS KMS
    cannot know, such as ``aws:SourceIp`` and ``aws:PrincipalTag/...``. A caller who is not asked may do everything, for
    hosts that authorize by themselves.

    Raises ValueError for an invalid principal or one of another account, and for a condition key that follows
    from the request; TypeError for an argument of another type.
    """

    principal: Principal = field(converter=_principal)
    account: str = field(kw_only=True, default=None, converter=_account)
    policies: Policies = field(kw_only=True, default=NO_POLICIES, validator=instance_of(Policies))
    context: Mapping[str, Value] = field(
        kw_only=True, factory=dict[str, Value], converter=_context, hash=False
    )
    is_asked: bool = field(kw_only=True, default=True)

    def __attrs_post_init__(self) -> None:
        account = self.account
        if self.principal.kind is PrincipalKind.SERVICE:
            account = account or EXAMPLE_ACCOUNT
        elif account not in {"", self.principal.account}:
            raise ValueError(f"{self.principal.arn} does not belong to the account {account}")
        object.__setattr__(self, "account", account or self.principal.account)

    @classmethod
    def unasked(cls, account: str = EXAMPLE_ACCOUNT, region: str = "us-west-2") -> Self:
        """The root user of an account, who may do everything: no policy and no grant is asked."""
        return cls(root_user(plain_account(account), plain_region(region)), is_asked=False)

    def through(self, service: str) -> Caller:
        """
        The same caller, for whom an AWS service makes the request: ``s3.us-west-2.amazonaws.com``.

        Source: *Forward access sessions* in the IAM User Guide.
        """
        name = plain_text("service", service)
        before = self.context.get(_CALLED_VIA, ())
        chain = (*((before,) if isinstance(before, str) else before), _principal_of(name))
        added: dict[str, Value] = {
            VIA_SERVICE: name,
            "aws:viaawsservice": "true",
            _CALLED_VIA: chain,
            f"{_CALLED_VIA}first": chain[0],
            f"{_CALLED_VIA}last": chain[-1],
        }
        return evolve(self, context={**self.context, **added})


def _principal_of(service: str) -> str:
    """The service principal in ``aws:CalledVia``: its name without the Region."""
    found = _REGIONAL_SERVICE.fullmatch(service)
    return service if found is None else f"{found[1]}.amazonaws.com"


_REGIONAL_SERVICE = re.compile(r"([a-z0-9-]+)\.[a-z0-9-]+\.amazonaws\.com")


_CALLER_OR_PRINCIPAL = "an ARN alone is given as principal="


def named(
    region: str,
    *,
    caller: Caller | None = None,
    account: str | None = None,
    principal: str | None = None,
) -> Caller:
    """
    The caller that these keywords name: ``caller`` itself, or a principal of ``account``, without policies of its own.

    Without a principal, it is the account's root user, whose ARN has the partition of ``region``. Raises TypeError for
    ``caller`` together with another keyword, and what `Caller` raises.
    """
    if caller is not None:
        if account is not None or principal is not None:
            raise TypeError("caller= stands beside neither account= nor principal=")
        expect("caller", caller, Caller, hint=_CALLER_OR_PRINCIPAL)
        return caller
    if principal is not None:
        return Caller(principal, account=account)
    account = EXAMPLE_ACCOUNT if account is None else account
    if type(account) is not str:
        account = plain_account(account)
    return _root_user(account, region)


@lru_cache(1024)
def _root_user(account: str, region: str) -> Caller:
    return Caller(root_user(plain_account(account), region))
