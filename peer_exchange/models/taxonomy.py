from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peer_exchange.enums import FacetKind


class Theme(models.Model):
    """What an experience is about: one of the survey's themes (S4)."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    order = models.PositiveSmallIntegerField(
        default=0, help_text=_("The survey's order: ranked themes first.")
    )

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class Facet(models.Model):
    """How, how far and with whom a city acted (A2)."""

    kind = models.CharField(max_length=10, choices=FacetKind.choices)
    slug = models.SlugField()
    name = models.CharField(max_length=120)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["kind", "order", "name"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="facet_once_a_kind"),
            models.CheckConstraint(condition=Q(kind__in=FacetKind.values), name="facet_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name
