"""One edition with somebody of every kind, and one of every thing, the participant's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from assessments.actions.certificates import issue_certificate
from assessments.actions.completion import review_completion
from assessments.actions.presentations import record_presentation
from assessments.actions.uploads import begin_upload
from assessments.models import Attempt, Certificate, Submission, TeamMember
from assessments.selectors.receipts import code_of
from lms.accounts.actions import create_token
from lms.accounts.models import User
from lms.programme.models import Edition
from lms.timetable.enums import AttendanceStatus
from lms.timetable.models import Attendance
from modules.actions.h5p_bundles import bundle_for
from modules.h5p_core import core_version
from modules.h5p_frames import frame_address, sign_files
from modules.h5p_staging import stage_of
from modules.models import LessonPage
from tests.architecture.scene_of_conversation import put_conversation
from tests.architecture.scene_of_experiences import at_experiences
from tests.architecture.scene_of_finding import at_searches
from tests.architecture.scene_of_marking import at_desk, at_rubric, at_two_markers
from tests.architecture.scene_of_queue import put_marking_by_many, put_peer_review
from tests.architecture.scene_of_releases import at_releases
from tests.architecture.scene_of_transfers import at_transfers
from tests.factories import (
    assessments,
    h5p_playing,
    marking,
    modules,
    number_anew,
    peer_exchange,
    programme,
    teams,
)
from tests.factories.accounts import AdministratorFactory, CityFactory, UserFactory
from tests.factories.timetable import SessionFactory
from tests.factories.uploads import encoded

AT = marking.MARKED_AT


@dataclass
class Scene:
    """`kwargs`: what an address is asked with, by (address or its beginning, name).
    `bodies`: what is sent where the gate comes after the reading of the body; `headers`:
    what some of them read besides (each request has them all)."""

    edition: Edition
    people: dict[str, User | None]
    kwargs: dict[tuple[str, str], Any] = field(default_factory=dict)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def kwargs_of(self, address: str, names: list[str]) -> dict[str, Any]:
        """The most particular value known: that of the address, of a part of it, of all."""
        found = {}
        for name in names:
            known = [key for key in self.kwargs if key[1] == name and address.startswith(key[0])]
            assert known, f"scene.py knows no {name} for {address}"
            found[name] = self.kwargs[max(known, key=lambda key: len(key[0]))]
        return found

    def at(self, beginning: str, **values: Any) -> None:
        for name, value in values.items():
            self.kwargs[(beginning, name)] = value


def make_scene(project: Callable[[Scene, User], None] | None = None) -> Scene:
    """`project`: how far the participant's project is; released and certified without it."""
    number_anew(1000)  # several tests share a scene and make rows of their own, from the first
    edition = programme.EditionFactory.create()
    nairobi = CityFactory.create(name="Nairobi")
    participant = programme.participant(edition, nairobi)
    editor = UserFactory.create()
    people: dict[str, User | None] = {
        "anonymous": None,
        "outsider": UserFactory.create(),
        "participant": participant,
        "team_mate": programme.participant(edition, nairobi),
        "neighbour": programme.participant(edition, CityFactory.create(name="Quito")),
        "city_team": programme.city_team_member(edition, nairobi),
        "instructor": programme.instructor(edition),
        "coordinator": programme.coordinator(edition),
        "moderator": programme.moderator(edition),
        "editor": editor,
        "administrator": AdministratorFactory.create(),
    }
    scene = Scene(edition, people)
    scene.at("", edition_slug=edition.slug)
    scene.at("api:v1:edition", slug=edition.slug)
    scene.at(
        "core:picture", name=default_storage.save("images/a.png", ContentFile(b"")).split("/")[1]
    )
    _account(scene, participant)
    _course(scene, editor)
    _timetable(scene, participant)
    _exchange(scene, participant)
    at_searches(scene, participant, AT)
    put_conversation(scene, participant)
    at_transfers(scene)
    (project or _project)(scene, participant)
    put_peer_review(scene, participant)
    put_marking_by_many(scene, participant)
    return scene


def _account(scene: Scene, participant: User) -> None:
    token, _ = create_token(name="A script", scope="read", days=30, by=participant, at=AT)
    scene.at("dashboard", token_key=token.token_key)


