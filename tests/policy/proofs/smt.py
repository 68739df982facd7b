"""
A second opinion on questions: the same policies as a formula over strings, decided by the SMT solver cvc5.

It shares with the proofs only who is meant by a Principal element, and which actions by an Action element. Callers and
actions are few; condition keys have any text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kmsmodel.policy.conditions import Condition
from kmsmodel.policy.document import Effect, Statement
from kmsmodel.policy.operators import IF_EXISTS, NULL, Quantifier, operator
from kmsmodel.policy.patterns import Wildcard
from kmsmodel.policy.principal import principal
from kmsmodel.policy.proofs.said import World

CALLERS = (
    "arn:aws:iam::111122223333:user/Bob",
    "arn:aws:iam::444455556666:user/Bob",
    "arn:aws:iam::111122223333:root",
)
ACTIONS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
CONDITION_KEYS = (
    "kms:EncryptionContext:tenant",
    "kms:EncryptionContext:Stage",
    "aws:PrincipalTag/team",
)
TEXTS = ("acme", "ACME", "ac*", "*me", "a?me", "*c*", "", "*", "blue", "b*e", "Blue", "??", "*-*")


class SecondOpinion:
    """One question to cvc5."""

    def __init__(self, cvc5: Any, milliseconds: int = 5000) -> None:
        self.kinds = cvc5.Kind
        self.solver = cvc5.Solver()
        self.solver.setLogic("QF_SLIA")
        self.solver.setOption("tlimit-per", str(milliseconds))
        integer, text, truth = (
            self.solver.getIntegerSort(),
            self.solver.getStringSort(),
            self.solver.getBooleanSort(),
        )
        self.caller = self.solver.mkConst(integer, "caller")
        self.action = self.solver.mkConst(integer, "action")
        self.keys = {
            name.lower(): (
                self.solver.mkConst(truth, f"has {name}"),
                self.solver.mkConst(text, name),
            )
            for name in CONDITION_KEYS
        }

    def is_possible(self, allowed: World, refused: World | None) -> bool | None:
        """Is there a request that the first world allows and the second does not? None if cvc5 does not know."""
        for variable, many in ((self.caller, len(CALLERS)), (self.action, len(ACTIONS))):
            self.solver.assertFormula(self._is_one_of(variable, range(many)))
        self.solver.assertFormula(self._allowed(allowed))
        if refused is not None:
            self.solver.assertFormula(self._not(self._allowed(refused)))
        result = self.solver.checkSat()
        return None if result.isUnknown() else bool(result.isSat())

    # ---- the decision

    def _allowed(self, world: World) -> Any:
        listed = world.policy.statements
        denied = [self._applies(each) for each in listed if each.effect is Effect.DENY]
        given = [self._applies(each) for each in listed if each.effect is Effect.ALLOW]
        return self._all((self._not(self._some(denied)), self._some(given)))

    def _applies(self, statement: Statement) -> Any:
        who, what = statement.principals, statement.actions
        if who is None or what is None:
            return self.solver.mkFalse()
        meant = [
            number
            for number, name in enumerate(CALLERS)
            if (
                who.lists(principal(name))
                if who.negated
                else who.means(principal(name)) is not None
            )
            is not who.negated
        ]
        actions = [number for number, name in enumerate(ACTIONS) if what.match(name)]
        return self._all(
            (
                self._is_one_of(self.caller, meant),
                self._is_one_of(self.action, actions),
                *map(self._holds, statement.conditions),
            )
        )

    # ---- conditions

    def _holds(self, condition: Condition) -> Any:
        used = operator(condition.operator)
        present, value = self.keys[condition.name]
        if used is None:
            raise NotImplementedError(condition.operator)
        if used.base == NULL:
            return self._some(
                self._not(present) if each == "true" else present for each in condition.texts
            )
        negated = "Not" in used.base
        fits = self._some(
            self._fits(used.base.replace("Not", ""), each, value) for each in condition.texts
        )
        if negated:
            fits = self._not(fits)
        absent = used.if_exists or used.quantifier is Quantifier.ALL
        absent = absent or (used.quantifier is None and negated)
        without = self.solver.mkBoolean(absent)
        return self.solver.mkTerm(self.kinds.ITE, present, fits, without)

    def _fits(self, base: str, written: str, value: Any) -> Any:
        if base.removesuffix(IF_EXISTS) == "StringEquals":
            return self.solver.mkTerm(self.kinds.EQUAL, value, self.solver.mkString(written))
        parts = [self._letters(base, letter) for letter in written]
        return self.solver.mkTerm(self.kinds.STRING_IN_REGEXP, value, self._sequence(parts))

    def _letters(self, base: str, letter: str) -> Any:
        if base == "StringLike" and letter == Wildcard.ANY_RUN.value:
            return self.solver.mkRegexpAll()
        if base == "StringLike" and letter == Wildcard.ANY_ONE.value:
            return self.solver.mkRegexpAllchar()
        spelled = {letter} if base == "StringLike" else {letter.lower(), letter.upper()}
        listed = [
            self.solver.mkTerm(self.kinds.STRING_TO_REGEXP, self.solver.mkString(each))
            for each in sorted(spelled)
        ]
        return (
            listed[0] if len(listed) == 1 else self.solver.mkTerm(self.kinds.REGEXP_UNION, *listed)
        )

    def _sequence(self, parts: list[Any]) -> Any:
        if len(parts) > 1:
            return self.solver.mkTerm(self.kinds.REGEXP_CONCAT, *parts)
        empty = self.solver.mkTerm(self.kinds.STRING_TO_REGEXP, self.solver.mkString(""))
        return parts[0] if parts else empty

    # ---- logic

    def _is_one_of(self, variable: Any, numbers: Iterable[int]) -> Any:
        return self._some(
            self.solver.mkTerm(self.kinds.EQUAL, variable, self.solver.mkInteger(each))
            for each in numbers
        )

    def _not(self, term: Any) -> Any:
        return self.solver.mkTerm(self.kinds.NOT, term)

    def _all(self, terms: Iterable[Any]) -> Any:
        listed = list(terms)
        return self.solver.mkTerm(self.kinds.AND, *listed) if len(listed) > 1 else listed[0]

    def _some(self, terms: Iterable[Any]) -> Any:
        listed = list(terms)
        if not listed:
            return self.solver.mkFalse()
        return self.solver.mkTerm(self.kinds.OR, *listed) if len(listed) > 1 else listed[0]
