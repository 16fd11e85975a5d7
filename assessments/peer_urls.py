"""Addresses of peer review: the participant's own, and the coordinator's rounds."""

from django.urls import path

from assessments.views import peer_reviews, peer_rounds

_own = "peer-review/<slug:edition_slug>/"
_rounds = f"{_own}rounds/"

urlpatterns = [
    path(_own, peer_reviews.own, name="peer_reviews"),
    path(f"{_own}enter/", peer_reviews.enter, name="enter_peer_round"),
    path(f"{_own}leave/", peer_reviews.leave, name="leave_peer_round"),
    path(_rounds, peer_rounds.rounds, name="peer_rounds"),
    path(f"{_rounds}<int:pk>/", peer_rounds.one_round, name="peer_round"),
    path(f"{_rounds}<int:pk>/find/", peer_rounds.find, name="find_peer_reviewers"),
    path(f"{_rounds}<int:pk>/call-off/", peer_rounds.call_off, name="call_off_peer_round"),
    path(f"{_rounds}<int:pk>/export.csv", peer_rounds.export, name="peer_round_csv"),
    path(f"{_own}<int:pk>/", peer_reviews.review, name="peer_review"),
    path(f"{_own}<int:pk>/answers/", peer_reviews.answers, name="peer_review_answers"),
    path(f"{_own}<int:pk>/accept/", peer_reviews.accept, name="accept_peer_review"),
    path(f"{_own}<int:pk>/decline/", peer_reviews.decline, name="decline_peer_review"),
    path(f"{_own}<int:pk>/rate/", peer_reviews.rate, name="rate_peer_review"),
]
