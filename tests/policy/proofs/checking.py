"""
What must hold of proofs: checked on one random policy, so that tests, campaigns and planted faults share it.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

from attrs import evolve

from kmsmodel.policy.access import Access
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Policy
from kmsmodel.policy.evaluation import decide
from kmsmodel.policy.grant import Grant, GrantConstraints
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import principal
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.askers import context_of
from kmsmodel.policy.proofs.callers import EVERYONE, WILLING, WORST, Callers, inside, named, outside
from kmsmodel.policy.proofs.decision import allowed
from kmsmodel.policy.proofs.domain import Domain
from kmsmodel.policy.proofs.formulas import Formulas
from kmsmodel.policy.proofs.questions import Nothing, Outside, Question
from kmsmodel.policy.proofs.said import World
from kmsmodel.policy.proofs.walks import OutsideError
from kmsmodel.policy.question import Value
from kmsmodel.words.enumerations import GrantOperation
from tests.basics import NOW
from tests.policy.proofs import generated
from tests.policy.proofs.generated import OWNER
from tests.policy.proofs.snapping import is_true, snapped


class Broken(Exception):
    """A law of proofs does not hold."""


def world(draw: random.Random, **options: Any) -> World:
    """A key policy, and often further policies and grants."""
    policy = generated.policy(draw, draw.randint(1, 7), **options)
    limits = draw.choice((WORST, Policies(identity=(WILLING,))))
    if draw.random() < 0.4:

        def further(statements: int) -> Policy:
            return generated.policy(draw, statements, is_key_policy=False, **options)

        def maybe(statements: int) -> Policy | None:
            return further(statements) if draw.random() < 0.3 else None

        session, scp, rcp = maybe(2), maybe(3), maybe(2)
        limits = Policies(
            identity=(further(2),) if draw.random() < 0.5 else (WILLING,),
            boundary=maybe(3),
            session=None if session is None else (session,),
            scps=() if scp is None else ((scp,), (WILLING,)),
            rcps=() if rcp is None else (rcp,),
            endpoint=maybe(2),
        )
    grants = tuple(grant(draw) for _ in range(draw.choice((0, 0, 0, 1, 2))))
    may_be_bounded = draw.random() < 0.5
    return World(
        owner=OWNER,
        policy=policy,
        policies=limits,
        grants=grants,
        may_be_bounded=may_be_bounded,
    )


def grant(draw: random.Random) -> Grant:
    pairs = draw.choice(
        ({"tenant": "acme"}, {"tenant": "acme", "Stage": "blue"}, {"stage": "blue"})
    )
    constraints = draw.choice(
        (
            None,
            GrantConstraints(encryption_context_equals=pairs),
            GrantConstraints(encryption_context_subset=pairs),
            GrantConstraints(source_arn="arn:aws:s3:::bucket"),
        )
    )
    account = draw.choice(generated.ACCOUNTS)
    listed = draw.sample(list(GrantOperation), 6)
    return Grant(
        grant_id="g",
        issuing_account=draw.choice(generated.ACCOUNTS),
        creation_date=NOW,
        seen_at=NOW,
        operations=(GrantOperation.Decrypt, *listed),
        grantee_principal=f"arn:aws:iam::{account}:{draw.choice(('role/app', 'user/Bob', 'root'))}",
        retiring_principal=draw.choice((None, f"arn:aws:iam::{account}:user/Bob")),
        constraints=constraints,
    )


def check_requests(draw: random.Random, world: World, requests: int) -> int:
    """
    The snap law and the mask law: each request has a representative in each dimension, which the engine decides alike
    and for which the formula is true if the engine allows it.
    """
    domain = Domain((world,))
    formulas = Formulas(domain)
    formula, laws = allowed(formulas, world), formulas.laws()
    for _ in range(requests):
        access = generated.request(draw, world)
        chosen = snapped(domain, access)
        is_allowed = decide(access).is_allowed
        stands_for_it = domain.access(chosen, world)
        if decide(stands_for_it).is_allowed is not is_allowed:
            raise Broken(f"{access} is decided otherwise than {stands_for_it}")
        if is_true(formula, chosen) is not is_allowed:
            raise Broken(f"the formula says otherwise of {access}")
        if not is_true(laws, chosen):
            raise Broken(f"{access} is against the laws")
    return requests


def question(draw: random.Random, world: World) -> Question:
    """A question of some kind about a world, or about it and a neighbour."""
    callers = draw.choice(
        (
            EVERYONE,
            outside(OWNER),
            inside("444455556666"),
            outside(OWNER, organization="acme"),
            named(f"arn:aws:iam::{OWNER}:role/app"),
        )
    )
    actions = draw.choice((("kms:Decrypt",), ("kms:Encrypt", "kms:CreateGrant"), keys.ON_KEYS))
    unless: tuple[tuple[Condition, ...], ...] = ()
    if draw.random() < 0.4:
        unless = ((Condition("StringEquals", "kms:EncryptionContext:tenant", ("acme",)),),)
    when: tuple[Condition, ...] = ()
    if draw.random() < 0.2:
        when = (Condition("Null", "kms:ViaService", ("true",)),)
    if draw.random() < 0.5:
        return Question(
            allowed=(world,), actions=actions, callers=callers, when=when, unless=unless
        )
    listed = world.policy.statements
    other = evolve(world, policy=evolve(world.policy, statements=_edited(draw, listed)))
    return Question(allowed=(world,), refused=(other,), actions=actions, callers=callers)


def _edited(draw: random.Random, listed: tuple[Any, ...]) -> tuple[Any, ...]:
    at = draw.randrange(len(listed))
    one = listed[at]
    edits = [(), (one, *generated.policy(draw, 1).statements)]
    if one.conditions:
        edits.append((evolve(one, conditions=one.conditions[1:]),))
    return listed[:at] + draw.choice(edits) + listed[at + 1 :]


def check_question(draw: random.Random, asked: Question, requests: int) -> str:
    """
    An answer that is a request keeps the laws of requests and the engine agrees; against one that is a proof, nothing
    is found near by.
    """
    answer = asked.request()
    match answer:
        case Access():
            check_lawful(answer)
            if not asked.is_answered_by(answer):
                raise Broken(f"the engine does not agree on {answer}")
        case Nothing():
            further = (
                *asked.callers.conditions,
                *asked.when,
                *(each for one in asked.unless for each in one),
            )
            for _ in range(requests):
                access = generated.request(draw, asked.worlds[0], further)
                if asked.is_answered_by(access):
                    raise Broken(f"{access} speaks against a proof")
        case Outside(reason):
            if "engine" in reason:
                raise Broken(reason)
    return type(answer).__name__


def check_lawful(access: Access) -> None:
    """Has a request only condition keys that its action and its caller can have, and all that they always have?"""
    context = context_keys(access)
    derived = context_of(access.principal)
    for name in context.keys() - derived.keys():
        if not generated.may_have(name, access.principal, access.action):
            raise Broken(f"{access.action} of {access.principal.arn} has {name}")
    for name, other, values in keys.IMPLIED:
        if name in context and other in context and context[other] not in values:
            raise Broken(f"{name} beside {other}")
    pairs = access.encryption_context
    if pairs is not None:
        names = {each.lower() for each in pairs}
        held = {
            each[len(keys.ENCRYPTION_CONTEXT) :]
            for each in context
            if each.startswith(keys.ENCRYPTION_CONTEXT)
        }
        if not held <= names or set(context.get(keys.ENCRYPTION_CONTEXT_KEYS, ())) != set(pairs):
            raise Broken(f"{pairs} beside {context}")


# ---- a world so small that all of its requests can be asked

SMALL_KEYS = (
    "kms:KeyOrigin",
    "aws:MultiFactorAuthPresent",
    "kms:GrantIsForAWSResource",
    "aws:ViaAWSService",
)
SMALL_ACTIONS = ("kms:Decrypt", "kms:CreateGrant", "kms:ListGrants")
SMALL_CALLERS = (
    f"arn:aws:iam::{OWNER}:user/Bob",
    "arn:aws:iam::444455556666:user/Bob",
    f"arn:aws:iam::{OWNER}:root",
)


def small_callers() -> Callers:
    return named(*SMALL_CALLERS)


def small_requests(world: World) -> Iterator[Access]:
    """All requests of three callers for three actions, if the policies speak of four condition keys only."""
    booleans: tuple[str | None, ...] = (None, "true", "false")
    origins = ("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
    for name, action, origin, mfa, for_resource, via in itertools.product(
        SMALL_CALLERS, SMALL_ACTIONS, origins, booleans, booleans, booleans
    ):
        if for_resource is not None and action == "kms:Decrypt":
            continue
        context: dict[str, Value] = {**context_of(principal(name)), "kms:keyorigin": origin}
        others = {
            "aws:multifactorauthpresent": mfa,
            "kms:grantisforawsresource": for_resource,
            "aws:viaawsservice": via,
        }
        context |= {key: value for key, value in others.items() if value is not None}
        yield Access(
            principal=principal(name),
            action=action,
            resource=generated.KEY_ARN,
            owner=world.owner,
            context=context,
            policies=world.policies,
            resource_policy=world.policy,
            encryption_context={} if action == "kms:Decrypt" else None,
        )


def check_small(draw: random.Random) -> str:
    """Where all requests can be asked, the answer is that of asking them all."""
    policies = [
        generated.policy(draw, draw.randint(1, 5), condition_keys=SMALL_KEYS, most_conditions=4)
        for _ in range(2)
    ]
    one, other = (
        World(
            owner=OWNER, policy=each, key=generated.KEY_ARN, policies=Policies(identity=(WILLING,))
        )
        for each in policies
    )
    asked = Question(
        allowed=(one,),
        refused=(other,) if draw.random() < 0.5 else (),
        actions=SMALL_ACTIONS,
        callers=small_callers(),
    )
    exists = any(map(asked.is_answered_by, small_requests(one)))
    answer = asked.request()
    if isinstance(answer, Outside) or isinstance(answer, Nothing) is exists:
        raise Broken(f"{answer}, though asking all says {exists}")
    return type(answer).__name__


def check_seed(seed: int, requests: int = 20, **options: Any) -> None:
    """All of this for one seed; what is outside is left out."""
    draw = random.Random(seed)
    one = world(draw, **options)
    try:
        check_requests(draw, one, requests)
    except OutsideError:
        return
    check_question(draw, question(draw, one), requests)
    check_small(draw)
