"""The resources of version 1, in alphabetical order."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from api.v1 import (
    allocations,
    annotations,
    appeals,
    certificates,
    cities,
    conversation,
    drafts,
    experience_versions,
    experiences,
    extensions,
    files,
    finding,
    following,
    grades,
    lessons,
    mails,
    marking,
    marking_policy,
    me,
    packs,
    peer,
    presentations,
    progress,
    projects,
    queue,
    receipts,
    releases,
    reports,
    rubrics,
    submissions,
    talks,
    teams,
    timetable,
    transfers,
    uploads,
)

router = SimpleRouter()
router.register("activities", lessons.ActivityViewSet, basename="activity")
router.register("allocations", allocations.AllocationRunViewSet, basename="allocation")
router.register("annotations", annotations.AnnotationViewSet, basename="annotation")
router.register("appeals", appeals.AppealViewSet, basename="appeal")
router.register("assessments", marking.AssessmentViewSet, basename="assessment")
router.register("attendance", timetable.AttendanceViewSet, basename="attendance")
router.register("calibrations", marking_policy.CalibrationViewSet, basename="calibration")
router.register("certificates", certificates.CertificateViewSet, basename="certificate")
router.register("cities", cities.CityViewSet, basename="city")
router.register("completions", certificates.CompletionViewSet, basename="completion")
router.register("conflicts", allocations.ConflictViewSet, basename="conflict")
router.register("draft-versions", drafts.DraftVersionViewSet, basename="draft-version")
router.register("editions", me.EditionViewSet, basename="edition")
router.register(
    "experience-revisions",
    experience_versions.ExperienceRevisionViewSet,
    basename="experience-revision",
)
router.register(
    "experience-versions",
    experience_versions.ExperienceVersionViewSet,
    basename="experience-version",
)
router.register("experiences", experiences.ExperienceViewSet, basename="experience")
router.register("extensions", extensions.ExtensionViewSet, basename="extension")
router.register("facets", experiences.FacetViewSet, basename="facet")
router.register("files", files.FileViewSet, basename="file")
router.register("follows", following.FollowViewSet, basename="follow")
router.register("grades", grades.GradeViewSet, basename="grade")
router.register("kept-away", following.KeptAwayViewSet, basename="kept-away")
router.register(
    "language-profiles", allocations.LanguageProfileViewSet, basename="language-profile"
)
router.register("lessons", lessons.LessonViewSet, basename="lesson")
router.register("map", finding.MapViewSet, basename="map")
router.register("marking-queue", queue.MarkingQueueViewSet, basename="marking-queue")
router.register("pack-returns", packs.PackReturnViewSet, basename="pack-return")
router.register("peer-reviews", peer.PeerReviewViewSet, basename="peer-review")
router.register("peer-rounds", peer.PeerRoundViewSet, basename="peer-round")
router.register("presentations", presentations.PresentationViewSet, basename="presentation")
router.register("progress", progress.ProgressViewSet, basename="progress")
router.register("projects", projects.ProjectViewSet, basename="project")
router.register("releases", releases.ReleaseViewSet, basename="release")
router.register("reports", reports.ReportViewSet, basename="report")
router.register("responses", conversation.ResponseViewSet, basename="response")
router.register("rubric-versions", rubrics.RubricVersionViewSet, basename="rubric-version")
router.register("rubrics", rubrics.RubricViewSet, basename="rubric")
router.register("saved-searches", finding.SavedSearchViewSet, basename="saved-search")
router.register("search", finding.SearchViewSet, basename="search")
router.register("sessions", timetable.SessionViewSet, basename="session")
router.register("snippets", annotations.SnippetViewSet, basename="snippet")
router.register("submissions", submissions.SubmissionViewSet, basename="submission")
router.register("talks", talks.TalkViewSet, basename="talk")
router.register("team-invitations", teams.TeamInvitationViewSet, basename="team-invitation")
router.register("themes", experiences.ThemeViewSet, basename="theme")
router.register("transfers", transfers.TransferViewSet, basename="transfer")

app_name = "v1"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api:v1:schema"), name="docs"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/mails/", mails.MailView.as_view(), name="mails"),
    path("receipts/verify/", receipts.CheckReceiptView.as_view(), name="receipt-verify"),
    # By hand: tus has moves that are methods (PATCH, DELETE) where ours are addresses.
    path(
        "uploads/",
        uploads.UploadViewSet.as_view({"get": "list", "post": "begin"}),
        name="upload-list",
    ),
    path(
        "uploads/<uuid:pk>/",
        uploads.UploadViewSet.as_view(
            {"get": "retrieve", "head": "offset", "patch": "append", "delete": "cancel"}
        ),
        name="upload-detail",
    ),
    path(
        "uploads/<uuid:pk>/finish/",
        uploads.UploadViewSet.as_view({"post": "finish"}),
        name="upload-finish",
    ),
    path("", include(router.urls)),
]
