"""
Conditions: what an operator makes of a condition key and its values, also if the key is absent or has several values.

Sources: *Condition operators* and *Conditions with multiple context keys or values* in the IAM User Guide; what was
recorded of AWS in September 2026, see `docs/fidelity.md`, *Conditions*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, final

from attrs import field, frozen

from kmsmodel.policy.operators import (
    NULL,
    OPERATORS,
    Comparison,
    Operator,
    Quantifier,
    Test,
    operator,
)
from kmsmodel.policy.question import Context, Question, Value
from kmsmodel.policy.values import is_true
from kmsmodel.policy.variables import OLD_VERSION, Template, template

Scalar: TypeAlias = "str | int | float"
"""A value in a condition; JSON's true and false are among the integers."""


@final
@frozen
class Condition:
    """
    One condition key under one operator, with its values.

    ``is_list`` says whether the values stand in a list. ``applies_on_error`` is what the statement makes of an operator
    that nobody knows, and of a value that is not an ARN where one must stand: a Deny statement applies, and an Allow
    statement does not.
    """

    operator: str
    key: str
    values: tuple[Scalar, ...] = field(eq=lambda values: tuple(map(_text, values)))
    is_list: bool = True
    version: str = OLD_VERSION
    applies_on_error: bool = False
    name: str = field(init=False, repr=False, eq=False)
    """The condition key in lower case: AWS does not tell names apart by their case."""
    texts: tuple[str, ...] = field(init=False, repr=False, eq=False)
    """The values as text."""
    templates: tuple[Template, ...] = field(init=False, repr=False, eq=False)
    """The values as they are compared: with their wildcards and variables, if the operator has any."""
    _test: Callable[[Context], bool] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        put(self, "name", self.key.lower())
        put(self, "texts", tuple(map(_text, self.values)))
        put(self, "templates", _templates(self))
        put(self, "_test", _compiled(self))

    def matches(self, question: Question) -> bool:
        """Does the request fulfil the condition?"""
        return self._test(question.context)

    def holds(self, context: Context) -> bool:
        """Do these condition keys fulfil the condition?"""
        return self._test(context)


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _templates(condition: Condition) -> tuple[Template, ...]:
    used = operator(condition.operator)
    if used is None or used.base == NULL:
        return ()
    comparison = OPERATORS[used.base][0]
    version = condition.version if comparison.has_variables else OLD_VERSION
    return tuple(
        template(text, version, wildcards=comparison.has_wildcards) for text in condition.texts
    )


def _compiled(condition: Condition) -> Callable[[Context], bool]:
    """The test of a condition: what does not depend on the request is done once."""
    used = operator(condition.operator)
    name = condition.name
    if used is None:
        return lambda _: condition.applies_on_error
    if used.base == NULL:
        return _null(used, name, condition.texts)
    if not condition.values and used.quantifier is None and not used.if_exists:
        return lambda _: True  # AWS: an empty list does not affect the policy
    fits = _fits(condition, used)
    on_error, quantifier = condition.applies_on_error, used.quantifier
    absent = used.if_exists or quantifier is Quantifier.ALL
    if quantifier is None and not absent:
        absent = used.is_negated

    def test(context: Context) -> bool:
        value = context.get(name)
        if value is None or value == ():
            return absent
        if not condition.values:
            return False
        if quantifier is not None:
            outcome = _quantified(quantifier, value, fits, context)
        else:  # a plain operator never fits a condition key that has several values
            outcome = fits(value, context) if isinstance(value, str) else False
        return on_error if outcome is None else outcome

    return test


def _null(used: Operator, name: str, texts: tuple[str, ...]) -> Callable[[Context], bool]:
    """Null asks whether the key is absent; of a set, it asks nothing."""
    if used.quantifier is not None:
        always = used.quantifier is Quantifier.ALL
        return lambda _: always
    wanted = frozenset(map(is_true, texts))
    return lambda context: (context.get(name) in {None, ()}) in wanted


_Fits: TypeAlias = Callable[[str, Context], "bool | None"]
"""Whether one value of the request fits; None is an error."""


def _quantified(quantifier: Quantifier, value: Value, fits: _Fits, context: Context) -> bool | None:
    enough = quantifier is Quantifier.ANY
    for each in (value,) if isinstance(value, str) else value:
        outcome = fits(each, context)
        if outcome is None or outcome is enough:
            return outcome
    return not enough


def _fits(condition: Condition, used: Operator) -> _Fits:
    comparison, negated = OPERATORS[used.base]
    makes = tuple(_test_of(each, comparison) for each in condition.templates)
    has_variables = any(each.variables for each in condition.templates)
    fixed = () if has_variables else tuple(make({}) for make in makes)  # pragma: no mutate

    def fits(value: str, context: Context) -> bool | None:
        found = comparison.read(value)
        if found is None:
            return negated and comparison.unread_fits_negated
        tests = (make(context) for make in makes) if has_variables else fixed  # pragma: no mutate
        for test in tests:
            if test is None:
                if comparison.malformed_is_an_error:
                    return None
            elif test(found):
                return not negated
        return negated

    return fits


def _test_of(value: Template, comparison: Comparison) -> Callable[[Context], Test | None]:
    """What makes the test of a value of the policy for a request."""
    if (fixed := value.fixed()) is not None:
        test = comparison.test(fixed)
        return lambda _: test

    def resolved(context: Context) -> Test | None:
        text = value.resolved(context)
        # A variable without a value fits nothing, and is not an error.
        return _never if text is None else comparison.test(text)

    return resolved


def _never(_: object) -> bool:
    return False
