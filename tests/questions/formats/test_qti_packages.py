"""Zipped packages: the manifest's order, pictures by their addresses, and bad archives."""

import pytest

from ecs_training.questions.formats import FileRefused, Format, Verdict, read
from tests.questions.formats.packing import packed
from tests.questions.formats.reading import (
    PNG,
    SVG,
    is_refused,
    item_of_qti,
    package,
)


def manifest(*hrefs: str, kind: str = "imsqti_item_xmlv2p1", more: str = "") -> str:
    resources = "\n".join(f'<resource type="{kind}" href="{href}"/>' for href in hrefs)
    return f"<manifest>\n<resources>\n{resources}{more}</resources></manifest>"


def asked(stem: str, above: str = "") -> str:
    return item_of_qti(prompt=f"<prompt>{stem}</prompt>", above=above)


def test_items_come_in_the_order_of_the_manifest() -> None:
    items = package(
        {
            "a.xml": asked("One?"),
            "in/b.xml": asked("Two?"),
            "in/c d.xml": asked("Three?"),
            "unlisted.xml": asked("Four?"),
            "test.xml": "<assessmentTest/>",
            "imsmanifest.xml": manifest("in/b.xml", "in/c%20d.xml", "./a.xml").replace(
                "</resources>",
                '<resource type="imsqti_test_xmlv2p1" href="test.xml"/></resources>',
            ),
        }
    )
    assert [item.stem for item in items] == ["Two?", "Three?", "One?"]
    assert {item.verdict for item in items} == {Verdict.IMPORTED}
    assert {(item.line, item.reason) for item in items} == {(2, "")}


@pytest.mark.parametrize(
    "kind", ["imsqti_item_xmlv2p2", "imsqti_item_xmlv3p0", "imsqti_apipitem_xmlv2p1"]
)
def test_every_version_of_item_is_listed(kind: str) -> None:
    (item,) = package(
        {"a.xml": asked("?"), "imsmanifest.xml": manifest("a.xml", kind=kind)}
    )
    assert item.verdict is Verdict.IMPORTED


def test_the_manifest_may_lie_in_the_one_folder_and_name_a_base() -> None:
    listing = manifest("a.xml").replace("<resource ", '<resource xml:base="in/" ')
    items = package(
        {
            "top/imsmanifest.xml": listing,
            "top/in/a.xml": asked("Here?"),
            "a.xml": "<x/>",
        }
    )
    assert [item.stem for item in items] == ["Here?"]


@pytest.mark.parametrize("more", [{}, {"imsmanifest.xml": "<manifest/>"}])
def test_without_a_list_every_item_file_is_read_in_the_archives_order(
    more: dict[str, str | bytes],
) -> None:
    items = package(
        {
            **more,
            "b.xml": asked("One?"),
            "test.xml": "<assessmentTest/>",
            "a.xml": asked("Two?"),
            "notes.txt": "x",
        }
    )
    assert [item.stem for item in items] == ["One?", "Two?"]


def test_a_package_without_items_is_refused() -> None:
    with pytest.raises(FileRefused, match=r"file\.zip: holds no questions"):
        package({"notes.txt": "x"})


@pytest.mark.parametrize(
    ("href", "content", "because"),
    [
        ("gone.xml", "", "imsmanifest.xml: names an item that is not in the package"),
        ("../a.xml", "", "not in the package"),
        ("/etc/passwd", "", "not in the package"),
        ("http://x/a.xml", "", "not in the package"),
        ("b.xml", "<assessmentItem", "b.xml: is no well-formed XML"),
        ("b.xml", "<x/>", "b.xml: is no item of QTI"),
        ("b.xml", "", "b.xml: is no well-formed XML"),
    ],
)
def test_a_bad_item_is_named_and_stops_no_other(
    href: str, content: str, because: str
) -> None:
    items = package(
        {
            "imsmanifest.xml": manifest(href, "a.xml"),
            "b.xml": content,
            "a.xml": asked("Good?"),
        }
    )
    assert is_refused(items[0], because=because)
    assert (items[1].stem, items[1].verdict) == ("Good?", Verdict.IMPORTED)
    assert items[0].line == (3 if "not in the package" in because else 1)


def test_what_is_refused_in_a_member_is_said_with_its_name() -> None:
    items = package({"in/a.xml": asked("A?", "<table/>"), "in/b.xml": asked("B?")})
    assert items[0].reason == "in/a.xml: the question holds a table"


def test_doubles_are_named_by_the_member_of_the_first() -> None:
    items = package({"in/a.xml": asked("A?"), "in/b.xml": asked("A?")})
    assert (items[1].verdict, items[1].reason) == (
        Verdict.DUPLICATE,
        "in/b.xml: says the same as in/a.xml",
    )


@pytest.mark.parametrize(
    "shown",
    [
        '<p><img src="../images/a%20plug.png" alt="A plug"/></p>',
        '<object type="image/png" data="../images/a%20plug.png">A plug</object>',
    ],
)
@pytest.mark.parametrize("data", [PNG, SVG])
def test_a_picture_is_found_from_where_its_item_lies(shown: str, data: bytes) -> None:
    (item,) = package({"items/a.xml": asked("What?", shown), "images/a plug.png": data})
    assert item.picture is not None
    assert (item.picture.name, item.picture.alt) == ("a plug.png", "A plug")
    assert (item.picture.data, item.verdict) == (data, Verdict.IMPORTED)


@pytest.mark.parametrize(
    ("address", "because"),
    [
        ("images/a.png", "not in the file"),
        ("../../images/a.png", "not in the file"),
        ("/images/a.png", "not in the file"),
        ("..\\images\\a.png", "not in the file"),
        ("http://x/a.png", "not in the file"),
        ("data:image/png;base64,AA", "not in the file"),
        ("../images/a.pdf", "is no PNG, JPEG, GIF or SVG"),
    ],
)
def test_other_pictures_are_refused(address: str, because: str) -> None:
    (item,) = package(
        {
            "items/a.xml": asked("What?", f'<img src="{address}" alt="x"/>'),
            "images/a.png": PNG,
            "images/a.pdf": b"%PDF",
        }
    )
    assert is_refused(item, because=because)


def test_one_picture_serves_many_items_and_two_are_too_many() -> None:
    one = '<img src="x.png" alt="x"/>'
    items = package(
        {
            "a.xml": asked("A?", one),
            "b.xml": asked("B?", one),
            "c.xml": asked("C?", one * 2),
        }
        | {"x.png": PNG}
    )
    assert [item.verdict for item in items] == ["imported", "imported", "refused"]


def test_equal_words_under_different_pictures_are_different_items() -> None:
    items = package(
        {
            "a.xml": asked("What?", '<img src="x.png" alt="x"/>'),
            "b.xml": asked("What?", '<img src="y.png" alt="x"/>'),
            "c.xml": asked("What?", '<img src="x.png" alt="x"/>'),
            "x.png": PNG,
            "y.png": PNG + b"other",
        }
    )
    assert [item.verdict for item in items] == ["imported", "imported", "duplicate"]


def test_a_broken_or_unsafe_archive_is_refused_as_a_whole() -> None:
    good = packed({"a.xml": asked("A?").encode()})
    with pytest.raises(FileRefused, match="is no ZIP file, or a damaged one"):
        read(good[:-9], format=Format.QTI, name="x")
    with pytest.raises(FileRefused, match=r"a\.xml, line 1: holds a document type"):
        package({"a.xml": "<!DOCTYPE x><x/>"})
