"""Files that mean harm get one clear error, quickly and in little memory."""

import re

import pytest

from benchmarks.hostile_files import MOST_MEGABYTES, MOST_SECONDS, measure
from ecs_training.questions.formats import LARGEST, FileRefused, Format, read
from tests.questions.formats.hostile import HOSTILE

# One of each kind of harm; the soak `hostile-files` measures them all.
MEASURED = {
    Format.GIFT: (
        *(
            "one line",
            "letters of four bytes",
            "attributes in answers",
            "tags in stems",
        ),
        *("formulas in stems", "named references in stems", "items without end"),
    ),
    Format.MOODLE_XML: (
        *("an entity bomb", "100,000 levels", "one tag", "tags", "many attributes"),
        *("bytes above ASCII", "heavy items", "line ends"),
    ),
    Format.AIKEN: ("one line", "short lines", "texts"),
    Format.QTI: (
        *("an external entity", "a bomb, zipped", "members that overlap, zipped"),
        *("a bomb as a picture", "members without end, zipped", "one text"),
    ),
    Format.CSV: ("ten million rows", "rows of commas", "quoted line ends", "rows"),
    Format.XLSX: ("ten million rows", "strings", "one string", "a gap", "merged cells"),
}
REFUSED_ITEM_BY_ITEM = re.compile(
    r"items? with|in (stems|answers|texts)$|Markdown|beyond"
)


@pytest.mark.heavy
@pytest.mark.parametrize("form", list(Format))
def test_harm_costs_less_than_a_second_and_fifty_megabytes(form: Format) -> None:
    told = list(measure(form, *MEASURED[form]))
    assert len(told) == len(MEASURED[form])
    for each in told:
        assert each["seconds"] < MOST_SECONDS, each
        assert each["megabytes"] < MOST_MEGABYTES, each


# (format, name, what is said of it). All the rest is measured, not worded, here.
SAID = [
    (Format.GIFT, "one line", "line 1: the line is longer than"),
    (Format.GIFT, "Windows-1252", "line 1: is not UTF-8 text"),
    (Format.GIFT, "UTF-16", "holds NUL characters"),
    (Format.GIFT, "a ZIP file", "is a ZIP or Excel file, not text"),
    (Format.AIKEN, "line ends", "has more than 200000 lines"),
    (Format.CSV, "ten million rows", "has more than 200000 lines"),
    (Format.MOODLE_XML, "an entity bomb", "line 1: holds a document type"),
    (Format.MOODLE_XML, "an external entity", "holds a document type"),
    (Format.MOODLE_XML, "an external document type", "holds a document type"),
    (Format.MOODLE_XML, "a parameter entity", "holds a document type"),
    (Format.MOODLE_XML, "100,000 levels", "line 1: has tags nested too deeply"),
    (Format.MOODLE_XML, "many attributes", "with too many attributes"),
    (Format.MOODLE_XML, "one comment", "a tag or comment is longer than"),
    (Format.MOODLE_XML, "one text", "one item has more than"),
    (Format.MOODLE_XML, "tags", "holds more markup than"),
    (Format.MOODLE_XML, "UTF-7", "is in an encoding that cannot be read"),
    (Format.MOODLE_XML, "Latin-1 that says UTF-8", "is not in the encoding that it"),
    (Format.QTI, "an entity bomb", "holds a document type"),
    (Format.QTI, "an entity bomb inside", "i.xml, line 1: holds a document type"),
    (Format.QTI, "100,000 levels inside", "i.xml, line 1: has tags nested too"),
    (Format.QTI, "a bomb, zipped", "unpacks to more than is allowed"),
    (Format.QTI, "a bomb as a picture", "unpacks to more than is allowed"),
    (Format.QTI, "a size that lies, zipped", "is damaged at"),
    (Format.QTI, "members that overlap, zipped", "holds files that overlap"),
    (Format.QTI, "a member above, zipped", "would lie outside of it: '../../etc/x'"),
    (Format.QTI, "an absolute member, zipped", "would lie outside of it"),
    (Format.QTI, "a backslash, zipped", "would lie outside of it"),
    (Format.QTI, "a drive, zipped", "would lie outside of it"),
    (Format.QTI, "a link, zipped", "holds a link instead of a file"),
    (Format.QTI, "a password, zipped", "is protected by a password"),
    (Format.QTI, "two of the same name, zipped", "two files of the same name"),
    (Format.QTI, "cut short, zipped", "is no ZIP file, or a damaged one"),
    (Format.QTI, "many members, zipped", "holds more than 6000 files"),
    (Format.QTI, "members without end, zipped", "holds more than 6000 files"),
    (Format.QTI, "an unusual way to pack, zipped", "packed in an unusual way"),
    (Format.XLSX, "ten million rows", "unpacks to more than is allowed"),
    (Format.XLSX, "a sheet bomb", "unpacks to more than is allowed"),
    (Format.XLSX, "a bomb of strings", "unpacks to more than is allowed"),
    (Format.XLSX, "strings", "holds more markup than"),
    (Format.XLSX, "merged cells", "has more than 500 merged cells"),
    (Format.XLSX, "an entity bomb inside", "holds a document type"),
    (Format.XLSX, "an old Excel file", "is an old or a protected Excel file"),
]


@pytest.mark.parametrize(("form", "name", "said"), SAID)
def test_harm_is_named_in_one_line(form: Format, name: str, said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(HOSTILE[form][name](), format=form, name="file")
    assert said in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("form", list(Format))
def test_a_file_beyond_the_size_is_refused_unread(form: Format) -> None:
    with pytest.raises(FileRefused, match=f"larger than {LARGEST[form] // 10**6} MB"):
        read(bytes(LARGEST[form] + 1), format=form, name="file")


@pytest.mark.parametrize("name", ["a dimension that lies", "a gap"])
def test_a_sheet_that_lies_about_its_size_is_read_as_it_is(name: str) -> None:
    (item,) = read(HOSTILE[Format.XLSX][name](), format=Format.XLSX, name="file")
    assert item.verdict == "imported"
    assert item.line == (1_048_576 if name == "a gap" else 2)
