"""The marking side of the scene: the rubric, a desk, a project that two people mark."""

from typing import TYPE_CHECKING

from assessments.actions.calibration import open_calibration
from assessments.actions.marking import submit_assessment
from assessments.actions.second_marking import ask_second_marking
from assessments.models import Attempt, Grade, PackReturn
from tests.factories import assessments, marking, programme

if TYPE_CHECKING:
    from tests.architecture.scene import Scene

AT = marking.MARKED_AT


def at_two_markers(scene: "Scene") -> None:
    """A project that two people have marked, one waiting for its second marker, and a
    round in which markers compare themselves."""
    coordinator = scene.people["coordinator"]
    assert coordinator is not None
    attempt = assessments.handed_in(scene.edition)
    waiting = assessments.handed_in(scene.edition)
    for one in (attempt, waiting):
        ask_second_marking(submission=one.submission, by=coordinator, at=AT)
    for _number in range(2):
        marker = programme.instructor(scene.edition)
        assessment = marking.marked(marking.in_marking(attempt, marker))
        submit_assessment(assessment=assessment, base_version=assessment.version, by=marker, at=AT)
    grade = Grade.objects.get(submission=attempt.submission)
    calibration = open_calibration(
        project=attempt.project,
        title="A sample",
        text="Our harbour needs quieter ferries.",
        is_required=False,
        by=coordinator,
        at=AT,
    )
    scene.at("assessments:agreement", pk=attempt.submission_id)
    scene.at("assessments:ask_second", pk=waiting.submission_id)
    scene.at("assessments:give_second", pk=waiting.submission_id)
    scene.at("assessments:calibration", pk=calibration.pk)
    scene.at("assessments:close_calibration", pk=calibration.pk)
    scene.at("api:v1:marking-queue-second-marker", receipt=waiting.receipt)
    scene.at("api:v1:calibration", pk=calibration.pk)
    scene.bodies |= {
        "POST assessments:agreement": {"base_version": grade.version},
        "POST assessments:calibration": {"base_version": 0},
        "POST assessments:close_calibration": {"base_version": 0},
        "POST assessments:give_second": {"marker": scene.people["instructor"].pk},
        "PUT assessments:calibration_marks": {"base_version": 0, "values": {}},
        "PUT api:v1:edition-marking-policy": {"base_version": 0, "undo_minutes": 5},
        "POST api:v1:calibration-list": {
            "edition": scene.edition.slug, "title": "Another", "text": "A text.",
        },
        "PUT api:v1:calibration-marks": {"base_version": 0},
        "POST api:v1:calibration-submit": {"base_version": 0},
        "POST api:v1:calibration-close": {"base_version": 0},
    }  # fmt: skip


def at_rubric(scene: "Scene", attempt: Attempt) -> None:
    """What the attempt is marked on."""
    rubric = attempt.rubric.rubric
    for address in ("publish", "import", "export", "rename", "choose", "delete", "bring_back"):
        scene.at(f"assessments:{address}_rubric", pk=rubric.pk)
    scene.at("assessments:rubric", pk=rubric.pk, number=1)
    scene.at("assessments:export_rubric", form="csv")
    scene.at("assessments:marking_overview", key="markers")
    back = PackReturn.objects.create(
        edition=scene.edition, name="marks.csv", sha256="0" * 64, rows=[], at=AT,
        by=scene.people["instructor"],
    )  # fmt: skip
    for address in ("assessments:pack_return", "api:v1:pack-return"):
        scene.at(address, pk=back.pk)
    scene.at("api:v1:rubric", pk=rubric.pk)
    scene.at("api:v1:rubric-version", pk=attempt.rubric_id)
    scene.bodies |= {
        "POST api:v1:pack-return-list": {"edition": scene.edition.slug, "text": "-"},
        "POST api:v1:rubric-list": {"edition": scene.edition.slug, "title": "Another"},
        "PUT assessments:rubric_draft": {"base_version": 0, "values": {}},
        "POST assessments:publish_rubric": {"sha256": attempt.rubric.sha256},
    }


def at_desk(scene: "Scene", attempt: Attempt) -> None:
    """What its marker has written beside it, and keeps to write again."""
    annotation = attempt.assessments.get().annotations.get()
    snippet = marking.snippet_of(annotation.assessment.marker, scene.edition)
    receipt = {"receipt": attempt.receipt, "base_version": 0}
    scene.at("assessments:move_annotation", annotation=annotation.pk, move="delete")
    scene.at("assessments:move_snippet", pk=snippet.pk, move="use")
    scene.at("api:v1:annotation", pk=annotation.pk)
    scene.at("api:v1:snippet", pk=snippet.pk)
    scene.bodies |= {
        "POST assessments:move_annotation": {"base_version": 0},
        "POST assessments:comment_bank": {"text": "Name a figure."},
        "POST api:v1:annotation-list": {
            "assessment": annotation.assessment_id, "receipt": attempt.receipt, "key": "k",
            "section": annotation.section, "anchor": {"kind": "section"}, "text": "Hm.",
        },
        "POST api:v1:annotation-change": {**receipt, "text": "Hm."},
        "POST api:v1:annotation-remove": receipt,
        "POST api:v1:annotation-restore": receipt,
        "POST api:v1:snippet-list": {"edition": scene.edition.slug, "text": "Name a figure."},
        "POST api:v1:snippet-change": {"base_version": 0, "text": "Hm."},
        "POST api:v1:snippet-remove": {"base_version": 0},
        "POST api:v1:snippet-restore": {"base_version": 0},
    }  # fmt: skip