def _course(scene: Scene, editor: User) -> None:
    course = modules.make_course(scene.edition)
    lesson = modules.lesson_of(course)
    activity = modules.make_activity(lesson, rule="written")
    editor.groups.add(Group.objects.get(name="Editors"))
    scene.at("modules", lesson_slug=lesson.slug, activity_slug=activity.slug)
    scene.at("reference", slug=modules.make_term().slug)
    scene.at("api:v1:lesson", pk=lesson.pk)
    scene.at("api:v1:activity", pk=activity.pk)
    _interactive(scene, lesson)
    scene.bodies |= {
        "PUT modules:text": {"base_version": 0, "values": {"text": "Words."}},
        "POST api:v1:activity-answers": {"answers": {}},
        "PUT api:v1:activity-text": {"text": "Words.", "base_version": 0},
        "POST api:v1:activity-text": {"text": "Words.", "base_version": 0},
    }


def _interactive(scene: Scene, lesson: LessonPage) -> None:
    """An activity that is played, and the addresses that its frame asks for."""
    participant = scene.people["participant"]
    assert participant is not None
    activity = h5p_playing.make_interactive(lesson)
    stage = stage_of(activity.h5p.current_id)
    bundle = bundle_for(resolution=stage.resolution, at=AT, quality=0)
    token = h5p_playing.play_token(participant, activity)
    files = sign_files(stage.version_id)
    folder = stage.resolution.main.name.folder
    for address in ("state", "statements", "mark"):
        scene.at(f"api:v1:activity-{address}", pk=activity.pk)
    scene.at("modules:interactive_report", activity_slug=activity.slug)
    scene.at("h5p", token=token, version=core_version(), key=bundle.key, kind="js")
    player = frame_address(participant, stage.version_id, activity.pk, "http://testserver")
    scene.at("h5p:frame", token=player.rstrip("/").rpartition("/")[2])
    scene.at("h5p:library", content_hash=stage.resolution.main.content_hash, path="icon.svg")
    scene.at("h5p:core", path="frame.bundle.js")
    scene.at("h5p:by_name", token=files, path=f"libraries/{folder}/icon.svg")
    pictured = h5p_playing.upload(
        h5p_playing.package("function () {}", **{"content/a.png": h5p_playing.PNG})
    )
    assert pictured.current_id is not None
    scene.at("h5p:content", token=sign_files(pictured.current_id), path="a.png")
    scene.bodies |= {
        "PUT api:v1:activity-state": {"play": token, "data": {}},
        "POST api:v1:activity-mark": {"play": token, "question": "river", "response": ["seine"]},
    }


def _timetable(scene: Scene, participant: User) -> None:
    session = SessionFactory.create(edition=scene.edition)
    enrolment = participant.enrolments.get()
    attendance = Attendance.objects.create(
        session=session, enrolment=enrolment, status=AttendanceStatus.PRESENT, recorded_at=AT,
        recorded_by=scene.people["coordinator"],
    )  # fmt: skip
    scene.at("timetable", key=session.key)
    scene.at("api:v1:session", pk=session.pk)
    scene.at("api:v1:attendance", pk=attendance.pk)
    scene.at("api:v1:progress", pk=enrolment.pk)
    scene.at("programme", pk=enrolment.pk)
    scene.bodies["POST api:v1:session-attendance"] = {
        "enrolment": enrolment.pk,
        "status": "present",
    }


