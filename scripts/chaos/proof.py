"""What the database, the file store and the mailbox say, beside what participants were told."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from assessments.models import Attempt, DraftText, Project, ProjectFile, Submission, Upload
from lms.core import audit
from lms.core.storage import read_chunks
from scripts.chaos.journal import FinishedUpload, Journal
from scripts.chaos.mailbox import Letters


@dataclass
class Verdict:
    """A sentence for each thing lost or doubled. What nobody asked for counts as doubled."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        return (
            f"{self.acknowledged} acknowledged, {len(self.lost)} lost, "
            f"{len(self.doubled)} duplicated"
        )

    @property
    def holds(self) -> bool:
        return not self.lost and not self.doubled


def prove(project: Project, journals: list[Journal], letters: Letters) -> Verdict:
    verdict = Verdict(acknowledged=sum(journal.acknowledged for journal in journals))
    kept = dict(Submission.objects.filter(project=project).in_bulk())
    for journal in journals:
        submission = kept.pop(journal.submission)
        attempts = list(submission.attempts.prefetch_related("files"))
        verdict.lost += _lost_texts(journal, submission, attempts)
        verdict.doubled += _doubled_saves(journal, submission, attempts)
        verdict.lost += _lost_submissions(journal, attempts)
        verdict.doubled += _doubled_submissions(journal, submission, attempts)
        for upload in journal.uploads:
            verdict.lost += _lost_file(journal, upload, attempts)
        verdict.doubled += _doubled_files(journal, submission)
    for stranger in kept.values():
        verdict.doubled.append(f"submission {stranger.pk}: nobody began it")
    _count_letters(verdict, project, letters)
    return verdict


def _lost_texts(journal: Journal, submission: Submission, attempts: list[Attempt]) -> Iterator[str]:
    """An acknowledged text is stored, or in the history, or a later one of the same person
    has taken its place; what is handed in holds the last of each section."""
    history = set(DraftText.objects.filter(submission=submission).values_list("text", flat=True))
    stored = {
        section: _number_of(submission.sections.get(section, ""), texts)
        for section, texts in journal.texts.items()
    }
    for save in journal.saves:
        text = journal.texts[save.section][save.number]
        if stored[save.section] < save.number and text not in history:
            yield f"{journal.email}: text {save.number} of {save.section}"
        elif save.number == journal.last_saved(save.section):
            for attempt in attempts:
                if attempt.sections.get(save.section) != text:
                    yield f"{journal.email}: text {save.number} of {save.section} as handed in"


def _doubled_saves(
    journal: Journal, submission: Submission, attempts: list[Attempt]
) -> Iterator[str]:
    """Each save is applied once at most: the version counts them. All texts are theirs."""
    sent = max(sum(len(texts) - 1 for texts in journal.texts.values()), 0)
    if submission.version > sent:
        yield f"{journal.email}: version {submission.version} after {sent} texts"
    rows: list[Submission | Attempt] = [submission, *attempts]
    for held in rows:
        for section, texts in journal.texts.items():
            if held.sections.get(section, "") not in texts:
                where = f"{held._meta.model_name}, {section}"
                yield f"{journal.email}: a text that they never sent ({where})"


def _lost_submissions(journal: Journal, attempts: list[Attempt]) -> Iterator[str]:
    known = {attempt.receipt for attempt in attempts}
    for receipt in sorted(set(journal.receipts) - known):
        yield f"{journal.email}: receipt {receipt} was shown and is not there"


def _doubled_submissions(
    journal: Journal, submission: Submission, attempts: list[Attempt]
) -> Iterator[str]:
    for attempt in attempts[1:]:
        yield f"{journal.email}: a second attempt, {attempt.receipt}"
    if attempts and not journal.asked:
        yield f"{journal.email}: {attempts[0].receipt}, which nobody asked for"
    events = audit.events_of(submission).filter(verb="project.submitted").count()
    if events > len(attempts):
        yield f"{journal.email}: {events} events for {len(attempts)} submissions"


def _lost_file(journal: Journal, upload: FinishedUpload, attempts: list[Attempt]) -> Iterator[str]:
    row = Upload.objects.select_related("file").filter(pk=upload.id).first()
    if row is None or row.file is None or row.file.sha256 != upload.sha256:
        yield f"{journal.email}: {upload.name}"
        return
    digest = hashlib.sha256()
    try:
        for chunk in read_chunks(row.file.stored_as):
            digest.update(chunk)
    except OSError:
        digest = hashlib.sha256()
    if digest.hexdigest() != upload.sha256:
        yield f"{journal.email}: the content of {upload.name}"
    for attempt in attempts:
        if upload.sha256 not in {file.sha256 for file in attempt.files.all()}:
            yield f"{journal.email}: {upload.name} is not in {attempt.receipt}"


def _doubled_files(journal: Journal, submission: Submission) -> Iterator[str]:
    expected = {upload.name for upload in journal.uploads}
    for name in expected:
        count = ProjectFile.objects.attached().filter(submission=submission, name=name).count()
        if count > 1:
            yield f"{journal.email}: {name}, {count} times"


def _count_letters(verdict: Verdict, project: Project, letters: Letters) -> None:
    """One letter for each attempt: a letter is known by its Message-ID, and one that comes
    again under the same is recognised by whoever receives it (docs/deploying.md)."""
    attempts = Attempt.objects.filter(project=project).select_related("submitted_by")
    wanted = {attempt.receipt: attempt.submitted_by.email for attempt in attempts}
    for receipt, email in wanted.items():
        came = letters.receipts.get(receipt, {})
        if email not in came.values():
            verdict.lost.append(f"{email}: no letter about {receipt}")
        verdict.doubled += [f"{email}: another letter about {receipt}"] * (len(came) - 1)
    for receipt in letters.receipts.keys() - wanted.keys():
        verdict.doubled.append(f"a letter about {receipt}, which does not exist")


def _number_of(text: str, texts: list[str]) -> int:
    """Which of a participant's texts this is; -1 for one that is none of theirs."""
    return texts.index(text) if text in texts else -1
