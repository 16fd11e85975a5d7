"""H5P packages in Python: read, check, sanitise, install, bundle, write, play.

    >>> report = read_package(Path("quiz.h5p"))
    >>> for problem in report.problems:
    ...     print(problem.path, problem.message)

No Django and no web framework: storage and the shelf of libraries are interfaces.
"""

from h5p.limits import Limits
from h5p.names import LibraryName, parse_api, parse_folder
from h5p.package import FileEntry, Package, PackageLibrary, Report, hash_files, read_package
from h5p.problems import H5PError, NotInstalled, Problem, Refused

__all__ = [
    "FileEntry",
    "H5PError",
    "LibraryName",
    "Limits",
    "NotInstalled",
    "Package",
    "PackageLibrary",
    "Problem",
    "Refused",
    "Report",
    "hash_files",
    "parse_api",
    "parse_folder",
    "read_package",
]
