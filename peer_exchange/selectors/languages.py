"""The languages that texts of an edition are written in."""

from lms.core.languages import codes_in
from peer_exchange.models import CityExperience


def languages_to_write_in(experience: CityExperience) -> list[str]:
    """Codes of the edition's languages. The one that a text has stays its own, though the
    edition has given it up since."""
    codes = codes_in(experience.edition.languages)
    has = experience.language
    return codes if has in codes or not experience.pk else [*codes, has]