def _exchange(scene: Scene, participant: User) -> None:
    city = participant.enrolments.get().city
    published = peer_exchange.published(scene.edition, city, author=participant)
    draft = peer_exchange.draft(scene.edition, city, author=participant)
    waiting = peer_exchange.waiting(scene.edition, city, author=participant)
    theirs = peer_exchange.published(scene.edition)
    response = peer_exchange.response_of(participant, theirs)
    scene.at("peer_exchange", pk=published.pk)
    scene.at("api:v1:experience", pk=published.pk)
    scene.at("api:v1:response", pk=response.pk)
    for address in ("edit", "draft", "authors", "submit"):
        scene.at(f"peer_exchange:{address}", pk=draft.pk)
        scene.at(f"api:v1:experience-{address}", pk=draft.pk)
    for address in ("name-author", "remove-author"):
        scene.at(f"api:v1:experience-{address}", pk=draft.pk)
    for address in ("return", "publish"):
        scene.at(f"peer_exchange:{address}", pk=waiting.pk)
        scene.at(f"api:v1:experience-{address}", pk=waiting.pk)
    scene.at("api:v1:experience-send-back", pk=waiting.pk)
    for address in ("edit_response", "hide_response", "show_response"):
        scene.at(f"peer_exchange:{address}", pk=response.pk)
    save = {"base_version": draft.version, "values": {"title": "A better title"}}
    words = {"body": peer_exchange.LONG_ENOUGH}
    colleague = scene.people["city_team"]
    assert colleague is not None
    scene.bodies |= {
        "PUT peer_exchange:draft": save,
        "PUT api:v1:experience-draft": save,
        "POST api:v1:experience-list": {
            "edition": scene.edition.slug, "city": city.slug, "title": "Another",
        },
        "POST api:v1:experience-submit": {"base_version": draft.version},
        "POST api:v1:experience-clear": {"official": "A. Official", "base_version": 3},
        "POST api:v1:experience-send-back": {"reason": "No source.", "base_version": 3},
        "POST api:v1:experience-publish": {"base_version": waiting.version},
        "POST api:v1:experience-archive": {"reason": "Replaced.", "base_version": 3},
        "POST api:v1:experience-name-author": {"user": colleague.pk},
        "POST api:v1:experience-remove-author": {"user": colleague.pk},
        "POST peer_exchange:respond": words,
        "POST peer_exchange:authors": {"user": colleague.pk},
        "POST peer_exchange:clearance": {"official": "A. Official"},
        "POST peer_exchange:return": {"reason": "The figures need a source."},
        "POST peer_exchange:archive": {"reason": "Replaced."},
        "POST peer_exchange:hide_response": {"reason": "Off the subject."},
        "POST api:v1:experience-responses": words,
        "POST api:v1:response-edit": words,
        "POST api:v1:response-hide": {"reason": "Off the subject."},
    }  # fmt: skip
    at_experiences(scene, participant, published, draft, AT)


def _project(scene: Scene, participant: User) -> None:
    """A marked and released project, presented, with its certificate."""
    enrolment = participant.enrolments.get()
    instructor, coordinator = scene.people["instructor"], scene.people["coordinator"]
    assert instructor is not None
    assert coordinator is not None
    marking.asking_only(scene.edition, requires_project=True, requires_presentation=True)
    submission, joined, set_aside = begin_project(scene, participant)
    file = assessments.attach(submission)
    attempt = assessments.hand_in(submission, without="all")
    at_history(scene, submission)
    grade = marking.released(attempt, instructor)
    presentation = record_presentation(
        enrolment=enrolment, presented_on=date(2025, 11, 20), by=coordinator, at=AT
    )
    unmarked = assessments.handed_in(scene.edition)
    late = assessments.hand_in(
        assessments.write(assessments.start(scene.edition)),
        at=assessments.DEADLINE + timedelta(hours=1),
    )
    review_completion(enrolment=enrolment, at=AT)
    certificate = Certificate.objects.get(enrolment=enrolment)
    issue_certificate(certificate=certificate, at=AT)

    scene.at("assessments", pk=submission.pk, receipt=attempt.receipt, move="release")
    scene.at("assessments", code=certificate.code, key="sharing", decision="review")
    for address in ("file", "remove_file", "restore_file"):
        scene.at(f"assessments:{address}", pk=file.pk)
    for address in (
        "completion_person", "check_again", "present", "withdraw_presentation", "waive",
        "end_waiver", "decide_certificate", "give_time_unbegun", "completion_person_csv",
    ):  # fmt: skip
        scene.at(f"assessments:{address}", pk=enrolment.pk)
    # Begins like "present", which is about a place; ids of two tables meet by chance.
    scene.at("assessments:present_on_desk", pk=submission.pk)
    for address in ("start_marking", "allocate"):
        scene.at(f"assessments:{address}", pk=unmarked.submission_id)
    for address in ("assessments:lateness", "api:v1:submission-lateness"):
        scene.at(address, receipt=late.receipt)
    for address in ("start", "allocate"):
        scene.at(f"api:v1:marking-queue-{address}", receipt=unmarked.receipt)
    scene.at("assessments:certificate_pdf", pk=certificate.pk)
    scene.at("assessments:take_up", pk=set_aside.pk)
    scene.at("assessments:remove_member", pk=joined.pk)
    scene.at("assessments:take_out_member", pk=submission.pk, member=joined.pk)
    scene.at("api:v1:assessment", pk=attempt.assessments.get().pk)
    scene.at("api:v1:certificate", pk=certificate.pk)
    scene.at("api:v1:completion", pk=enrolment.pk)
    scene.at("api:v1:file", pk=file.pk)
    scene.at("api:v1:grade", pk=grade.pk)
    scene.at("api:v1:marking-queue", receipt=attempt.receipt)
    scene.at("api:v1:presentation", pk=presentation.pk)
    scene.at("api:v1:project", pk=submission.pk)
    scene.at("api:v1:submission", receipt=attempt.receipt)
    at_rubric(scene, attempt)
    at_desk(scene, attempt)
    at_two_markers(scene)
    at_releases(scene, grade)
    _project_bodies(scene, submission.pk, enrolment.pk, instructor.pk)
    _team_bodies(scene, submission, joined, attempt)


