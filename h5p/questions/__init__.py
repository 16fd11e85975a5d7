"""Questions as data: written in YAML, CSV or a form, played by `Rambla.QuestionSet`, marked here.

>>> reading = read_yaml(text)
>>> package = package_bytes(reading.require())
>>> marking = mark(question_set, {"q1": ["3f2a91cc"]})
>>> marking.score, marking.maximum
"""

from h5p.questions.building import Reading, from_data
from h5p.questions.marking import Marking, QuestionMark, mark, read_xapi_response, result_for_player
from h5p.questions.model import (
    Behaviour,
    Feedback,
    Gap,
    Gaps,
    Item,
    Leaf,
    Match,
    MultipleChoice,
    Option,
    Order,
    Pair,
    Question,
    QuestionSet,
    Scenario,
    SingleChoice,
)
from h5p.questions.packing import package_bytes, read_content, served_content, whole_content
from h5p.questions.reading import read_yaml
from h5p.questions.tables import read_csv
from h5p.questions.writing import write_csv, write_yaml

__all__ = [
    "Behaviour",
    "Feedback",
    "Gap",
    "Gaps",
    "Item",
    "Leaf",
    "Marking",
    "Match",
    "MultipleChoice",
    "Option",
    "Order",
    "Pair",
    "Question",
    "QuestionMark",
    "QuestionSet",
    "Reading",
    "Scenario",
    "SingleChoice",
    "from_data",
    "mark",
    "package_bytes",
    "read_content",
    "read_csv",
    "read_xapi_response",
    "read_yaml",
    "result_for_player",
    "served_content",
    "whole_content",
    "write_csv",
    "write_yaml",
]
