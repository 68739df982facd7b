"""
What a key policy leads to: paths are found and run, and no proof is contradicted by a path that force finds.
"""
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.paths.requests import MAKERS
from kmsmodel.policy import Found, KeyPolicy, Proved, Unknown, inside, named, outside
from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.principal import Principal, PrincipalKind
from kmsmodel.policy.proofs import granting, labeling, leading, led, moves, steps
from kmsmodel.policy.proofs.moves import GoOn, Moves, Rule
from kmsmodel.policy.proofs.standing import KEY_TYPE, Standing
from tests.policy.proofs import by_force
from tests.policy.proofs.by_force import ADMIN, APP, FRIEND, GUEST, OTHER, OWNER, Problem, check
from tests.policy.proofs.test_properties import allow, deny, found, iam, policy

Plant = Callable[[pytest.MonkeyPatch], object]


def of_iam(action: Any, **conditions: Any) -> dict[str, Any]:
    more = {"Condition": conditions["where"]} if conditions else {}
    return iam(allow("*", action, **more))


def by_role(role: str, *identity: dict[str, Any], **others: Any) -> Problem:
    """The role with these IAM policies, where the key policy leaves all to them."""
    return Problem(
        statements=[allow({"AWS": [OWNER, OTHER]}, "kms:*")],
        by=named(role, identity=identity),
        identity=identity,
        **others,
    )


