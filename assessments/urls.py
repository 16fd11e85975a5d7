from importlib.util import find_spec

from assessments import submission_urls

app_name = "assessments"
urlpatterns = [*submission_urls.urlpatterns]
if find_spec("assessments.marking_urls"):
    from assessments import marking_urls

    urlpatterns += marking_urls.urlpatterns
