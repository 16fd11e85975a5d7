"""Words that people read, in English and ready to be translated.

Whoever wants another language gives a function from the English template to the template in it,
such as ``gettext.gettext``. Every template stands in ``_( )``, where xgettext finds it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

Translate = Callable[[str], str]


def gettext_noop(template: str) -> str:
    """The template itself. Imported as ``_``, it marks what is to be translated."""
    return template


_ = gettext_noop


@dataclass(frozen=True)
class Words:
    """A sentence or a part of one: a template, and what stands in its ``{places}``.

    Numbers may be written ``{size:,}``. What stands in a place may be words again.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self, translate: Translate = str) -> str:
        """In English, or in the language of ``translate``."""
        values = {
            name: value.said(translate) if isinstance(value, Words) else value
            for name, value in self.values.items()
        }
        return translate(self.template).format(**values)

    def __str__(self) -> str:
        return self.said()


# What H5P core itself says in a frame, by its own keys. Core shows "[Missing translation …]"
# for a key that it does not find.
CORE_WORDS: Final[dict[str, str]] = {
    "fullscreen": _("Full screen"),
    "disableFullscreen": _("Leave full screen"),
    "download": _("Download"),
    "copyrights": _("Rights of use"),
    "embed": _("Embed"),
    "size": _("Size"),
    "showAdvanced": _("Show more options"),
    "hideAdvanced": _("Hide options"),
    "advancedHelp": _("Add this script to your page so that the activity fits its size:"),
    "copyrightInformation": _("Rights of use"),
    "close": _("Close"),
    "title": _("Title"),
    "author": _("Author"),
    "year": _("Year"),
    "source": _("Source"),
    "license": _("Licence"),
    "thumbnail": _("Thumbnail"),
    "noCopyrights": _("Nothing is known about the rights to this activity."),
    "reuse": _("Reuse"),
    "reuseContent": _("Reuse this activity"),
    "reuseDescription": _("Reuse this activity."),
    "downloadDescription": _("Download this activity as an H5P file."),
    "copyrightsDescription": _("Show who holds the rights to this activity."),
    "embedDescription": _("Show the code that embeds this activity."),
    "h5pDescription": _("Visit H5P.org."),
    "contentChanged": _("This activity has changed since you last worked on it."),
    "startingOver": _("You start from the beginning."),
    "by": _("by"),
    "showMore": _("Show more"),
    "showLess": _("Show less"),
    "subLevel": _("Part"),
    "confirmDialogHeader": _("Are you sure?"),
    "confirmDialogBody": _("This cannot be undone."),
    "cancelLabel": _("Cancel"),
    "confirmLabel": _("Confirm"),
    "licenseU": _("Not stated"),
    "licenseCCBY": _("Attribution"),
    "licenseCCBYSA": _("Attribution-ShareAlike"),
    "licenseCCBYND": _("Attribution-NoDerivatives"),
    "licenseCCBYNC": _("Attribution-NonCommercial"),
    "licenseCCBYNCSA": _("Attribution-NonCommercial-ShareAlike"),
    "licenseCCBYNCND": _("Attribution-NonCommercial-NoDerivatives"),
    "licenseCC40": _("4.0 International"),
    "licenseCC30": _("3.0 Unported"),
    "licenseCC25": _("2.5 Generic"),
    "licenseCC20": _("2.0 Generic"),
    "licenseCC10": _("1.0 Generic"),
    "licenseGPL": _("General Public License"),
    "licenseV3": _("Version 3"),
    "licenseV2": _("Version 2"),
    "licenseV1": _("Version 1"),
    "licensePD": _("Public domain"),
    "licenseCC010": _("CC0 1.0 Universal"),
    "licensePDM": _("Public Domain Mark"),
    "licenseC": _("All rights reserved"),
    "contentType": _("Type"),
    "licenseExtras": _("More about the licence"),
    "changes": _("Changes"),
    "contentCopied": _("The activity was copied."),
    "connectionLost": _("The connection is lost. Your results are sent when it is back."),
    "connectionReestablished": _("The connection is back."),
    "resubmitScores": _("Sending the results that were kept."),
    "offlineDialogHeader": _("The connection is lost"),
    "offlineDialogBody": _("Your result could not be sent. Please check your connection."),
    "offlineDialogRetryMessage": _("Trying again in :num …"),
    "offlineDialogRetryButtonLabel": _("Try again now"),
    "offlineSuccessfulSubmit": _("Your result was sent."),
}


def core_words(translate: Translate) -> dict[str, str]:
    """Core's words in another language: for `h5p.playing.integration`."""
    return {key: translate(english) for key, english in CORE_WORDS.items()}
