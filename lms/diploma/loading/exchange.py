"""The peer exchange: themes (S4), facets (A2), policy (D15b)."""

from lms.programme.models import Edition
from peer_exchange.enums import FacetKind
from peer_exchange.models import Facet, SharingPolicy, Theme

# The survey's order: four leading themes, seven that followed, six that were not ranked.
THEMES = {
    "governance-democracy": "Governance and democracy",
    "climate-change": "Climate change",
    "environment": "Environment",
    "urban-planning": "Urban planning, land and sustainability",
    "business": "Business and commerce",
    "culture": "Culture",
    "health": "Health and well-being",
    "disaster-preparedness": "Disaster preparedness",
    "education": "Education",
    "inequality": "Inequality",
    "energy": "Energy",
    "safety": "Safety",
    "peace-building": "Peace-building",
    "transport": "Transport",
    "tourism": "Tourism",
    "research": "Research",
    "poverty": "Poverty",
}
FACETS = {
    FacetKind.METHOD: {
        "networks": "City networks",
        "bilateral": "Bilateral and sister-city relations",
        "missions": "Missions abroad",
        "lobbying": "Lobbying",
        "hosting-events": "Hosting events",
        "informal": "Informal contacts",
    },
    FacetKind.SCOPE: {
        "bilateral": "Bilateral",
        "regional": "Regional",
        "multilateral": "Multilateral",
    },
    FacetKind.LESSON: {
        "changing-context": "1. Changing context",
        "strategies": "2. Strategies",
        "economic-development": "3. Economic development",
        "measuring-impact": "4. Measuring impact",
        "communicating-value": "5. Communicating value",
    },
    FacetKind.ACTOR: {
        "mayors-administrations": "Mayors and administrations",
        "city-networks": "City networks",
        "international-organisations": "International organisations",
        "civil-society": "Civil society",
        "private-sector": "Private sector",
    },
}


def load_exchange_settings(edition: Edition) -> None:
    """Create what is missing; leave alone what staff may have changed since."""
    for order, (slug, name) in enumerate(THEMES.items()):
        Theme.objects.get_or_create(slug=slug, defaults={"name": name, "order": order})
    for kind, facets in FACETS.items():
        for order, (slug, name) in enumerate(facets.items()):
            Facet.objects.get_or_create(
                kind=kind, slug=slug, defaults={"name": name, "order": order}
            )
    SharingPolicy.objects.get_or_create(edition=edition)
