"""The years in which something was done, in words."""

from django.utils.translation import gettext as _

from peer_exchange.models import CityExperience


def done_in_words(experience: CityExperience) -> str:
    """“2023”, “2019 to 2023”, “since 2019”; empty where the city does not say."""
    return years_in_words(experience.began_in, experience.ended_in)


def years_in_words(began: int | None, ended: int | None) -> str:
    if began is None:
        return ""
    if ended is None:
        return _("since %(year)d") % {"year": began}
    if ended == began:
        return str(began)
    return _("%(began)d to %(ended)d") % {"began": began, "ended": ended}


def did_in_words(experience: CityExperience) -> str:
    """What a city did and when, as a sentence; empty where the city does not say when."""
    began, ended = experience.began_in, experience.ended_in
    words = {"title": experience, "began": began, "ended": ended}
    if began is None:
        return ""
    if ended is None:
        return _("They have done “%(title)s” since %(began)d.") % words
    if ended == began:
        return _("They did “%(title)s” in %(began)d.") % words
    return _("They did “%(title)s” from %(began)d to %(ended)d.") % words
