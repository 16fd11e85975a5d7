"""How the projects of an edition are marked."""

from assessments.models import MarkingPolicy, Project


def policy_of(project: Project) -> MarkingPolicy:
    """The policy in force; an unsaved one with the defaults where nobody decided."""
    return MarkingPolicy.objects.filter(project=project).first() or MarkingPolicy(project=project)
