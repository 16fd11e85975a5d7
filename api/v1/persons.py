"""People and cities as everybody knows them who meets them here."""

from rest_framework import serializers

from lms.accounts.models import City, User


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person as the cohort knows them: never their address."""

    class Meta:
        model = User
        fields = ("id", "name")


class CitySerializer(serializers.ModelSerializer[City]):
    class Meta:
        model = City
        fields = ("slug", "name", "country", "region")
