"""A form and the action that takes what it says."""

from typing import Any

import pytest
from django import forms

from lms.core.errors import Conflict, InvalidInput, PermissionDenied, TooLarge
from lms.core.forms import act_on


class WhyForm(forms.Form):
    why = forms.CharField()


def refuse(error: Exception) -> Any:
    def action(**_said: Any) -> None:
        raise error

    return action


def test_an_action_takes_what_the_form_says_and_what_is_known() -> None:
    outcome = act_on(WhyForm({"why": "A flood."}), dict, by="Ana")

    assert (outcome.is_done, outcome.result) == (True, {"why": "A flood.", "by": "Ana"})


def test_a_form_that_is_wrong_never_reaches_the_action() -> None:
    outcome = act_on(WhyForm({}), refuse(AssertionError()))

    assert (outcome.is_done, outcome.status, outcome.refusal) == (False, 422, None)


@pytest.mark.parametrize(
    ("error", "field", "status"),
    [
        (InvalidInput(errors={"why": ["Say more."]}), "why", 422),
        (InvalidInput(errors={"elsewhere": ["Say more."]}), "__all__", 422),
        (Conflict("Say more."), "__all__", 409),
        (TooLarge("Say more.", field="why"), "why", 413),
    ],
)
def test_a_refusal_stands_in_the_form_with_what_was_typed(
    error: Any, field: str, status: int
) -> None:
    form = WhyForm({"why": "A flood."})

    outcome = act_on(form, refuse(error))

    assert (outcome.is_done, outcome.status, outcome.refusal) == (False, status, error)
    assert form.errors == {field: ["Say more."]}
    assert form["why"].value() == "A flood."


def test_who_may_not_is_told_so_and_not_in_a_form() -> None:
    with pytest.raises(PermissionDenied):
        act_on(WhyForm({"why": "A flood."}), refuse(PermissionDenied()))
