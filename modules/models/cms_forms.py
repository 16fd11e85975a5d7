"""The forms with which editors change pages in the CMS."""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail.admin.forms import WagtailAdminPageForm


class LessonPageForm(WagtailAdminPageForm):
    """A new lesson has no place in the tree yet: its number is compared with those
    below the page it will be added to."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.parent_page and cleaned.get("number") is not None:
            self.instance.number = cleaned["number"]
            try:
                self.instance.require_own_number(self.parent_page)
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned


class ActivityPageForm(WagtailAdminPageForm):
    """A draft may still lack what its rule needs; what is published may not."""

    def _post_clean(self) -> None:
        self.instance.is_unfinished = self.is_deferred_validation
        super()._post_clean()