def begin_project(scene: Scene, participant: User) -> tuple[Submission, TeamMember, Submission]:
    """What there is of a project before it is handed in: a team, a wish for more time, a
    file on its way. (the draft, the team-mate in it, the draft of their own)"""
    teams.allow_teams(scene.edition)
    enrolment = participant.enrolments.get()
    submission = assessments.write(assessments.start(scene.edition, enrolment=enrolment))
    joined, set_aside = _team(scene, submission)
    extension = assessments.ask_for_time(submission)
    upload = begin_upload(submission=submission, name="b.pdf", size=9, by=participant, at=AT)
    invitation = submission.invitations.get()
    for address in ("assessments:invitation", "assessments:withdraw_invitation"):
        scene.at(address, pk=invitation.pk)
    scene.at("assessments:extension", pk=extension.pk)
    scene.at("assessments:cancel_upload", pk=upload.pk)
    scene.at("api:v1:team-invitation", pk=invitation.pk)
    scene.at("api:v1:extension", pk=extension.pk)
    scene.bodies["POST api:v1:extension-decide"] = {
        "extensions": [extension.pk], "decision": "grant", "reason": "A flood.",
    }  # fmt: skip
    scene.at("api:v1:upload", pk=upload.pk)
    scene.headers = {
        "Upload-Metadata": encoded({"filename": "c.pdf", "project": str(submission.pk)})
    }
    return submission, joined, set_aside


def at_history(scene: Scene, submission: Submission) -> None:
    """What handing in has kept."""
    version = submission.history.first()
    assert version is not None
    for address in ("assessments:draft_version", "assessments:restore_version"):
        scene.at(address, pk=version.pk)
    scene.at("api:v1:draft-version", pk=version.pk)


def _team(scene: Scene, submission: Submission) -> tuple[TeamMember, Submission]:
    """The team-mate joins; the draft they had of their own."""
    team_mate = scene.people["team_mate"]
    assert team_mate is not None
    place = team_mate.enrolments.get()
    set_aside = assessments.start(scene.edition, enrolment=place)
    return teams.join(submission, place), set_aside


def _team_bodies(
    scene: Scene, submission: Submission, joined: TeamMember, attempt: Attempt
) -> None:
    reason = {"reason": "A reason that says why."}
    other = {"enrolment": teams.colleague(submission).pk}
    scene.bodies |= {
        "POST assessments:remove_member": reason,
        "POST assessments:take_out_member": reason,
        "POST assessments:invitation": {"answer": "accept"},
        "POST assessments:invite": other,
        "POST assessments:add_member": {**other, **reason},
        "POST api:v1:project-invite": other,
        "POST api:v1:project-add-member": {**other, **reason},
        "POST api:v1:project-remove-member": {"member": joined.pk, **reason},
        "POST api:v1:receipt-verify": {"receipt": attempt.receipt, "code": code_of(attempt)},
    }


