"""
What a key policy leads to: a least fixed point over the steps of AWS KMS's own, and shortest paths by them.

First, all steps are taken that may be possible, until no other one is. If the access is not allowed even then, no path
leads to it. Otherwise paths are followed exactly, shortest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import final

from attrs import evolve, frozen

from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.proofs.granting import CreateGrant
from kmsmodel.policy.proofs.moves import Move, Moves, Rule, is_possible, requests
from kmsmodel.policy.proofs.questions import Nothing, Outside
from kmsmodel.policy.proofs.standing import KEY_TYPE, Budget, Goal, SpentError, Standing
from kmsmodel.policy.proofs.steps import RULES, ReplicateKey
from kmsmodel.policy.proofs.walks import OutsideError

MOST_STEPS = 3
"""So many steps are followed exactly before the access itself; a proof has no such bound."""

# ---- goals


def goals(actions: tuple[str, ...]) -> tuple[Goal, ...]:
    """The requests for these actions, and those that are as good."""
    return (Goal(actions=actions), *(each for rule in AS_GOOD for each in rule(actions)))


def by_re_encryption(actions: tuple[str, ...]) -> Iterator[Goal]:
    """
    Whoever re-encrypts to or from a key of their own decrypts or encrypts there.

    Source: `ReEncrypt` in the API Reference.
    """
    elsewhere = (Condition("StringEquals", "kms:ReEncryptOnSameKey", ("false",)),)
    if "kms:Decrypt" in actions:
        means = "decrypts under a key of the caller's own"
        yield Goal(actions=("kms:ReEncryptFrom",), when=elsewhere, means=means)
    if "kms:Encrypt" in actions:
        means = "encrypts what was encrypted under a key of the caller's own"
        yield Goal(actions=("kms:ReEncryptTo",), when=elsewhere, means=means)


def by_known_key_material(actions: tuple[str, ...]) -> Iterator[Goal]:
    """
    Whoever imports key material that they know can do with it what takes the secret key, without the KMS key.

    What a symmetric encryption key encrypts is decrypted by no other KMS key, nor outside of AWS KMS, even with the
    same key material. Source: *Importing key material for AWS KMS keys* in the Developer Guide.
    """
    if not _SECRET.isdisjoint(actions):
        yield Goal(
            actions=("kms:ImportKeyMaterial",),
            when=(
                Condition("StringEquals", "kms:KeyOrigin", ("EXTERNAL",)),
                Condition("StringNotEquals", "kms:KeySpec", ("SYMMETRIC_DEFAULT",)),
                Condition("StringEquals", "kms:KeyUsage", _usages(actions)),
            ),
            means="imports key material that the caller knows",
        )


AS_GOOD = (by_re_encryption, by_known_key_material)
"""What is as good as an access, each with its source."""


_USAGES = {
    "kms:Decapsulate": "ENCAPSULATE_DECAPSULATE",
    "kms:Decrypt": "ENCRYPT_DECRYPT",
    "kms:DeriveSharedSecret": "KEY_AGREEMENT",
    "kms:GenerateMac": "GENERATE_VERIFY_MAC",
    "kms:Sign": "SIGN_VERIFY",
    "kms:VerifyMac": "GENERATE_VERIFY_MAC",
}
_SECRET = frozenset(_USAGES)


def _usages(actions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(usage for name, usage in _USAGES.items() if name in actions))


# ---- the least fixed point


@final
@frozen
class Reach:
    """All that may be so after any steps: the widest standing, the steps to it, and what was not understood."""

    widest: Standing
    rules: tuple[Rule, ...]
    goals: tuple[Goal, ...]
    reason: str | None


def reach(start: Standing) -> Reach:
    """The least fixed point: what at most is so after any number of steps, and which goals are then possible."""
    at = start
    # What another step makes needless may be the shorter way.
    taken = {rule.name: rule for rule in RULES if rule.widest(start) is not None}
    is_growing = True
    while is_growing:
        is_growing = False
        for rule in RULES:
            wider = rule.widest(at)
            if wider is not None and wider != at:
                at, is_growing = wider, True
                taken[rule.name] = rule
    possible: list[Goal] = []
    reason = None
    for goal in start.goals:
        found = at.question(goal.actions, *goal.when).request()
        if isinstance(found, Nothing):
            continue
        possible.append(goal)
        if isinstance(found, Outside):
            reason = reason or found.reason
    return Reach(at, tuple(taken.values()), tuple(possible), reason)


# ---- paths


@final
@frozen(kw_only=True)
class Path:
    """The requests of a path, the last of which is for the access; and what is so of the key at first."""

    goal: Goal
    moves: Moves
    start: Standing


MOST_QUESTIONS = 300
"""So many questions are asked for paths."""


def paths(start: Standing, reached: Reach) -> Iterator[Path]:
    """The paths that the rules allow, shortest first."""
    orders = (
        rules
        for length in range(MOST_STEPS + 1)
        for rules in product(reached.rules, repeat=length)
        if _makes_sense(rules)
    )
    targets = tuple(_targets(reached))
    tries = (
        (rules, target, kind)
        for rules in orders
        for target in targets
        for kind in _told(start, target, is_replicated=_REPLICATE_KEY in _names(rules))
    )
    budget = Budget(MOST_QUESTIONS)
    try:
        for rules, target, kind in tries:
            pinned = evolve(start, pins=kind, budget=budget)
            try:
                for moves in _followed(pinned, rules, target):
                    yield Path(goal=target, moves=moves, start=moves[0].before)
            except OutsideError:
                continue
    except SpentError:
        return


def _targets(reached: Reach) -> Iterator[Goal]:
    """The goals that are possible, for one action each."""
    for goal in reached.goals:
        for action in goal.actions:
            one = evolve(goal, actions=(action,))
            if is_possible(reached.widest, one.actions, *one.when):
                yield one


def _names(rules: tuple[Rule, ...]) -> list[str]:
    return [each.name for each in rules]


def _makes_sense(rules: tuple[Rule, ...]) -> bool:
    """Only grants are made again, and once: what is decided once need not be decided again."""
    names = _names(rules)
    return all(names.count(each) <= (_GRANTS if each == _CREATE_GRANT else 1) for each in names)


_GRANTS = 2


_CREATE_GRANT, _REPLICATE_KEY = CreateGrant().name, ReplicateKey().name


def _followed(at: Standing, rules: tuple[Rule, ...], goal: Goal) -> Iterator[Moves]:
    if rules:
        first, *others = rules
        yield from first.followed(at, lambda here: _followed(here, tuple(others), goal))
        return
    for access in requests(at, goal.actions, *goal.when):
        yield (Move(access=access, before=at.seen_in(access)),)


# ---- which KMS key

_RSA = ("RSA_2048", "RSA_3072", "RSA_4096")
_OAEP = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
_CURVES = ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521")
_HMAC = ("HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512")
_KEM = ("ML_KEM_768", "ML_KEM_1024")
_ENCRYPTION = ("SYMMETRIC_DEFAULT",)

_KINDS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (_ENCRYPTION, "ENCRYPT_DECRYPT", _ENCRYPTION),
    (_RSA, "ENCRYPT_DECRYPT", _OAEP),
    (_CURVES, "SIGN_VERIFY", ()),
    (_RSA, "SIGN_VERIFY", ()),
    (_HMAC, "GENERATE_VERIFY_MAC", ()),
    (_CURVES, "KEY_AGREEMENT", ()),
    (_KEM, "ENCAPSULATE_DECAPSULATE", ()),
)
"""KMS keys that a program can make: key specs, the key usage, and encryption algorithms."""

_USAGE_OF = {
    **_USAGES,
    "kms:Encapsulate": "ENCAPSULATE_DECAPSULATE",
    "kms:Encrypt": "ENCRYPT_DECRYPT",
    "kms:ReEncryptFrom": "ENCRYPT_DECRYPT",
    "kms:ReEncryptTo": "ENCRYPT_DECRYPT",
    "kms:Verify": "SIGN_VERIFY",
}


def _kinds(goal: Goal, *, is_replicated: bool) -> Iterator[tuple[Condition, ...]]:
    """What the KMS key of a program may be, as conditions on all of its requests."""
    needed = _USAGE_OF.get(goal.actions[0])
    for specs, usage, algorithms in _KINDS:
        if needed not in {None, usage}:
            continue
        of_the_key = (
            _one_of("kms:KeySpec", *specs),
            _one_of("kms:KeyUsage", usage),
            _one_of("kms:KeyOrigin", "AWS_KMS", "EXTERNAL"),
            _one_of("kms:EncryptionAlgorithm", *algorithms),
            *_NO_ATTESTATION,
        )
        if not is_replicated:
            of_no_type = Condition("Null", KEY_TYPE, ("true",))
            yield (*of_the_key, _one_of("kms:MultiRegion", "false"), of_no_type)
        of_a_type = Condition("StringEquals", KEY_TYPE, ("PRIMARY",))
        yield (*of_the_key, _one_of("kms:MultiRegion", "true"), of_a_type)


def _told(start: Standing, goal: Goal, *, is_replicated: bool) -> Iterable[tuple[Condition, ...]]:
    """Each kind once, so far as the policies or the goal tell it from others."""
    said = start.said() | start.facts.keys() | {each.name for each in goal.when}
    kinds = _kinds(goal, is_replicated=is_replicated)
    return dict.fromkeys(tuple(each for each in kind if each.name in said) for kind in kinds)


def _one_of(key: str, *values: str) -> Condition:
    return Condition("StringEqualsIfExists", key, values)


_NO_ATTESTATION = tuple(
    Condition("Null", f"kms:RecipientAttestation:{each}", ("true",))
    for each in ("ImageSha384", *(f"PCR{number}" for number in range(9)))
)
"""A program has no attestation document."""