BLUE = {"StringEquals": {"aws:ResourceTag/Team": "blue"}}
PROBLEMS = {
    "a grant": Problem(statements=[allow({"AWS": GUEST}, "kms:CreateGrant")], by=outside(OWNER)),
    "a grant to one who is named": Problem(
        statements=[
            allow(
                {"AWS": GUEST},
                "kms:CreateGrant",
                Condition={"StringEquals": {"kms:GranteePrincipal": FRIEND}},
            )
        ],
        by=outside(OWNER),
    ),
    "a grant to an account": Problem(
        statements=[
            allow(
                {"AWS": GUEST},
                "kms:CreateGrant",
                Condition={"StringEquals": {"kms:GranteePrincipal": f"arn:aws:iam::{OTHER}:root"}},
            )
        ],
        by=outside(OWNER),
    ),
    "a grant for re-encryption": Problem(
        statements=[
            allow(
                {"AWS": GUEST},
                "kms:CreateGrant",
                Condition={"ForAllValues:StringEquals": {"kms:GrantOperations": "ReEncryptFrom"}},
            )
        ],
        by=outside(OWNER),
    ),
    "a grant of a grant": Problem(
        statements=[
            allow(
                {"AWS": GUEST},
                "kms:CreateGrant",
                Condition={"StringEquals": {"kms:GranteePrincipal": FRIEND}},
            ),
            deny({"AWS": FRIEND}, ["kms:Decrypt", "kms:ReEncryptFrom"]),
        ],
        by=outside(OWNER),
    ),
    "a key policy": Problem(statements=[allow({"AWS": ADMIN}, "kms:Put*")], by=inside(OWNER)),
    "a replica key": Problem(
        statements=[allow({"AWS": ADMIN}, "kms:ReplicateKey"), deny("*", "kms:Decrypt")],
        by=inside(OWNER),
    ),
    "a tag": by_role(
        ADMIN, of_iam("kms:TagResource"), of_iam("kms:Decrypt", where=BLUE), tags={"Team": "red"}
    ),
    "no tag": by_role(
        ADMIN,
        of_iam("kms:UntagResource"),
        of_iam("kms:Decrypt", where={"Null": {"aws:ResourceTag/Team": "true"}}),
        tags={"Team": "red"},
    ),
    "a tag for a grant": by_role(
        ADMIN,
        of_iam("kms:TagResource"),
        of_iam("kms:CreateGrant", where=BLUE),
        tags={"Team": "red"},
    ),
    "an alias": by_role(
        ADMIN,
        of_iam("kms:CreateAlias"),
        of_iam(
            "kms:Decrypt",
            where={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/blue"}},
        ),
        aliases=("alias/red",),
    ),
    "a primary key": Problem(
        statements=[
            allow({"AWS": ADMIN}, ["kms:ReplicateKey", "kms:UpdatePrimaryRegion"]),
            deny("*", "kms:Decrypt"),
        ],
        by=inside(OWNER),
        is_replica=True,
    ),
    "re-encryption": Problem(
        statements=[allow({"AWS": GUEST}, "kms:ReEncryptFrom")], by=outside(OWNER)
    ),
    "key material": Problem(
        statements=[allow({"AWS": ADMIN}, ["kms:ImportKeyMaterial", "kms:GetParametersForImport"])],
        by=inside(OWNER),
        action="GenerateMac",
    ),
}
"""What leads to an access in several steps, and is proved never to be allowed in one."""


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_path_is_found_that_runs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = PROBLEMS[name].answer()
    if name == "a primary key":  # nothing is known of the key policy of the primary key
        assert isinstance(answer, Unknown)
        return
    assert isinstance(answer, Found)
    assert capsys.readouterr().out == "", "a program that is tried prints nothing"
    exec(answer.program, {})
    (shown,) = capsys.readouterr().out.splitlines()
    for step in answer.steps:
        assert step.partition(" asks for ")[2].split()[0].rstrip(":") in shown


@pytest.mark.parametrize("name", PROBLEMS)
def test_force_finds_a_path_too(name: str) -> None:
    assert check(PROBLEMS[name]).endswith("a path by force")


@pytest.mark.parametrize("name", [each for each in PROBLEMS if each != "re-encryption"])
def test_one_step_alone_does_not_lead_there(name: str) -> None:
    one = PROBLEMS[name]
    given = {f"aws:ResourceTag/{key}": value for key, value in one.tags.items()}
    facts: dict[str, Any] = {**given}
    if one.aliases is not None:
        facts["kms:ResourceAliases"] = one.aliases
    of = KeyPolicy.parse(one.text, account=OWNER, given=facts)
    assert of.never_allows(one.action, to=one.by)


@pytest.mark.parametrize("seed", range(60))
def test_no_proof_is_contradicted_by_a_path_that_force_finds(seed: int) -> None:
    check(by_force.problem(random.Random(seed)))


# ---- planted faults


def without_rule(name: str) -> Plant:
    rules = tuple(each for each in steps.RULES if each.name != name)
    return lambda patch: patch.setattr(leading, "RULES", rules)


def without_goal(name: str) -> Plant:
    rules = tuple(each for each in leading.AS_GOOD if each.__name__ != name)
    return lambda patch: patch.setattr(leading, "AS_GOOD", rules)


def only_one_round(patch: pytest.MonkeyPatch) -> None:
    class Once:
        """A rule that is asked once."""

        def __init__(self, rule: Rule) -> None:
            self.rule = rule
            self.name = rule.name
            self.asked = False

        def widest(self, at: Standing) -> Standing | None:
            if self.asked:
                return None
            self.asked = True
            return self.rule.widest(at)

        def followed(self, at: Standing, go_on: GoOn) -> Iterator[Moves]:
            return self.rule.followed(at, go_on)

    patch.setattr(leading, "RULES", tuple(map(Once, steps.RULES)))


def grants_to_nobody_named(patch: pytest.MonkeyPatch) -> None:
    present = Condition("Null", "kms:GranteePrincipal", ("false",))
    patch.setattr(granting, "_to_others", lambda _: ((present,),))


def grants_to_no_accounts(patch: pytest.MonkeyPatch) -> None:
    def by_name(name: str, each: Principal) -> int | None:
        return 1 if name in each.names and each.kind is not PrincipalKind.ROOT_USER else None

    patch.setattr(granting, "how_named", by_name)


def grants_for_one_goal(patch: pytest.MonkeyPatch) -> None:
    first = property(lambda self: frozenset(self.goals[0].actions))
    patch.setattr(Standing, "sought", first)


def never_any_grantable(patch: pytest.MonkeyPatch) -> None:
    def same(at: Standing) -> Standing:
        return evolve(at, world=evolve(at.world, grantable=None))

    patch.setattr(granting, "_with_all_grants", same)


def nothing_is_put(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps.PutKeyPolicy, "widest", lambda _, at: at)


def a_replica_key_has_the_same_policy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps.ReplicateKey, "widest", lambda _, at: at.without(KEY_TYPE))