def _project_bodies(scene: Scene, project: int, enrolment: int, marker: int) -> None:
    reason = {"reason": "A reason that says why."}
    version = {"base_version": 1}
    draft = {"base_version": 1, "values": {"context": "Words."}}
    presented = {"presented_on": "2025-11-20"}
    marks: dict[str, Any] = {"marks": [], "overall": ""}
    scene.bodies |= {
        "PUT assessments:draft": draft,
        "PUT assessments:marks": {"base_version": 0, "values": {}},
        "POST assessments:desk": version,
        "POST assessments:move_grade": version,
        "POST assessments:allocate": {"marker": marker},
        "POST assessments:present": presented,
        "POST assessments:present_on_desk": presented,
        "POST api:v1:assessment-submit": version,
        "PUT api:v1:assessment-marks": {**version, **marks},
        "POST api:v1:completion-waive": {"requirement": "sharing", **reason},
        "POST api:v1:completion-end-waiver": {"requirement": "sharing", **reason},
        "POST api:v1:file-list": {"project": project, "file": assessments.pdf_upload()},
        "POST api:v1:grade-amend": {**version, **marks, **reason},
        "POST api:v1:grade-reopen": {**version, **reason},
        "POST api:v1:grade-confirm": {**version, **reason},
        "POST api:v1:grade-void": {**version, **reason},
        "POST api:v1:assessment-decline": {**version, **reason},
        "POST api:v1:assessment-reopen": version,
        "POST api:v1:project-return-": {**version, **reason},
        "POST assessments:reopen_marks": version,
        "POST api:v1:marking-queue-allocate": {"marker": marker},
        "POST api:v1:presentation-record": {"enrolment": enrolment, **presented},
        "POST api:v1:presentation-correct": presented,
        "POST api:v1:project-list": {"edition": scene.edition.slug},
        "PUT api:v1:project-draft": draft,
        "POST api:v1:project-submit": version,
        "POST api:v1:project-withdraw": {"attempt": 1},
        "POST api:v1:project-intent": version,
        "POST assessments:intend": version,
        "POST api:v1:project-adopt-guidelines": version,
        "POST api:v1:project-take-along": {**version, "key": "risks", "into": "context"},
        "POST assessments:take_along": {**version, "key": "risks", "into": "context"},
        "POST api:v1:extension-list": {
            "project": project,
            "wanted_at": "2025-12-20T12:00:00+01:00",
            **reason,
        },
        "POST api:v1:extension-give": {
            "project": project,
            "until_at": "2025-12-20T12:00:00+01:00",
            **reason,
        },
        "POST api:v1:submission-lateness": {"is_late": True, **reason},
        "POST api:v1:extension-shorten": {"until_at": "2025-12-14T12:00:00+01:00", **reason},
        "POST api:v1:extension-grant": reason,
        "POST api:v1:extension-refuse": reason,
        "POST api:v1:edition-reminders": {"hours": [24]},
        "POST api:v1:edition-require-guidelines": {"number": 1, **reason},
        "POST api:v1:project-insert-answer": {**version, "section": "context"},
        "POST api:v1:edition-deadline": {
            "wall": "2026-01-23T23:59",
            "zone": "UTC",
            "grace_minutes": 0,
            "accepts_late": True,
        },
    }
    for address in (
        "assessments:check_again", "assessments:decide_certificate",
        "assessments:end_waiver", "assessments:waive", "assessments:withdraw_presentation",
        "api:v1:certificate-review", "api:v1:certificate-revoke",
        "api:v1:certificate-uphold", "api:v1:completion-restore", "api:v1:presentation-withdraw",
    ):  # fmt: skip
        scene.bodies[f"POST {address}"] = reason
    for address in (
        "assessments:amend", "assessments:confirm_marks", "assessments:decline",
        "assessments:reopen_grade", "assessments:return", "assessments:void_grade",
    ):  # fmt: skip
        scene.bodies[f"POST {address}"] = {**version, **reason}
    for move in ("agree", "moderate", "prepare-release", "release"):
        scene.bodies[f"POST api:v1:grade-{move}"] = version
