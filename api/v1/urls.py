"""The resources of version 1, in alphabetical order."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from api.v1 import (
    certificates,
    drafts,
    experiences,
    extensions,
    files,
    grades,
    lessons,
    marking,
    me,
    presentations,
    progress,
    projects,
    receipts,
    submissions,
    teams,
    timetable,
    uploads,
)

router = SimpleRouter()
router.register("activities", lessons.ActivityViewSet, basename="activity")
router.register("assessments", marking.AssessmentViewSet, basename="assessment")
router.register("attendance", timetable.AttendanceViewSet, basename="attendance")
router.register("certificates", certificates.CertificateViewSet, basename="certificate")
router.register("completions", certificates.CompletionViewSet, basename="completion")
router.register("draft-versions", drafts.DraftVersionViewSet, basename="draft-version")
router.register("editions", me.EditionViewSet, basename="edition")
router.register("experiences", experiences.ExperienceViewSet, basename="experience")
router.register("extensions", extensions.ExtensionViewSet, basename="extension")
router.register("facets", experiences.FacetViewSet, basename="facet")
router.register("files", files.FileViewSet, basename="file")
router.register("grades", grades.GradeViewSet, basename="grade")
router.register("lessons", lessons.LessonViewSet, basename="lesson")
router.register("marking-queue", marking.MarkingQueueViewSet, basename="marking-queue")
router.register("presentations", presentations.PresentationViewSet, basename="presentation")
router.register("progress", progress.ProgressViewSet, basename="progress")
router.register("projects", projects.ProjectViewSet, basename="project")
router.register("responses", experiences.ResponseViewSet, basename="response")
router.register("sessions", timetable.SessionViewSet, basename="session")
router.register("submissions", submissions.SubmissionViewSet, basename="submission")
router.register("team-invitations", teams.TeamInvitationViewSet, basename="team-invitation")
router.register("themes", experiences.ThemeViewSet, basename="theme")

app_name = "v1"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api:v1:schema"), name="docs"),
    path("me/", me.MeView.as_view(), name="me"),
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
