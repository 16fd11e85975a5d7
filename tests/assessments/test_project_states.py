"""Random commands keep the promises about drafts and attempts (invariants 1 to 3)."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from assessments.actions import (
    lock_for_marking,
    reopen_draft,
    return_for_revision,
    save_draft,
    submit_project,
    withdraw_submission,
)
from assessments.enums import SubmissionStatus as S
from assessments.models import Attempt
from assessments.workflow import SUBMISSION_MOVES
from lms.core.errors import DomainError, StaleVersion
from tests.factories.assessments import SUBMITTED_AT, start, texts_for, write
from tests.factories.programme import EditionFactory, instructor

TEXTS = st.sampled_from(["", "One.", "Two.", "Three."])
# How many versions a request is behind: mostly none.
AGES = st.sampled_from([0, 0, 0, 1, 2])


class ProjectMachine(RuleBasedStateMachine):
    """The model knows what must be stored; every command is tried in every state."""

    @initialize()
    def begin(self) -> None:
        self.submission = write(start(EditionFactory.create()))
        self.owner = self.submission.owner.user
        self.marker = instructor(self.submission.edition)
        self.status, self.attempt, self.version = S.DRAFT, 1, 1
        self.sections = texts_for(self.submission)
        self.handed_in: list[dict[str, Any]] = []
        self.requests: dict[str, tuple[int, str]] = {}
        self.keys = (f"key-number-{n}" for n in itertools.count())

    def attempt_to(self, allowed: bool, action: Any, **fields: Any) -> Any:
        result: Any
        try:
            result = action(submission=self.submission, at=SUBMITTED_AT, **fields)
        except DomainError as error:
            result = error
        assert allowed is not isinstance(result, DomainError), (action.__name__, result)
        return result

    @rule(key=st.sampled_from(["context", "objectives"]), text=TEXTS, age=AGES)
    def save(self, key: str, text: str, age: int) -> None:
        base = max(0, self.version - age)
        is_allowed = self.status == S.DRAFT and base == self.version
        answer = self.attempt_to(
            is_allowed, save_draft, values={key: text}, base_version=base, by=self.owner
        )
        if is_allowed and self.sections.get(key, "") != text:
            self.sections[key] = text
            self.version += 1
        if isinstance(answer, StaleVersion):
            assert {k: v for k, v in answer.extra["stored"].items() if v} == {
                k: v for k, v in self.sections.items() if v
            }

    @rule(age=AGES)
    def submit(self, age: int) -> None:
        base = max(0, self.version - age)
        is_written = all(self.sections.get(key) for key in ("context", "objectives"))
        is_allowed = self.status == S.DRAFT and base == self.version and is_written
        key = next(self.keys)
        answer = self.attempt_to(
            is_allowed, submit_project, base_version=base, idempotency_key=key, by=self.owner
        )
        if is_allowed:
            self.status = S.SUBMITTED
            self.requests[key] = (base, answer.receipt)
            self.handed_in.append(
                {
                    "number": self.attempt,
                    "receipt": answer.receipt,
                    "content_sha256": answer.content_sha256,
                    "sections": dict(self.sections),
                }
            )

    @rule(data=st.data(), slip=st.integers(min_value=0, max_value=1))
    def submit_again(self, data: Any, slip: int) -> None:
        if not self.requests:
            return
        key = data.draw(st.sampled_from(sorted(self.requests)))
        base, receipt = self.requests[key]
        answer = self.attempt_to(
            slip == 0,
            submit_project,
            base_version=base + slip,
            idempotency_key=key,
            by=self.owner,
        )
        if slip == 0:
            assert answer.receipt == receipt

    @rule()
    def withdraw(self) -> None:
        self.move(S.WITHDRAWN, withdraw_submission, by=self.owner)

    @rule()
    def lock(self) -> None:
        self.move(S.LOCKED_FOR_MARKING, lock_for_marking, by=self.marker)

    @rule()
    def hand_back(self) -> None:
        self.move(
            S.RETURNED_FOR_REVISION,
            return_for_revision,
            base_version=self.version,
            by=self.marker,
            reason="Why?",
        )

    @rule()
    def reopen(self) -> None:
        if self.move(S.DRAFT, reopen_draft, by=self.owner):
            self.attempt += 1
            self.version += 1

    def move(self, to: S, action: Any, **fields: Any) -> bool:
        is_allowed = SUBMISSION_MOVES.allows(self.status, to)
        self.attempt_to(is_allowed, action, **fields)
        if is_allowed:
            self.status = to
        return is_allowed

    @invariant()
    def what_is_stored_is_what_was_promised(self) -> None:
        if not hasattr(self, "submission"):
            return
        self.submission.refresh_from_db()
        stored = self.submission
        assert (stored.status, stored.attempt, stored.version) == (
            self.status,
            self.attempt,
            self.version,
        )
        assert stored.sections == self.sections
        attempts = Attempt.objects.filter(submission=stored).order_by("number")
        assert self.handed_in == list(
            attempts.values("number", "receipt", "content_sha256", "sections")
        )


@pytest.mark.django_db
def test_random_commands_keep_the_promises() -> None:
    run_state_machine_as_test(
        ProjectMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
