"""
The people of the console's tests: users and roles of the account, and one of another.
"""

from __future__ import annotations

from attrs import evolve

from kmsmodel.calls.call import Call
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.identities import Role, User
from tests.basics import ACCOUNT, OTHER_ACCOUNT, call
from tests.key_stores import KEY_STORES

ADA = User("Ada", account=ACCOUNT, access_keys=["AKIAADA"])
BERT = User("Bert", account=ACCOUNT, path="/division/")
KEEPER = Role("Keeper", account=ACCOUNT, path="/ops/")
APPLICATION = Role("Application", account=ACCOUNT)
STRANGER = User("Stranger", account=OTHER_ACCOUNT)

IAM = Iam(users=[ADA, BERT, STRANGER], roles=[KEEPER, APPLICATION])

NOBODY_OF_US = (
    STRANGER.arn,
    f"arn:aws:iam::{ACCOUNT}:user/Nobody",
    f"arn:aws:iam::{ACCOUNT}:user/Bert",  # without its path
    f"arn:aws:iam::{ACCOUNT}:root",
    "*",
    "",
)
"""What the console does not list."""


def with_people(name: str = "the call", iam: Iam | None = IAM) -> Call:
    """A call by the account's root user, with this directory, and what is behind the tests' custom key stores."""
    return evolve(call(name), iam=iam, key_stores=KEY_STORES)
