from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.accounts.enums import OrganisationKind, Region
from lms.core.clock import validate_zone


class City(models.Model):
    """A city or metropolis whose officials take part."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    country = models.CharField(
        max_length=2,
        help_text=_("ISO 3166-1, two capital letters"),
        validators=[RegexValidator(r"^[A-Z]{2}$")],
    )
    region = models.CharField(max_length=20, choices=Region.choices)
    latitude = models.FloatField(validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(validators=[MinValueValidator(-180), MaxValueValidator(180)])
    time_zone = models.CharField(max_length=64, validators=[validate_zone])

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "cities"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="city_on_the_globe",
            ),
            models.CheckConstraint(
                condition=models.Q(region__in=Region.values), name="city_region_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """Who somebody works for: a city government, a metropolitan authority, a network."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=30, choices=OrganisationKind.choices)
    city = models.ForeignKey(
        City, null=True, blank=True, on_delete=models.PROTECT, related_name="organisations"
    )
    is_network_member = models.BooleanField(
        default=False, help_text=_("Membership contributions up to date (D9).")
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name", "city"], name="organisation_once_a_city"),
            models.CheckConstraint(
                condition=models.Q(kind__in=OrganisationKind.values),
                name="organisation_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name
