"""The site, with its addresses and larger pages read before workers are forked: one that is
killed every second would otherwise do nothing else."""

from django.template.loader import get_template
from django.urls import reverse

from lms.wsgi import application

__all__ = ["application"]

reverse("dashboard:home")  # imports every view
for page in ("base", "assessments/project_writing", "assessments/project_submit"):
    get_template(f"{page}.html")