def tags_are_only_added(patch: pytest.MonkeyPatch) -> None:
    real = moves.is_possible

    def possible(at: Standing, actions: tuple[str, ...], *when: Condition, **unless: Any) -> bool:
        added = tuple(each for each in actions if each != "kms:UntagResource")
        return real(at, added, *when, **unless)

    patch.setattr(labeling, "is_possible", possible)


FAULTS: dict[str, Plant] = {
    **{f"no {each.name}": without_rule(each.name) for each in steps.RULES},
    **{f"no goal {each.__name__}": without_goal(each.__name__) for each in leading.AS_GOOD},
    "only one round": only_one_round,
    "grants to nobody who is named": grants_to_nobody_named,
    "grants to no accounts": grants_to_no_accounts,
    "grants for one goal": grants_for_one_goal,
    "never any grants": never_any_grantable,
    "nothing is put": nothing_is_put,
    "a replica key has the same policy": a_replica_key_has_the_same_policy,
    "tags are only added": tags_are_only_added,
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[name](monkeypatch)
    with pytest.raises(by_force.Contradicted):
        check_what_is_proved()


def check_what_is_proved() -> None:
    for each in PROBLEMS.values():
        if isinstance(each.answer(), Proved):
            check(each)


# ---- what is proved


@pytest.mark.parametrize(
    "condition",
    [
        {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "DescribeKey"]}},
        {"StringEquals": {"kms:GranteePrincipal": APP}},
        {"StringLike": {"kms:GranteePrincipal": f"arn:aws:iam::{OWNER}:role/*"}},
    ],
)
def test_conditions_on_grants_keep_an_access_at_home(condition: dict[str, Any]) -> None:
    of = policy(allow({"AWS": GUEST}, "kms:CreateGrant", Condition=condition))
    assert of.never_leads_to("Decrypt", by=outside(OWNER))


def test_an_account_in_the_path_of_a_role_is_not_its_account() -> None:
    odd = f"arn:aws:iam::{OTHER}:role/::{OWNER}:/guest"
    to_odd = {"StringEquals": {"kms:GranteePrincipal": odd}}
    of = policy(allow({"AWS": GUEST}, "kms:CreateGrant", Condition=to_odd))
    answer = found(of.never_leads_to("Decrypt", by=outside(OWNER)))
    assert answer.steps[0].endswith(f"kms:CreateGrant: Decrypt for {odd}")


def test_only_the_callers_themselves_take_steps() -> None:
    of = policy(allow({"AWS": ADMIN}, "kms:*"))
    assert of.never_leads_to("Decrypt", by=outside(OWNER))
    assert not of.never_leads_to("Decrypt", by=inside(OWNER))


def test_a_key_that_is_no_primary_key_is_not_replicated() -> None:
    of = policy(allow({"AWS": ADMIN}, "kms:ReplicateKey"), given={"kms:MultiRegion": "false"})
    assert of.never_leads_to("Decrypt", by=inside(OWNER))


def test_re_encryption_under_the_same_key_gives_no_plaintext() -> None:
    same = {"Bool": {"kms:ReEncryptOnSameKey": "true"}}
    of = policy(allow({"AWS": GUEST}, "kms:ReEncrypt*", Condition=same))
    assert of.never_leads_to("Decrypt", by=outside(OWNER))


def test_known_key_material_of_a_symmetric_encryption_key_decrypts_nothing() -> None:
    importing = allow({"AWS": ADMIN}, ["kms:ImportKeyMaterial", "kms:GetParametersForImport"])
    symmetric = policy(importing, given={"kms:KeySpec": "SYMMETRIC_DEFAULT"})
    assert symmetric.never_leads_to("Decrypt", by=inside(OWNER))
    assert not policy(importing).never_leads_to("Decrypt", by=inside(OWNER))


# ---- what is told


