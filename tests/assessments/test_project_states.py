"""Random commands of a team keep the promises about drafts, attempts and who wrote them
(invariants 1 to 3, 12, 13)."""

import itertools
from datetime import timedelta
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
    add_member,
    leave_team,
    lock_for_marking,
    remove_file,
    remove_member,
    reopen_draft,
    restore_file,
    return_for_revision,
    save_draft,
    start_project,
    submit_project,
    withdraw_submission,
)
from assessments.actions.extensions import grant_extension, request_extension
from assessments.enums import STILL_WRITTEN, WITH_INSTRUCTORS
from assessments.enums import SubmissionStatus as S
from assessments.models import Attempt, ProjectFile, Submission
from assessments.selectors import submission_of
from assessments.workflow import SUBMISSION_MOVES
from lms.core.errors import DomainError, StaleVersion
from tests.factories.assessments import DEADLINE, attach, pdf, pdf_upload, start, texts_for, write
from tests.factories.programme import EditionFactory, coordinator, instructor
from tests.factories.teams import allow_teams, colleague, invite, join

TEXTS = st.sampled_from(["", "One.", "Two.", "Three."])
# How many versions a request is behind: mostly none.
AGES = st.sampled_from([0, 0, 0, 1, 2])
# Who does it: mostly the one who is always there at first.
PEOPLE = st.sampled_from([0, 0, 1, 2])
FILES = st.integers(min_value=0, max_value=1)


def stored(text: str) -> str:
    return f"<p>{text}</p>" if text else ""


