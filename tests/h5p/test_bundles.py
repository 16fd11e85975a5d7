import gzip

import brotli
import pytest

from h5p.bundles import Bundles, build_bundles, bundle_key
from h5p.dependencies import resolve
from h5p.libraries import Library, MemoryShelf
from h5p.problems import Refused
from h5p.storage import MemoryStorage
from tests.h5p.shelving import make_library


def asset_url(sha256: str, path: str) -> str:
    return f"/a/{sha256[:6]}/{path.rpartition('/')[2]}"


def build(storage: MemoryStorage, *libraries: Library) -> Bundles:
    """Bundles of the last library, which is the main one."""
    resolution = resolve(libraries[-1], {}, MemoryShelf(*libraries))
    bundles = build_bundles(resolution, storage, asset_url, quality=1)
    assert bundles.key == bundle_key(resolution)
    return bundles


def test_each_script_begins_with_a_semicolon_and_is_not_wrapped() -> None:
    storage = MemoryStorage()
    a = make_library(storage, "Test.A 1.0", files={"a.js": b"\xef\xbb\xbf'use strict'; var a = 1"})
    main = make_library(
        storage,
        "Test.Main 1.0",
        "Test.A 1.0",
        files={"b.js": "(function () {  })() // end", "c.js": "c"},
    )

    bundles = build(storage, a, main)

    assert bundles.js.data == b";'use strict';var a=1\n;(function(){})()\n;c\n"
    assert brotli.decompress(bundles.js.brotli) == bundles.js.data
    assert gzip.decompress(bundles.js.gzip) == bundles.js.data
    assert bundles.js.name == f"{bundles.js.sha256}.js"
    assert bundles == build(storage, a, main)


@pytest.mark.parametrize(
    ("script", "served"),
    [
        ("/* Why. */\nvar a = 1; // How.\n\n  a++", "var a=1;a++"),
        # Whoever passes a script on passes its notices on.
        ("/** @license MIT */ a", "/*!* @license MIT */a"),
        ("/*! Kept (c) 2024 */\na", "/*! Kept (c) 2024 */a"),
        ("/* Under the MIT license */ a", "/*! Under the MIT license */a"),
        (
            "// A 1.0\n// (c) 2015 B\n// Free.\n\n// Why.\na",
            "/*! A 1.0*//*! (c) 2015 B*//*! Free.*/a",
        ),
        # No line may be joined to the one before that would then go on with it.
        ("a = b\n(c)", "a=b\n(c)"),
        ("return_ = /a  b/.test( '//  c' ) - -1", "return_=/a  b/.test('//  c')- -1"),
        # What is left as it is, because a careless cut would have changed it.
        ("a = `x  ${ b + `  // y  ` }  z`", "a = `x  ${ b + `  // y  ` }  z`"),
        ("a = `x${`   `}y`", "a = `x${`   `}y`"),
        ("function f() { return /*\n*/ 1 }", "function f(){return\n1}"),
        ("a  //  (c) */ b\n", "a  //  (c) */ b\n"),
        # A comment only where it begins a line.
        ("a = 1;\n--> b  c\nd  = 2", "a = 1;\n--> b  c\nd  = 2"),
        ("x = a<!--b  \n;y = 1", "x = a<!--b  \n;y = 1"),
        # A comment over several lines ends a line.
        ("yield /*\n*/ async", "yield /*\n*/ async"),
        ("/*! Kept\n*/ a", "/*! Kept\n*/a"),
        ("1. in  a", "1. in  a"),
        # Read with toString().
        ("a = text(function () {/*\n b\n*/})", "a = text(function () {/*\n b\n*/})"),
    ],
)
def test_scripts_are_served_without_what_only_their_authors_need(script: str, served: str) -> None:
    storage = MemoryStorage()
    main = make_library(storage, "Test.Main 1.0", files={"a.js": script})

    assert build(storage, main).js.data.decode() == f";{served}\n"


def test_editor_libraries_and_replaced_styles_are_left_out() -> None:
    storage = MemoryStorage()
    editor = make_library(storage, "H5PEditor.A 1.0", files={"e.js": "this is (broken"})
    plain = make_library(storage, "Test.A 1.0", files={"a.js": "a", "a.css": "a{}"})
    main = make_library(
        storage,
        "Test.Main 1.0",
        "H5PEditor.A 1.0",
        "Test.A 1.0",
        files={"b.css": "b{}"},
        dropLibraryCss=[{"machineName": "Test.A"}],
    )

    bundles = build(storage, editor, plain, main)

    assert bundles.js.data == b";a\n"
    assert bundles.css.data == b"b{}\n\n"


@pytest.mark.parametrize(
    "script",
    ["function (", "var a = 'x", "/* open", "import a from 'b';", "export default 1", "#!/bin/sh"],
)
def test_a_script_that_cannot_be_bundled_is_refused_by_name(script: str) -> None:
    storage = MemoryStorage()
    main = make_library(storage, "Test.Main 1.0", files={"js/ok.js": "1", "js/bad.js": script})

    with pytest.raises(Refused) as caught:
        build(storage, main)

    assert [(p.code, p.path) for p in caught.value.problems] == [
        ("script", "Test.Main-1.0/js/bad.js")
    ]


@pytest.mark.parametrize(
    "script",
    [
        "a?.b ?? c", "x ||= 1", "class A { #p = 1; static { } }",
        "async () => { for await (a of b); }",
        "var using = 1; using = function () {}", "label: for (;;) {}",
        "`${a}`", "a = /[/]/g", "<!-- x",
        "with (a) { b }", "var a = 08, b = 0777", "if (a) function f() {}", "let async; async = 1",
    ],
)  # fmt: skip
def test_scripts_of_every_age_are_taken(script: str) -> None:
    storage = MemoryStorage()

    assert build(storage, make_library(storage, "Test.Main 1.0", files={"a.js": script})).js.data


def test_two_scripts_that_declare_the_same_name_are_refused() -> None:
    storage = MemoryStorage()
    a = make_library(storage, "Test.A 1.0", files={"a.js": "const shared = 1; let own, mine"})
    main = make_library(storage, "Test.Main 1.0", "Test.A 1.0", files={"b.js": "class shared {}"})

    with pytest.raises(Refused) as caught:
        build(storage, a, main)

    assert "Test.A-1.0/a.js" in caught.value.problems[0].message
    assert caught.value.problems[0].path == "Test.Main-1.0/b.js"


@pytest.mark.parametrize(
    ("script", "evaluates", "works"),
    [
        ("eval('1')", True, False),
        ("new Function('a', 'b')", True, False),
        ("x.eval(1); medieval(2); function f() {}", False, False),
        ("new Worker(URL.createObjectURL(b))", False, True),
    ],
)
def test_bundles_say_what_the_policy_must_allow(script: str, evaluates: bool, works: bool) -> None:
    storage = MemoryStorage()
    bundles = build(storage, make_library(storage, "Test.Main 1.0", files={"a.js": script}))

    assert (bundles.evaluates, bundles.works) == (evaluates, works)


def test_key_follows_the_contents() -> None:
    storage = MemoryStorage()
    keys = {
        build(storage, make_library(storage, "Test.Main 1.0", files={"a.js": script})).key
        for script in ("1", "2")
    }

    assert len(keys) == 2