def test_an_answer_tells_the_steps_and_a_change_that_closes_them() -> None:
    of = policy(allow({"AWS": APP}, "kms:Decrypt"), allow({"AWS": GUEST}, "kms:CreateGrant"))
    answer = found(of.never_leads_to("Decrypt", by=outside(OWNER)))
    session = f"arn:aws:sts::{OTHER}:assumed-role/guest/session"
    assert answer.steps == (f"{session} asks for kms:CreateGrant: Decrypt for {GUEST}",)
    assert answer.where == ("statement 2 (line 12)",)
    assert repr(answer).startswith(f"Found({session} may kms:Decrypt after one step")
    change = answer.smallest_change()
    assert change is not None
    closed = KeyPolicy.parse(change.text, account=OWNER)
    assert closed.never_leads_to("Decrypt", by=outside(OWNER))


def test_a_path_that_does_not_run_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    of = policy(allow({"AWS": GUEST}, "kms:CreateGrant"))
    monkeypatch.setattr(led, "RUNNER", f"{__name__}.Nothing")
    monkeypatch.setattr(led, "import_module", lambda _: Nothing)
    answer = of.never_leads_to("Decrypt", by=outside(OWNER))
    assert isinstance(answer, Unknown)
    assert answer.reason.endswith("may lead there, but does not run: nothing does")


class Nothing:
    """A runner of programs for which none runs."""

    @staticmethod
    def run(_: object) -> tuple[str, str | None]:
        return "", "nothing does"


@pytest.mark.parametrize("action", sorted({*MAKERS} - {"DeleteAlias"}))
def test_an_access_in_one_step_is_run_too(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    of = policy(allow({"AWS": ADMIN}, f"kms:{action}"))
    answer = of.never_leads_to(action, by=inside(OWNER))
    assert isinstance(answer, Found)
    assert answer.steps == ()
    assert answer.access is not None
    exec(answer.program, {})
    assert capsys.readouterr().out == f"{answer.access.principal.arn} did kms:{action}\n"


def test_what_no_program_asks_for_is_unknown() -> None:
    answer = policy(allow({"AWS": ADMIN}, "kms:CancelKeyDeletion")).never_leads_to(
        "CancelKeyDeletion", by=inside(OWNER)
    )
    assert isinstance(answer, Unknown)
    assert "no program has a request for kms:CancelKeyDeletion" in answer.reason


def test_callers_and_actions_are_checked() -> None:
    of = policy(allow({"AWS": ADMIN}, "kms:*"))
    with pytest.raises(TypeError, match="by: '111122223333' are not callers"):
        of.never_leads_to("Decrypt", by=OWNER)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="kms:Decript is not an action"):
        of.never_leads_to("Decript", by=inside(OWNER))


def test_a_grant_leads_around_an_encryption_context_that_each_request_must_have() -> None:
    tenant = {"StringEquals": {"kms:EncryptionContext:tenant": "acme"}}
    lending = policy(
        allow({"AWS": GUEST}, "kms:Decrypt", Condition=tenant),
        allow({"AWS": GUEST}, "kms:CreateGrant"),
    )
    bound = lending.allows_only_with(
        "Decrypt", encryption_context={"tenant": "acme"}, to=outside(OWNER)
    )
    assert bound, "grants are not followed"
    answer = lending.never_leads_to("Encrypt", by=outside(OWNER))
    assert isinstance(answer, Found)


def test_a_change_has_no_step_that_refuses_what_leads_nowhere() -> None:
    """The first request that is found may be allowed by a statement whose grants are of no use."""
    useless = {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decapsulate"]}}
    lending = policy(
        allow({"AWS": ADMIN}, "kms:*"),
        allow({"AWS": GUEST}, ["kms:CreateGrant", "kms:Sign"], Condition=useless),
        allow({"AWS": GUEST}, ["kms:CreateGrant", "kms:Verify"]),
    )
    answer = lending.never_leads_to("Decrypt", by=outside(OWNER))
    assert isinstance(answer, Found)
    change = answer.smallest_change()
    assert change is not None
    assert change.does == ("remove kms:CreateGrant from the actions of statement 3",)
    mended = KeyPolicy.parse(change.text, account=OWNER)
    assert mended.never_leads_to("Decrypt", by=outside(OWNER))
