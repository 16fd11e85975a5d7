"""Random commands of a writer, an editor and a coordinator lose nothing: every text that was
ever acknowledged is in the draft, its history or an attempt, every file that arrived is
stored, and what is refused changes nothing (invariants 1 to 3, 12; D15c)."""

import io
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from assessments.actions import (
    adopt_guidelines,
    reopen_draft,
    save_draft,
    submit_project,
    withdraw_submission,
)
from assessments.actions.at_deadline import (
    ask_for_deadline_submission,
    call_off_deadline_submission,
    settle_deadline_submission,
)
from assessments.actions.extensions import (
    grant_extension,
    refuse_extension,
    request_extension,
    shorten_extension,
    take_back_extension,
)
from assessments.actions.history import restore_version
from assessments.actions.receiving import receive_bytes
from assessments.actions.taking_along import take_along
from assessments.actions.uploads import begin_upload, cancel_upload
from assessments.enums import DeadlineSubmissionStatus as Wish
from assessments.enums import UploadStatus
from assessments.models import Attempt, DraftText, Extension, Submission
from assessments.selectors.project import effective_deadline_of
from assessments.selectors.sections import set_aside_of
from lms.core.errors import DomainError
from lms.core.storage import evidence
from tests.factories.assessments import DEADLINE, pdf, publish, section, start
from tests.factories.programme import EditionFactory, coordinator

KEYS = ("context", "objectives", "notes")
REQUIRED = ("context", "objectives")
WORDS = st.sampled_from(["", "One.", "Two.", "Three.", "Four."])


