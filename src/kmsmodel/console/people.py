"""
Whom the console lists: the IAM users and roles of the account.
"""

from __future__ import annotations

from kmsmodel.calls.iam import Iam, Role, User


def people(iam: Iam | None, account: str) -> tuple[User | Role, ...]:
    """The users and roles of an account, by their names; nobody, if no directory tells who there is."""
    if iam is None:
        return ()
    everybody: list[User | Role] = [*iam.users.values(), *iam.roles.values()]
    found = [each for each in everybody if each.account == account]
    return tuple(sorted(found, key=lambda each: (each.name.lower(), each.kind, each.name)))
