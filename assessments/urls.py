from assessments import deadline_urls, marking_urls, submission_urls

app_name = "assessments"
urlpatterns = [*submission_urls.urlpatterns, *marking_urls.urlpatterns, *deadline_urls.urlpatterns]
