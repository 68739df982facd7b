"""
Where a key policy leads, by force: all requests of a few callers are tried on a `LocalKms`, up to so many steps.

Nothing is known here of the rules by which a path is followed.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any, final

from attrs import field, frozen

from kmsmodel.calls.caller import Caller
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import KmsError
from kmsmodel.key_import import import_key_material
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.policy import Answer, Found, KeyPolicy, Proved, inside, named, outside
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.proofs.callers import WILLING, Callers
from tests.basics import NOW

OWNER, OTHER = "111122223333", "444455556666"
HERE, THERE, THIRD = "us-east-1", "eu-west-1", "eu-central-1"
ADMIN, APP = (f"arn:aws:iam::{OWNER}:role/{name}" for name in ("admin", "app"))
GUEST, FRIEND = (f"arn:aws:iam::{OTHER}:role/{name}" for name in ("guest", "friend"))
ROLES = (ADMIN, APP, GUEST, FRIEND)
PLAIN = b"plain"
TENANT = {"tenant": "acme"}
OPEN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
    }
)


@final
@frozen(kw_only=True)
class Problem:
    """A key policy, who takes the steps, and to which action they shall not come."""

    statements: list[dict[str, Any]]
    by: Callers
    action: str = "Decrypt"
    identity: tuple[dict[str, Any], ...] | None = None
    tags: Mapping[str, str] = field(factory=dict[str, str])
    aliases: tuple[str, ...] | None = None
    is_replica: bool = False

    @property
    def text(self) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": self.statements})

    def answer(self) -> Answer:
        given: dict[str, Any] = {f"aws:ResourceTag/{key}": each for key, each in self.tags.items()}
        if self.aliases is not None:
            given["kms:ResourceAliases"] = self.aliases
        if self.is_replica:
            given |= {"kms:MultiRegion": "true", "kms:MultiRegionKeyType": "REPLICA"}
        policy = KeyPolicy.parse(self.text, account=OWNER, given=given)
        return policy.never_leads_to(self.action, by=self.by)

    def callers(self) -> list[Caller]:
        """The roles that take steps, each by one session."""
        policies = Policies(identity=(WILLING,) if self.identity is None else self.identity)
        found = [Caller(_session(each), policies=policies) for each in ROLES]
        return [each for each in found if self.by.include(each.principal)]


def _session(role: str) -> str:
    return role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/session"


@final
class World:
    """A `LocalKms` with the KMS key, what was done with it before, and a key of everybody's own."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.local = local = LocalKms(region=HERE, clock=Clock(NOW), hsm=SeededHsm("by force"))
        self.owner = owner = Caller.unasked(OWNER, HERE)
        self.is_mac = problem.action == "GenerateMac"
        made: dict[str, Any] = {"MultiRegion": not self.is_mac}
        if self.is_mac:
            made |= {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC", "Origin": "EXTERNAL"}
        made["Tags"] = [{"TagKey": key, "TagValue": each} for key, each in problem.tags.items()]
        self.key = local.dispatch("CreateKey", made, caller=owner)["KeyMetadata"]["Arn"]
        if self.is_mac:
            self.ciphertexts: dict[str, bytes] = {}
        else:
            self.ciphertexts = {
                json.dumps(pairs): local.dispatch(
                    "Encrypt",
                    {"KeyId": self.key, "Plaintext": PLAIN, "EncryptionContext": pairs},
                    caller=owner,
                )["CiphertextBlob"]
                for pairs in ({}, TENANT)
            }
        if problem.is_replica:
            replicated = {"KeyId": self.key, "ReplicaRegion": THERE, "Policy": OPEN}
            local.dispatch("PutKeyPolicy", self._put(self.key, OPEN), caller=owner)
            local.dispatch("ReplicateKey", replicated, caller=owner)
            self.key = self.key.replace(HERE, THERE)
        for name in problem.aliases or ():
            local.dispatch(
                "CreateAlias", {"AliasName": name, "TargetKeyId": self.key}, caller=owner
            )
        region = {"region": self._region(self.key)}
        local.dispatch("PutKeyPolicy", self._put(self.key, problem.text), caller=owner, **region)
        self.own = {
            account: local.dispatch(
                "CreateKey", {"Policy": OPEN}, caller=Caller.unasked(account, HERE)
            )["KeyMetadata"]["Arn"]
            for account in (OWNER, OTHER)
        }

    def _put(self, key: str, policy: str) -> dict[str, Any]:
        return {"KeyId": key, "Policy": policy, "BypassPolicyLockoutSafetyCheck": True}

    @staticmethod
    def _region(key: str) -> str:
        return key.split(":")[3]

    # ---- requests

    def steps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """All requests that may change something."""
        replica = self.key.replace(self._region(self.key), THIRD)
        has_replica = self.local.kms.key(replica, NOW) is not None
        for key in (self.key, replica) if has_replica else (self.key,):
            for operations, grantee, constraint in itertools.product(
                (
                    ["Decrypt"],
                    ["ReEncryptFrom"],
                    ["Decrypt", "CreateGrant"],
                    ["Encrypt", "Decrypt"],
                ),
                (*ROLES, f"arn:aws:iam::{OTHER}:root"),
                ({}, {"EncryptionContextSubset": TENANT}),
            ):
                if not self.is_mac:
                    grant = {"KeyId": key, "GranteePrincipal": grantee, "Operations": operations}
                    yield "CreateGrant", {**grant, "Constraints": constraint}
            yield "PutKeyPolicy", {"KeyId": key, "Policy": OPEN}
            yield "TagResource", {"KeyId": key, "Tags": [{"TagKey": "Team", "TagValue": "blue"}]}
            yield "UntagResource", {"KeyId": key, "TagKeys": ["Team"]}
        yield "ReplicateKey", {"KeyId": self.key, "ReplicaRegion": THIRD, "Policy": OPEN}
        yield "CreateAlias", {"AliasName": "alias/blue", "TargetKeyId": self.key}
        yield "DeleteAlias", {"AliasName": "alias/red"}
        if self.problem.is_replica:
            primary = self.key.replace(THERE, HERE)
            yield "UpdatePrimaryRegion", {"KeyId": primary, "PrimaryRegion": THERE}

    def comes_to_it(self, caller: Caller) -> bool:
        """Does the caller now come to the access?"""
        if self.is_mac:
            return self._knows_the_material(caller)
        for pairs, blob in self.ciphertexts.items():
            for key in (self.key, self.key.replace(self._region(self.key), THIRD)):
                sent = {
                    "CiphertextBlob": blob,
                    "EncryptionContext": json.loads(pairs),
                    "KeyId": key,
                }
                opened = self._answer("Decrypt", sent, caller)
                if opened is not None and opened["Plaintext"] == PLAIN:
                    return True
                own = self.own[caller.account]
                if self._region(key) == HERE and self._by_re_encryption(
                    key, own, blob, json.loads(pairs), caller
                ):
                    return True
        return False

    def _by_re_encryption(
        self, key: str, own: str, blob: bytes, pairs: dict[str, str], caller: Caller
    ) -> bool:
        sent = {
            "CiphertextBlob": blob,
            "SourceKeyId": key,
            "SourceEncryptionContext": pairs,
            "DestinationKeyId": own,
        }
        again = self._answer("ReEncrypt", sent, caller)
        if again is None:
            return False
        opened = self._answer("Decrypt", {"CiphertextBlob": again["CiphertextBlob"]}, caller)
        return opened is not None and opened["Plaintext"] == PLAIN

    def _knows_the_material(self, caller: Caller) -> bool:
        sent = {"KeyId": self.key, "Message": PLAIN, "MacAlgorithm": "HMAC_SHA_256"}
        if self._answer("GenerateMac", sent, caller) is not None:
            return True
        try:
            import_key_material(self.local, self.key, bytes(32), caller=caller)
        except KmsError:
            return False
        return True

    def _answer(self, operation: str, sent: dict[str, Any], caller: Caller) -> Any:
        """The answer, or None where the request is refused."""
        key = str(sent.get("KeyId", ""))
        region = self._region(key) if key.startswith("arn:") else self._region(self.key)
        try:
            return self.local.dispatch(operation, sent, caller=caller, region=region)
        except KmsError:
            return None

    # ---- the search

    def path(self, most: int) -> list[str] | None:
        """The operations of a path to the access with at most so many steps before it; None if there is none."""
        callers = self.problem.callers()
        states: list[tuple[Kms, list[str]]] = [(self.local.kms, [])]
        for depth in range(most + 1):
            following: list[tuple[Kms, list[str]]] = []
            for kms, taken in states:
                self.local.restore(kms)
                if any(self.comes_to_it(each) for each in callers):
                    return taken
                if depth == most:
                    continue
                for caller, (operation, sent) in itertools.product(callers, list(self.steps())):
                    self.local.restore(kms)
                    done = self._answer(operation, sent, caller)
                    if done is not None and self.local.kms is not kms:
                        following.append((self.local.kms, [*taken, operation]))
            states = _some(following)
        return None


MOST_STATES = 15


def _some(states: list[tuple[Kms, list[str]]]) -> list[tuple[Kms, list[str]]]:
    """Not more states than can be looked at, of each operation some."""
    if len(states) <= MOST_STATES:
        return states
    draw = random.Random(len(states))
    return draw.sample(states, MOST_STATES)


# ---- drawn at random


def problem(draw: random.Random) -> Problem:
    """A small policy about steps, and who takes them."""
    statements = [_statement(draw) for _ in range(draw.randint(1, 4))]
    kind = draw.randrange(4)
    if kind == 0:
        return Problem(statements=statements, by=outside(OWNER))
    if kind == 1:
        return Problem(statements=statements, by=inside(OWNER))
    if kind == 2:
        return Problem(statements=statements, by=named(*draw.sample(ROLES, draw.randint(1, 2))))
    identity = tuple(
        {"Version": "2012-10-17", "Statement": _of_iam(draw)} for _ in range(draw.randint(1, 2))
    )
    statements.append(
        {
            "Effect": "Allow",
            "Principal": {"AWS": [OWNER, OTHER]},
            "Action": "kms:*",
            "Resource": "*",
        }
    )
    return Problem(
        statements=statements,
        by=named(draw.choice(ROLES), identity=identity),
        identity=identity,
        tags={"Team": "red"},
        aliases=("alias/red",),
    )


_ACTIONS = (
    "kms:CreateGrant",
    "kms:CreateGrant",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:ReEncryptFrom",
    "kms:ReEncrypt*",
    "kms:Decrypt",
    "kms:TagResource",
    "kms:Encrypt",
    "kms:*Alias",
    "kms:Describe*",
)


def _statement(draw: random.Random) -> dict[str, Any]:
    is_deny = draw.random() < 0.3
    principals = draw.choice(
        (
            {"AWS": draw.sample((*ROLES, OTHER, OWNER), draw.randint(1, 2))},
            {"AWS": draw.choice(ROLES)},
            "*",
        )
    )
    written: dict[str, Any] = {
        "Effect": "Deny" if is_deny else "Allow",
        "Principal": principals,
        "Action": draw.choice(_ACTIONS) if not is_deny or draw.random() < 0.7 else "kms:*",
        "Resource": "*",
    }
    conditions: dict[str, dict[str, Any]] = {}
    for _ in range(draw.choice((0, 1, 1, 2))):
        operator, key, value = draw.choice(_CONDITIONS)
        conditions.setdefault(operator, {})[key] = value
    if conditions:
        written["Condition"] = conditions
    return written


_CONDITIONS: tuple[tuple[str, str, Any], ...] = (
    ("ForAllValues:StringEquals", "kms:GrantOperations", ["Encrypt", "DescribeKey"]),
    ("ForAllValues:StringEquals", "kms:GrantOperations", ["Decrypt", "CreateGrant"]),
    ("ForAnyValue:StringEquals", "kms:GrantOperations", "Encrypt"),
    ("ForAnyValue:StringEquals", "kms:GrantOperations", "Decrypt"),
    ("StringEquals", "kms:GranteePrincipal", FRIEND),
    ("StringEquals", "kms:GranteePrincipal", [APP, GUEST]),
    ("StringLike", "kms:GranteePrincipal", f"arn:aws:iam::{OWNER}:role/*"),
    ("StringLike", "kms:GranteePrincipal", f"arn:aws:iam::{OTHER}:*"),
    ("StringNotEquals", "kms:GranteePrincipal", GUEST),
    ("StringEquals", "kms:GrantConstraintType", "EncryptionContextSubset"),
    ("StringEquals", "kms:EncryptionContext:tenant", "acme"),
    ("Bool", "kms:GrantIsForAWSResource", "true"),
    ("Bool", "kms:ReEncryptOnSameKey", "true"),
    ("StringEquals", "kms:CallerAccount", OTHER),
    ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/app"),
    ("Null", "kms:ViaService", "true"),
)


def _of_iam(draw: random.Random) -> list[dict[str, Any]]:
    """Statements of an IAM policy by tags and aliases."""
    found: list[dict[str, Any]] = []
    for _ in range(draw.randint(1, 3)):
        written: dict[str, Any] = {
            "Effect": "Allow",
            "Action": draw.choice(
                ("kms:Decrypt", "kms:*", "kms:TagResource", "kms:UntagResource", "kms:*Alias")
            ),
            "Resource": "*",
        }
        if draw.random() < 0.7:
            operator, key, value = draw.choice(_OF_IAM)
            written["Condition"] = {operator: {key: value}}
        found.append(written)
    return found


_OF_IAM = (
    ("StringEquals", "aws:ResourceTag/Team", "blue"),
    ("StringNotEquals", "aws:ResourceTag/Team", "red"),
    ("Null", "aws:ResourceTag/Team", "true"),
    ("StringEquals", "aws:RequestTag/Team", "blue"),
    ("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/blue"),
    ("ForAllValues:StringNotEquals", "kms:ResourceAliases", "alias/red"),
)


class Contradicted(Exception):
    """A property is proved to which a path speaks."""


def check(one: Problem, most: int = 2) -> str:
    """The kind of the answer, and whether a path was found by force. Raises Contradicted."""
    answer = one.answer()
    path = World(one).path(most)
    if path is not None and isinstance(answer, Proved):
        raise Contradicted(f"{answer}: {path}\n{json.dumps(one.statements)}\n{one.identity}")
    if isinstance(answer, Found):
        exec(answer.program, {})
    return f"{type(answer).__name__}, {'no path' if path is None else 'a path'} by force"
