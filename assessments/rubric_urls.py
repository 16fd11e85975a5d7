"""Addresses of rubrics."""

from django.urls import path

from assessments.views import rubric_builder, rubric_versions, rubrics

_all = "rubrics/<slug:edition_slug>/"
_one = f"{_all}<int:pk>/"

urlpatterns = [
    path(_all, rubrics.show_rubrics, name="rubrics"),
    path(_one, rubric_builder.write, name="rubric"),
    path(f"{_one}draft/", rubric_builder.save, name="rubric_draft"),
    path(f"{_one}preview/", rubric_builder.preview, name="rubric_preview"),
    path(f"{_one}preview/results.csv", rubric_builder.preview_csv, name="rubric_preview_csv"),
    path(f"{_one}publish/", rubric_builder.publish, name="publish_rubric"),
    path(f"{_one}import/", rubric_builder.import_file, name="import_rubric"),
    path(f"{_one}export.<slug:form>", rubric_versions.export, name="export_rubric"),
    path(f"{_one}versions/", rubric_versions.show_versions, name="rubric_versions"),
    path(f"{_one}versions/<int:number>/", rubric_versions.show_version, name="rubric_version"),
    path(f"{_one}rename/", rubrics.rename, name="rename_rubric"),
    path(f"{_one}choose/", rubrics.choose, name="choose_rubric"),
    path(f"{_one}delete/", rubrics.delete, name="delete_rubric"),
    path(f"{_one}bring-back/", rubrics.bring_back, name="bring_back_rubric"),
]