class ProjectMachine(RuleBasedStateMachine):
    """The model knows what must be stored; every command is tried in every state."""

    @initialize()
    def begin(self) -> None:
        edition = EditionFactory.create()
        allow_teams(edition)
        self.submission = write(start(edition))
        self.places = [self.submission.owner, *(colleague(self.submission) for _ in range(2))]
        self.people = [place.user for place in self.places]
        # The third has a draft of their own, which never changes whatever happens here.
        self.own = write(start(edition, enrolment=self.places[2]))
        self.own_sections, self.own_in_hand = dict(self.own.sections), True
        self.marker, self.staff = instructor(edition), coordinator(edition)
        self.files = [
            attach(self.submission, pdf_upload(f"{n}.pdf", pdf(pages=n + 1))) for n in range(2)
        ]
        self.at, self.until = DEADLINE - timedelta(days=3), DEADLINE
        self.status, self.attempt, self.version = S.DRAFT, 1, 1
        self.members = [0]
        self.attached = {0, 1}
        self.sections = {k: stored(v) for k, v in texts_for(self.submission).items()}
        self.handed_in: list[dict[str, Any]] = []
        self.requests: dict[str, tuple[int, int, str]] = {}
        self.keys = (f"key-number-{n}" for n in itertools.count())

    def attempt_to(self, allowed: bool, action: Any, **fields: Any) -> Any:
        result: Any
        try:
            result = action(at=self.at, **fields)
        except DomainError as error:
            result = error
        assert allowed is not isinstance(result, DomainError), (action.__name__, result)
        return result

    def is_draft_of(self, who: int) -> bool:
        return self.status == S.DRAFT and who in self.members

    @rule(hours=st.sampled_from([1, 20, 60]))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    # --- Writing and attaching ---

    @rule(key=st.sampled_from(["context", "objectives"]), text=TEXTS, age=AGES, who=PEOPLE)
    def save(self, key: str, text: str, age: int, who: int) -> None:
        base = max(0, self.version - age)
        is_allowed = self.is_draft_of(who) and base == self.version
        answer = self.attempt_to(
            is_allowed, save_draft, submission=self.submission, values={key: text},
            base_version=base, by=self.people[who],
        )  # fmt: skip
        if is_allowed and self.sections.get(key, "") != stored(text):
            self.sections[key] = stored(text)
            self.version += 1
        if isinstance(answer, StaleVersion):
            assert {k: stored(v) for k, v in answer.extra["stored"].items() if v} == {
                k: v for k, v in self.sections.items() if v
            }

    @rule(number=FILES, who=PEOPLE)
    def take_off(self, number: int, who: int) -> None:
        file = self.files[number]
        if self._changes_files(remove_file, file, who):
            self.attached.discard(number)

    @rule(number=FILES, who=PEOPLE)
    def put_back(self, number: int, who: int) -> None:
        if self._changes_files(restore_file, self.files[number], who):
            self.attached.add(number)

    def _changes_files(self, action: Any, file: ProjectFile, who: int) -> bool:
        is_allowed = self.is_draft_of(who)
        self.attempt_to(is_allowed, action, file=file, by=self.people[who])
        return is_allowed

    # --- Handing in ---

    @rule(age=AGES, who=PEOPLE)
    def submit(self, age: int, who: int) -> None:
        base = max(0, self.version - age)
        is_written = all(self.sections.get(key) for key in ("context", "objectives"))
        is_new = self.is_draft_of(who) and base == self.version and is_written
        theirs = self.of_a_team_mate(base, who)
        key = next(self.keys)
        answer = self.attempt_to(
            is_new or theirs is not None, submit_project, submission=self.submission,
            base_version=base, idempotency_key=key, by=self.people[who],
        )  # fmt: skip
        if theirs is not None:
            assert answer.receipt == theirs
        if is_new:
            self.status = S.SUBMITTED
            self.requests[key] = (base, who, answer.receipt)
            self.handed_in.append(
                {
                    "number": self.attempt,
                    "receipt": answer.receipt,
                    "content_sha256": answer.content_sha256,
                    "sections": {"notes": "", **self.sections},
                    "effective_deadline_at": self.until,
                    "is_late": self.at > self.until,
                    "who": [self.places[n].pk for n in self.members],
                    "files": sorted(self.files[n].sha256 for n in self.attached),
                }
            )

    def of_a_team_mate(self, base: int, who: int) -> str | None:
        """The receipt in hand, where another member handed in this very draft."""
        if self.status not in WITH_INSTRUCTORS or who not in self.members:
            return None
        earlier, by, receipt = list(self.requests.values())[-1]
        return receipt if earlier == base and by != who else None

    @rule(data=st.data(), slip=st.integers(min_value=0, max_value=1))
    def submit_again(self, data: Any, slip: int) -> None:
        if not self.requests:
            return
        key = data.draw(st.sampled_from(sorted(self.requests)))
        base, who, receipt = self.requests[key]
        answer = self.attempt_to(
            slip == 0 and who in self.members, submit_project, submission=self.submission,
            base_version=base + slip, idempotency_key=key, by=self.people[who],
        )  # fmt: skip
        if not isinstance(answer, DomainError):
            assert answer.receipt == receipt

    @rule(who=PEOPLE)
    def withdraw(self, who: int) -> None:
        self.move(
            S.WITHDRAWN, withdraw_submission, number=self.attempt, by=self.people[who],
            may=who in self.members,
        )  # fmt: skip

    @rule()
    def lock(self) -> None:
        self.move(S.LOCKED_FOR_MARKING, lock_for_marking, by=self.marker)

    @rule()
    def hand_back(self) -> None:
        self.move(
            S.RETURNED_FOR_REVISION, return_for_revision, base_version=self.version,
            by=self.marker, reason="Why?",
        )  # fmt: skip

    @rule(who=PEOPLE)
    def reopen(self, who: int) -> None:
        if self.move(S.DRAFT, reopen_draft, by=self.people[who], may=who in self.members):
            self.attempt += 1
            self.version += 1

    def move(self, to: S, action: Any, *, may: bool = True, **fields: Any) -> bool:
        is_allowed = may and SUBMISSION_MOVES.allows(self.status, to)
        self.attempt_to(is_allowed, action, submission=self.submission, **fields)
        if is_allowed:
            self.status = to
        return is_allowed

    # --- The team, and more time ---

    @rule(who=st.sampled_from([0, 1, 2]), by_staff=st.booleans())
    def somebody_joins(self, who: int, by_staff: bool) -> None:
        if who in self.members:
            return
        self.submission.refresh_from_db()
        is_allowed = by_staff or self.status in STILL_WRITTEN
        if by_staff:
            self.attempt_to(
                is_allowed, add_member, submission=self.submission, enrolment=self.places[who],
                reason="Forgotten.", by=self.staff,
            )  # fmt: skip
        else:
            self.attempt_to(is_allowed, self._invite_and_join, who=who)
        if is_allowed:
            self.members.append(who)
            self.own_in_hand = self.own_in_hand and who != 2

    def _invite_and_join(self, *, who: int, at: Any) -> Any:
        invite(self.submission, self.places[who], at=at)
        return join(self.submission, self.places[who], at=at)

    @rule(who=PEOPLE)
    def leave(self, who: int) -> None:
        is_allowed = who in self.members and len(self.members) > 1 and self.status in STILL_WRITTEN
        self.attempt_to(is_allowed, leave_team, submission=self.submission, by=self.people[who])
        if is_allowed:
            self.members.remove(who)

    @rule(who=st.sampled_from([0, 1, 2]), by=st.sampled_from([0, 1, "staff"]))
    def take_out(self, who: int, by: Any) -> None:
        if who not in self.members:
            return
        member = self.submission.members.present().get(enrolment=self.places[who])
        owns = by == self.members[0] and by != who and self.status in STILL_WRITTEN
        is_allowed = len(self.members) > 1 and (by == "staff" or owns)
        person = self.staff if by == "staff" else self.people[by]
        self.attempt_to(is_allowed, remove_member, member=member, reason="Moved.", by=person)
        if is_allowed:
            self.members.remove(who)

    @rule()
    def take_up_ones_own(self) -> None:
        if 2 in self.members:
            return
        begun = start_project(
            project=self.own.project, enrolment=self.places[2], by=self.people[2], at=self.at
        )
        assert begun == self.own
        self.own_in_hand = True

    @rule(days=st.sampled_from([1, 5]), who=PEOPLE)
    def more_time(self, days: int, who: int) -> None:
        wanted = max(self.at, self.until) + timedelta(days=days)
        if self.status not in STILL_WRITTEN:
            return
        extension = self.attempt_to(
            who in self.members, request_extension, submission=self.submission,
            wanted_at=wanted, wanted_zone="Europe/Madrid", reason="The council met late.",
            by=self.people[who],
        )  # fmt: skip
        if who in self.members:
            self.attempt_to(
                True, grant_extension, extension=extension, reason="Yes.", by=self.staff
            )
            self.until = wanted

    @invariant()
    def what_is_stored_is_what_was_promised(self) -> None:
        if not hasattr(self, "keys"):
            return
        now = Submission.objects.select_related("owner").get(pk=self.submission.pk)
        assert (now.status, now.attempt, now.version) == (
            self.status,
            self.attempt,
            self.version,
        )
        assert {k: v for k, v in now.sections.items() if v} == {
            k: v for k, v in self.sections.items() if v
        }
        members = list(now.members.present().values_list("enrolment", flat=True))
        assert members == [self.places[n].pk for n in self.members]
        assert now.owner == self.places[self.members[0]]
        attached = set(now.files.attached().values_list("pk", flat=True))
        assert attached == {self.files[n].pk for n in self.attached}

    @invariant()
    def what_was_handed_in_never_changes(self) -> None:
        if not hasattr(self, "keys"):
            return
        attempts = Attempt.objects.filter(submission=self.submission).order_by("number")
        assert [
            {
                **{name: getattr(attempt, name) for name in promised if hasattr(attempt, name)},
                "sections": {"notes": "", **attempt.sections},
                "files": sorted(attempt.files.values_list("sha256", flat=True)),
                "who": list(attempt.members.values_list("enrolment", flat=True)),
            }
            for attempt, promised in zip(attempts, self.handed_in, strict=True)
        ] == self.handed_in

    @rule()
    def each_sees_what_is_theirs(self) -> None:
        """Asked now and then, and at the end: it costs more than all the rest."""
        for n, person in enumerate(self.people):
            seen = set(
                Attempt.objects.visible_to(person)
                .filter(submission=self.submission)
                .values_list("receipt", flat=True)
            )
            theirs = {one["receipt"] for one in self.handed_in if self.places[n].pk in one["who"]}
            everything = {one["receipt"] for one in self.handed_in}
            assert seen == (everything if n in self.members else theirs)
            begun = submission_of(self.places[n])
            if n in self.members:
                assert begun == self.submission
        self.own.refresh_from_db()
        assert self.own.sections == self.own_sections
        assert (self.own.parked_at is None) == self.own_in_hand

    def teardown(self) -> None:
        if hasattr(self, "keys"):
            self.each_sees_what_is_theirs()


@pytest.mark.one_database("sqlite")
@pytest.mark.django_db
def test_random_commands_keep_the_promises() -> None:
    run_state_machine_as_test(
        ProjectMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )
