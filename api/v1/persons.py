"""A person as the others know them."""

from rest_framework import serializers

from lms.accounts.models import User


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person as the cohort knows them: never their address."""

    class Meta:
        model = User
        fields = ("id", "name")
