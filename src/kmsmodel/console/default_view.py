"""
The default view of a key policy: the lists that it was made from, if it is one that the console writes.

Source: *Changing a key policy* in the Developer Guide: the default view is there while the policy has the console's
statements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, cast, final

from attrs import evolve, frozen

from kmsmodel.console.create_key import KEY_TYPES
from kmsmodel.console.editions import Edition
from kmsmodel.console.key_policy import Chosen, Statement, statements
from kmsmodel.errors import KmsError
from kmsmodel.policy import written_anew
from kmsmodel.policy.elements import account_named
from kmsmodel.words import strict_json
from kmsmodel.words.enumerations import OriginType


@final
@frozen(kw_only=True)
class DefaultView:
    """Who was chosen in the wizard that the key policy comes from."""

    administrators: tuple[str, ...] = ()
    administrators_may_delete: bool = True
    users: tuple[str, ...] = ()
    other_accounts: tuple[str, ...] = ()


def default_view(policy: str, account: str, region: str) -> DefaultView | None:
    """The lists behind a key policy of a KMS key of this account, or None if it is none of the console's."""
    try:
        document = strict_json.loads(written_anew(policy, region))
    except KmsError:
        return None
    kept = cast("list[Statement]", cast("Mapping[str, Any]", document)["Statement"])
    by_sid = {str(each.get("Sid")): each for each in kept}
    administration = by_sid.get("Allow access for Key Administrators", {})
    named = _named(by_sid.get("Allow use of the key", {}))
    accounts = {name: account_named(name) for name in named}
    view = DefaultView(
        administrators=_named(administration),
        administrators_may_delete="kms:ScheduleKeyDeletion" in administration.get("Action", ())
        or not administration,
        users=tuple(name for name in named if accounts[name] is None),
        other_accounts=tuple(each for each in accounts.values() if each is not None),
    )
    wanted = [_compared(each) for each in kept]
    for chosen in _possible(Chosen(account=account, region=region), view):
        if [_compared(each) for each in statements(chosen)] == wanted:
            return view
    return None


def _possible(chosen: Chosen, view: DefaultView) -> Iterator[Chosen]:
    """With these people, all that the wizard may have been told of the key."""
    chosen = evolve(
        chosen,
        administrators=view.administrators,
        administrators_may_delete=view.administrators_may_delete,
        users=view.users,
        other_accounts=view.other_accounts,
    )
    of_the_key = [
        (usage, key_specs[0])
        for usages in KEY_TYPES.values()
        for usage, key_specs in usages.items()
    ]
    origins = (OriginType.AWS_KMS, OriginType.EXTERNAL)
    for edition, origin, is_multi_region, (usage, key_spec) in product(
        Edition, origins, (False, True), of_the_key
    ):
        yield evolve(
            chosen,
            edition=edition,
            origin=origin,
            multi_region=is_multi_region,
            key_usage=usage,
            key_spec=key_spec,
        )


def _named(statement: Statement) -> tuple[str, ...]:
    """The AWS principals of a statement."""
    principal = statement.get("Principal")
    if not isinstance(principal, dict):
        return ()
    names: object = cast("dict[str, object]", principal).get("AWS", ())
    listed = [names] if isinstance(names, str) else cast("list[object]", names)
    return tuple(str(name) for name in listed)


def _compared(statement: Statement) -> Statement:
    """A statement as two of them are compared: the order of principals and actions says nothing."""
    actions = statement.get("Action")
    return {
        **statement,
        "Principal": sorted(_named(statement)),
        "Action": sorted(cast("list[str]", actions)) if isinstance(actions, list) else actions,
    }
