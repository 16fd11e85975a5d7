"""Where things stand on the pages."""

from django.urls import reverse

from peer_exchange.models import CityExperience, Response


def address_of(experience: CityExperience, name: str = "detail") -> str:
    return reverse(f"peer_exchange:{name}", args=[experience.edition.slug, experience.pk])


def place_of(response: Response) -> str:
    """In its thread, on the page of it that has this one."""
    address = reverse(
        "peer_exchange:thread", args=[response.experience.edition.slug, response.head_id]
    )
    query = f"?to={response.pk}" if response.thread_id else ""
    return f"{address}{query}#response-{response.pk}"


def reply_address(response: Response) -> str:
    return reverse("peer_exchange:reply", args=[response.experience.edition.slug, response.pk])
