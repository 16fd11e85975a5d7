"""Create the diploma: edition, lessons, project, exchange and a demonstration cohort.

Safe to run again: what exists is left alone, above all pages somebody has edited.
"""

from argparse import BooleanOptionalAction
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.core import clock
from lms.diploma.loading.cohort import load_cohort
from lms.diploma.loading.course import load_course
from lms.diploma.loading.exchange import load_exchange_settings
from lms.diploma.loading.people import PASSWORD, Person
from lms.diploma.loading.programme import load_programme, load_timetable
from lms.diploma.loading.project import load_project
from lms.diploma.loading.sources import CONTENT


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--people",
            action=BooleanOptionalAction,
            default=None,
            help="With or without the demonstration cohort (default: with it where DEBUG is on).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wants_people = settings.DEBUG if options["people"] is None else options["people"]
        if wants_people and not settings.DEBUG:
            raise CommandError(
                "DEBUG is off: no accounts with a known password are created here. "
                "Run with --no-people to load the diploma alone."
            )
        at = clock.now()
        edition = load_programme()
        self.stdout.write(f"Edition: {edition}")
        course = load_course(edition, CONTENT, at=at)
        self.stdout.write("Lessons and reference pages: ready")
        load_timetable(edition)
        load_exchange_settings(edition)
        project = load_project(edition, at)
        due = f"{project.deadline_wall:%d %B %Y, %H:%M} {project.deadline_zone}"
        self.stdout.write(f"Final project: due {due}")
        if wants_people:
            people = load_cohort(edition, at, new_activities=course.new_activities)
            self._print_accounts(people)
        else:
            self.stdout.write("No demonstration accounts: DEBUG is off, or --no-people was given.")

    def _print_accounts(self, people: list[Person]) -> None:
        self.stdout.write(f"\nAccounts (password of all: {PASSWORD})")
        for person in people:
            stage = f"  [{person.stage.replace('_', ' ')}]" if person.stage else ""
            self.stdout.write(f"  {person.user.email:<32} {person.user.name}{stage}")