class WritingMachine(RuleBasedStateMachine):
    """The machine remembers what it was told is stored, and no more of the rules than that."""

    @initialize()
    def begin(self) -> None:
        edition = EditionFactory.create()
        self.submission = start(edition)
        self.writer, self.staff = self.submission.owner.user, coordinator(edition)
        self.at = DEADLINE - timedelta(days=2)
        self.texts: set[str] = set()
        self.files: set[str] = set()
        self.contents: dict[Any, bytes] = {}
        self.drafts: list[tuple[Any, int, dict[str, str]]] = []
        self.handed_in: dict[int, Any] = {}
        self.tries = 0

    # --- What there is ---

    def now(self) -> Submission:
        return Submission.objects.select_related("guidelines", "project", "owner").get(
            pk=self.submission.pk
        )

    def seen(self) -> Any:
        now = self.now()
        return (
            (now.status, now.attempt, now.version, now.sections, now.guidelines_id),
            sorted(now.files.values_list("pk", "removed_at")),
            sorted(now.uploads.values_list("pk", "status", "offset")),
            list(now.deadline_submissions.order_by("pk").values_list("pk", "status")),
            list(now.extensions.order_by("pk").values_list("pk", "status", "until_at")),
            now.attempts.count(),
        )

    def attempt_to(self, action: Any, **fields: Any) -> Any:
        """Its result, or None where it is refused: then everything is as it was."""
        before = self.seen()
        try:
            result = action(at=self.at, **fields)
        except DomainError:
            assert self.seen() == before, action.__name__
            return None
        now = self.now()
        self.texts |= {text for text in now.sections.values() if text}
        self.drafts.append((now.saved_at, now.attempt, dict(now.sections)))
        return result

    @rule(minutes=st.sampled_from([10, 600, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    # --- Writing ---

    @rule(key=st.sampled_from(KEYS), text=WORDS, age=st.sampled_from([0, 0, 0, 1]))
    def save(self, key: str, text: str, age: int) -> None:
        # Another sitting each time: within one, what a writer replaces is theirs to replace.
        self.at += timedelta(minutes=6)
        self.attempt_to(
            save_draft, submission=self.submission, values={key: text},
            base_version=max(0, self.now().version - age), by=self.writer,
        )  # fmt: skip

    @rule()
    def write_everything(self) -> None:
        self.at += timedelta(minutes=6)
        now = self.now()
        values = {key: f"All of {key}." for key in now.guidelines.section_keys}
        self.attempt_to(
            save_draft, submission=now, values=values, base_version=now.version, by=self.writer
        )

    @rule(data=st.data())
    def bring_back(self, data: Any) -> None:
        now = self.now()
        kept = list(now.history.order_by("pk"))
        if kept:
            version = data.draw(st.sampled_from(kept))
            self.attempt_to(
                restore_version, submission=now, version=version, base_version=now.version,
                by=self.writer,
            )  # fmt: skip

    @rule(keys=st.sampled_from([KEYS, REQUIRED, ("context", "notes")]))
    def guidelines_change(self, keys: tuple[str, ...]) -> None:
        publish(
            self.submission.project.guidelines_page,
            sections=[section(key, required=key in REQUIRED) for key in keys],
        )

    @rule()
    def adopt(self) -> None:
        now = self.now()
        self.attempt_to(adopt_guidelines, submission=now, base_version=now.version, by=self.writer)

    @rule()
    def take_along(self) -> None:
        now = self.now()
        for key in set_aside_of(now):
            self.attempt_to(
                take_along, submission=now, key=key, into="context", base_version=now.version,
                by=self.writer,
            )  # fmt: skip
            break

    # --- Files ---

    @rule(pages=st.integers(min_value=1, max_value=2))
    def begin_a_file(self, pages: int) -> None:
        self.tries += 1
        content = pdf(pages=pages)
        upload = self.attempt_to(
            begin_upload, submission=self.submission, name=f"{self.tries}.pdf",
            size=len(content), by=self.writer,
        )  # fmt: skip
        if upload is not None:
            self.contents[upload.pk] = content

    @rule(data=st.data(), share=st.sampled_from([0.4, 1.0]), slip=st.sampled_from([0, 0, 0, 1]))
    def send(self, data: Any, share: float, slip: int) -> None:
        upload = self._an_upload(data)
        if upload is None:
            return
        rest = self.contents[upload.pk][upload.offset :]
        piece = rest[: max(1, int(len(rest) * share))]
        before = self.now().files.count()
        try:
            stored = receive_bytes(
                upload=upload, read=io.BytesIO(piece).read, length=len(piece),
                offset=upload.offset + slip, by=self.writer, at=self.at,
            )  # fmt: skip
        except DomainError:
            assert self.now().files.count() == before
            return
        is_new = upload.status != UploadStatus.FINISHED
        if is_new and stored.status == UploadStatus.FINISHED:
            self.files.add(sha256(self.contents[upload.pk]).hexdigest())
            assert self.now().files.count() == before + 1

    @rule(data=st.data())
    def give_up_a_file(self, data: Any) -> None:
        upload = self._an_upload(data)
        if upload is not None:
            self.attempt_to(cancel_upload, upload=upload, by=self.writer)

    def _an_upload(self, data: Any) -> Any:
        uploads = list(self.now().uploads.order_by("pk"))
        return data.draw(st.sampled_from(uploads)) if uploads else None

    # --- Handing in ---

    @rule(without=st.sampled_from([(), "all"]))
    def submit(self, without: Any) -> None:
        self.tries += 1
        now = self.now()
        attempt = self.attempt_to(
            submit_project, submission=now, base_version=now.version, without=without,
            idempotency_key=f"try-number-{self.tries}", by=self.writer,
        )  # fmt: skip
        if attempt is not None:
            self._remember(attempt)

    @rule(behind=st.sampled_from([0, 0, 1]))
    def withdraw(self, behind: int) -> None:
        now = self.now()
        self.attempt_to(
            withdraw_submission, submission=now, number=now.attempt - behind, by=self.writer
        )

    @rule()
    def reopen(self) -> None:
        self.at += timedelta(minutes=6)
        self.attempt_to(reopen_draft, submission=self.submission, by=self.writer)

    @rule()
    def wish(self) -> None:
        self.attempt_to(ask_for_deadline_submission, submission=self.submission, by=self.writer)

    @rule()
    def call_off(self) -> None:
        self.attempt_to(call_off_deadline_submission, submission=self.submission, by=self.writer)

    @rule()
    def a_worker_looks(self) -> None:
        now = self.now()
        for wish in now.deadline_submissions.filter(status=Wish.WAITING):
            deadline = effective_deadline_of(now.project, now).at
            settled = settle_deadline_submission(wish=wish, at=self.at)
            if settled.attempt is not None:
                self._remember(settled.attempt)
                assert settled.attempt.received_at == deadline < self.at
            if settled.status == Wish.INCOMPLETE:
                complete = [
                    saved_at
                    for saved_at, number, sections in self.drafts
                    if number == now.attempt
                    and saved_at <= deadline
                    and all(
                        sections.get(one["key"])
                        for one in now.guidelines.content["sections"]
                        if one["required"]
                    )
                ]
                assert complete == []

    def _remember(self, attempt: Attempt) -> None:
        self.handed_in[attempt.pk] = self._as_it_stands(attempt)

    @staticmethod
    def _as_it_stands(attempt: Attempt) -> Any:
        attempt = Attempt.objects.get(pk=attempt.pk)
        files = sorted(attempt.files.values_list("sha256", flat=True))
        return attempt.number, attempt.receipt, attempt.sections, attempt.content_sha256, files

    # --- More time ---

    @rule(hours=st.sampled_from([5, 50]))
    def ask_for_time(self, hours: int) -> None:
        self.attempt_to(
            request_extension, submission=self.submission, reason="The council met late.",
            wanted_at=max(self.at, DEADLINE) + timedelta(hours=hours),
            wanted_zone="Europe/Madrid", by=self.writer,
        )  # fmt: skip

    @rule(answer=st.sampled_from([grant_extension, shorten_extension, refuse_extension]))
    def answer_about_time(self, answer: Any) -> None:
        extension = Extension.objects.filter(submission=self.submission).last()
        if extension is None:
            return
        more = {}
        if answer is shorten_extension:
            until = extension.wanted_at - timedelta(hours=1)
            more = {"until_at": until, "until_zone": "Europe/Madrid"}
        self.attempt_to(answer, extension=extension, reason="So.", by=self.staff, **more)

    @rule()
    def take_the_request_back(self) -> None:
        extension = Extension.objects.filter(submission=self.submission).last()
        if extension is not None:
            self.attempt_to(take_back_extension, extension=extension, by=self.writer)

    # --- The promises ---

    @invariant()
    def no_text_is_lost(self) -> None:
        if not hasattr(self, "tries"):
            return
        kept = set(self.now().sections.values())
        kept |= set(
            DraftText.objects.filter(submission=self.submission).values_list("text", flat=True)
        )
        for attempt in Attempt.objects.filter(submission=self.submission):
            kept |= set(attempt.sections.values())
        assert self.texts <= kept

    @invariant()
    def no_file_is_lost(self) -> None:
        if not hasattr(self, "tries"):
            return
        for digest in self.files:
            with evidence().open(f"sha256/{digest[:2]}/{digest}") as stored:
                assert sha256(stored.read()).hexdigest() == digest

    @invariant()
    def what_was_handed_in_stands(self) -> None:
        if not hasattr(self, "tries"):
            return
        assert {
            attempt.pk: self._as_it_stands(attempt)
            for attempt in Attempt.objects.filter(submission=self.submission)
        } == self.handed_in


@pytest.mark.one_database("sqlite")
@pytest.mark.django_db
def test_random_commands_lose_no_work() -> None:
    run_state_machine_as_test(
        WritingMachine,
        # To make a failure shorter takes minutes: its seed says enough.
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
