from assessments import (
    deadline_urls,
    desk_urls,
    marking_setup_urls,
    marking_urls,
    overview_urls,
    pack_urls,
    peer_urls,
    queue_urls,
    release_urls,
    rubric_urls,
    submission_urls,
)

app_name = "assessments"
urlpatterns = [
    *desk_urls.urlpatterns,
    *submission_urls.urlpatterns,
    *queue_urls.urlpatterns,
    *peer_urls.urlpatterns,
    *marking_urls.urlpatterns,
    *marking_setup_urls.urlpatterns,
    *release_urls.urlpatterns,
    *rubric_urls.urlpatterns,
    *overview_urls.urlpatterns,
    *pack_urls.urlpatterns,
    *deadline_urls.urlpatterns,
]
