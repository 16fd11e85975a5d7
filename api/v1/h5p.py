"""What the page around a player sends: statements, state, answers to be marked.

Every write names its player (`play`, a signed token of one load of it) and is about the
caller's own place only.
"""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.v1.one_activity import OneActivity
from lms.core import clock
from lms.core.errors import InvalidInput
from lms.programme.models import Enrolment
from modules.actions.h5p_results import (
    Standing,
    mark_answer,
    record_statements,
    save_state,
    try_answer,
)
from modules.enums import ActivityStatus
from modules.h5p_frames import RESULTS_LAST, Play, activity_iri, read_play
from modules.h5p_statements import read_statements
from modules.models import ActivityPage
from modules.selectors import ActivityPlace
from modules.selectors.h5p import load_player


class StandingSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.UUIDField())
    percent = serializers.IntegerField(allow_null=True, help_text="Best score so far.")
    is_answered = serializers.BooleanField(help_text="Played to its end once.")
    status = serializers.ChoiceField(ActivityStatus.choices)


class StatementSerializer(serializers.Serializer[Any]):
    """An xAPI statement. Actor and time are the server's to say."""

    id = serializers.UUIDField(required=False)
    verb = serializers.DictField()
    object = serializers.DictField()
    result = serializers.DictField(required=False)
    context: Any = serializers.DictField(required=False)


class StateSerializer(serializers.Serializer[Any]):
    play = serializers.CharField(help_text="Token of a new load of the player.")
    frame = serializers.CharField(help_text="Address of the player; a browser may keep it.")
    name = serializers.CharField(help_text="What the frame must be called: it is of this load.")
    version = serializers.IntegerField(help_text="Of the content.")
    activity = serializers.CharField(help_text="What statements call the activity.")
    data: Any = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField()),
        help_text="Part of the activity → kind of data → text.",
    )


class SaveStateSerializer(StrictSerializer):
    play = serializers.CharField(max_length=1000)
    data: Any = serializers.DictField(
        child=serializers.DictField(
            child=serializers.CharField(allow_null=True, allow_blank=True, trim_whitespace=False)
        ),
        help_text="Laid over what is stored; null forgets.",
    )


class StateSavedSerializer(serializers.Serializer[Any]):
    saved_at = serializers.DateTimeField(help_text="Tells whether another device saved later.")


class MarkSerializer(StrictSerializer):
    play = serializers.CharField(max_length=1000)
    id = serializers.UUIDField(required=False, help_text="Sent again, it is the same answer.")
    question = serializers.CharField(max_length=200)
    response = serializers.JSONField()


class MarkedSerializer(serializers.Serializer[Any]):
    result = serializers.DictField(help_text="As the player shows it (h5p/own/README.md).")
    standing = StandingSerializer(allow_null=True, help_text="Null for staff.")


PLAY = OpenApiParameter("play", str, required=True, description="Token of the player's load.")


class InteractiveActions(OneActivity):
    """The part of an activity that is played."""

    @extend_schema(
        request=StatementSerializer(many=True), responses=StandingSerializer, parameters=[PLAY]
    )
    @action(detail=True, methods=["post"])
    def statements(self, request: Request, pk: str) -> Response:
        """One statement or a list. The same id again changes nothing; 400 says where
        something is malformed."""
        place = self._interactive(pk)
        work = self._work_on(place)
        play = self._play(request.query_params.get("play", ""), place)
        said = read_statements(request.data, activity_iri(place.activity.id))
        standing = record_statements(**work, play=play, statements=said)
        return Response(StandingSerializer(_standing_body(standing)).data)

    @extend_schema(responses=StateSerializer, methods=["get"])
    @extend_schema(request=SaveStateSerializer, responses=StateSavedSerializer, methods=["put"])
    @action(detail=True, methods=["get", "put"])
    def state(self, request: Request, pk: str) -> Response:
        """Where one was with the player: to go on from, and to store."""
        place = self._interactive(pk)
        if request.method == "PUT":
            work = self._work_on(place)
            body = self._read(SaveStateSerializer)
            row = save_state(**work, play=self._play(body["play"], place), data=body["data"])
            return Response(StateSavedSerializer(row).data)
        activity = ActivityPage.objects.select_related("h5p").get(pk=place.activity.id)
        parent = f"{request.scheme}://{request.get_host()}"
        load = load_player(self._by, activity.h5p.current_id, activity.pk, parent, clock.now())
        body = {
            "play": load.play,
            "frame": request.build_absolute_uri(load.address),
            "name": load.name,
            "version": activity.h5p.current_id,
            "activity": activity_iri(activity.pk),
            "data": load.state,
        }
        return Response(StateSerializer(body).data)

    @extend_schema(request=MarkSerializer, responses=MarkedSerializer)
    @action(detail=True, methods=["post"])
    def mark(self, request: Request, pk: str) -> Response:
        """Mark an answer to a question of ours. Of staff nothing is recorded."""
        place = self._interactive(pk)
        body = self._read(MarkSerializer)
        play = self._play(body["play"], place)
        asked = {"question": body["question"], "response": body["response"]}
        enrolment: Enrolment | None = self._enrolment(place)
        if enrolment is None:
            return Response({"result": try_answer(play=play, **asked), "standing": None})
        result, standing = mark_answer(
            **self._work_on(place),
            play=play,
            statement_id=body.get("id"),
            **asked,
        )
        return Response({"result": result, "standing": _standing_body(standing)})

    def _interactive(self, pk: str) -> ActivityPlace:
        place: ActivityPlace = self._place(pk)
        pages = ActivityPage.objects.live().filter(pk=place.activity.id)
        if not pages.filter(h5p__current__isnull=False).exists():
            raise Http404
        return place

    def _play(self, token: str, place: ActivityPlace) -> Play:
        """The load of the player: signed by us, for this person and activity."""
        play = read_play(token, RESULTS_LAST)
        by = self._by
        if play is None or play.user_id != by.pk or play.activity_id != place.activity.id:
            raise InvalidInput(
                errors={"play": ["Send the token of a player that was loaded for you here."]}
            )
        return play


def _standing_body(standing: Standing) -> dict[str, Any]:
    return {
        "ids": standing.ids,
        "percent": standing.played.percent,
        "is_answered": standing.played.is_answered,
        "status": standing.status,
    }
