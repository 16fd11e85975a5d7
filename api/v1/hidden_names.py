"""Names and cities that an edition hides from its markers, in what the API answers."""

from typing import Any

from assessments.models import Submission
from assessments.selectors.anonymity import projects_hiding


class HiddenNamesMixin:
    """For a serializer of something that belongs to a submission, read together with its
    grade (`select_related("…__grade")`): `hides(submission)`, without a query of its own
    but one for the whole answer."""

    context: dict[str, Any]

    def hides(self, submission: Submission) -> bool:
        if "projects_hiding" not in self.context:
            self.context["projects_hiding"] = projects_hiding(self.context["request"].user)
        if submission.project_id not in self.context["projects_hiding"]:
            return False
        grade = getattr(submission, "grade", None)
        return grade is None or not grade.is_visible_to_participant
