"""CSV: which columns are known, which delimiters and encodings, and what is refused."""

from datetime import date

import pytest

from ecs_training.questions.formats import FileRefused, Format, Verdict, read
from ecs_training.questions.formats.columns import OURS, neutral, restored
from tests.questions.formats.reading import is_refused, only, read_text, right, texts

CSV = Format.CSV
HEADER = "stem,option_a,option_b,option_c,option_d,key"
ROW = "What?,Lock it,Test it,Sign it,Leave it,c"


def one(row: str, header: str = HEADER) -> str:
    return f"{header}\n{row}\n"


def test_every_column_of_ours_is_read() -> None:
    header = (
        "code,topic,stem,option_a,option_b,option_c,option_d,key,rationale,source,clause,"
        "checked_on,difficulty,jurisdiction,enemies"
    )
    row = (
        'fire-1,fire,"What,  ""first""?",a,b,c,d,b,Because,eawr-1989,reg 13,2026-01-31,'
        '0.82,northern-ireland,"fire-2, fire-3;fire-4"'
    )
    item = only(CSV, one(row, header))
    assert (item.stem, texts(item), right(item)) == (
        'What, "first"?',
        ["a", "b", "c", "d"],
        ["b"],
    )
    assert (item.code, item.topic, item.rationale) == ("fire-1", "fire", "Because")
    assert (item.source, item.clause) == ("eawr-1989", "reg 13")
    assert (item.checked_on, item.difficulty) == (date(2026, 1, 31), 0.82)
    assert item.jurisdiction == "northern-ireland"
    assert item.enemies == ("fire-2", "fire-3", "fire-4")
    assert (item.verdict, item.line) == (Verdict.IMPORTED, 2)


@pytest.mark.parametrize(
    "header",
    [
        "Question;Option A;Option B;Option C;Option D;Correct Answer",
        "question text\tA\tB\tC\tD\tanswer",
        "STEM,Answer 1,Answer 2,Answer 3,Answer 4,Key",
        "No.,Prompt,choice_1,choice_2,choice_3,choice_4,Correct Option",
    ],
)
def test_the_usual_names_and_delimiters_are_known(header: str) -> None:
    delimiter = next(each for each in ",;\t" if each in header)
    cells = [*(["1"] if header.startswith("No.") else []), *ROW.split(",")]
    item = only(CSV, one(delimiter.join(cells), header))
    assert (item.stem, right(item), item.verdict) == (
        "What?",
        ["Sign it"],
        Verdict.IMPORTED,
    )


def test_commas_in_a_text_do_not_make_a_file_of_commas() -> None:
    header = HEADER.replace(",", ";")
    item = only(CSV, one("One, two, three, four, five;a;b;c;d;a", header))
    assert (item.stem, item.verdict) == ("One, two, three, four, five", "imported")


def test_the_delimiter_may_be_named_as_excel_does() -> None:
    header, row = HEADER.replace(",", ";"), ROW.replace(",", ";")
    item = only(CSV, f"sep=;\n{header}\n{row}\n")
    assert (item.stem, item.line) == ("What?", 3)


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("b", "Test it"),
        ("B", "Test it"),
        (" b) ", "Test it"),
        ("2", "Test it"),
        ("Option B", "Test it"),
        ("test  IT", "Test it"),
    ],
)
def test_a_key_is_a_letter_a_number_or_the_whole_option(key: str, answer: str) -> None:
    item = only(CSV, one(f"What?,Lock it,Test it,Sign it,Leave it,{key}"))
    assert right(item) == [answer]


@pytest.mark.parametrize(
    ("row", "because"),
    [
        ("What?,a,b,c,d,e", "names no single option"),
        ("What?,a,b,c,d,", "names no single option"),
        ("What?,a,b,c,d,0", "names no single option"),
        ('What?,a,b,c,d,"a, b"', "names no single option"),
        ("What?,1,2,3,4,2", ""),
        ("What?,4,3,2,1,2", "may mean one option or another"),
        ("What?,b,c,d,a,b", "may mean one option or another"),
        ("What?,a,b,c,,a", "number of options is 3"),
        ("What?,a,b,,d,a", "option 3 has no text"),
        (",a,b,c,d,a", "the question has no text"),
        ("What?,a,b,c,A,b", "options 1 and 4 say the same"),
        ("What?,a,b,c,d,a,more", "more cells than there are columns"),
        ("What, then?,a,b,c,d,a", "more cells than there are columns"),
    ],
)
def test_what_is_no_choice_of_one_among_four_is_refused(row: str, because: str) -> None:
    item = only(CSV, one(row))
    if because:
        assert is_refused(item, because=because)
    else:
        assert item.verdict is Verdict.IMPORTED
    assert item.line == 2


@pytest.mark.parametrize(
    ("column", "cell", "verdict", "said"),
    [
        ("option_e", "e", "refused", "number of options is 5"),
        ("E", "", "imported", ""),
        ("type", "Multiple Choice", "imported", ""),
        ("type", "multiple-choice question", "imported", ""),
        ("Points\x1b[31m", "2", "changed", "the column “Points?[31m” was left out"),
        ("Question Type", "essay", "refused", "is of the type “essay”"),
        ("image", "plug.png", "refused", "names a picture"),
        ("image", "", "imported", ""),
        ("Number", "17", "imported", ""),
        ("Points", "2", "changed", "the column “Points” was left out"),
        ("Points", " ", "imported", ""),
        ("difficulty", "easy", "changed", "difficulty was left out"),
        ("difficulty", "1.01", "changed", "difficulty was left out"),
        ("difficulty", "nan", "changed", "difficulty was left out"),
        ("checked_on", "31/01/2026", "changed", "checked_on was left out"),
        ("jurisdiction", "uk", "changed", "jurisdiction was left out"),
        ("jurisdiction", "Northern Ireland", "imported", ""),
        ("source", "x" * 61, "refused", "the source has 61 characters"),
        ("clause", "x" * 201, "refused", "the clause has 201 characters"),
    ],
)
def test_other_columns_are_read_refused_or_named(
    column: str, cell: str, verdict: str, said: str
) -> None:
    item = only(CSV, one(f"{ROW},{cell}", f"{HEADER},{column}"))
    assert item.verdict == verdict
    assert said in item.reason


def test_lines_are_those_of_the_file_though_texts_span_them() -> None:
    text = f'{HEADER}\n\n"What\nis\nit?",a,b,c,d,a\n,,,,,\n\nAnd?,a,b,c,d,b\n'
    items = read_text(CSV, text)
    assert [(item.stem, item.line) for item in items] == [
        ("What is it?", 3),
        ("And?", 8),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_line_ends_and_encodings_with_a_mark_are_read(end: str, encoding: str) -> None:
    data = one(ROW.replace("What", "Whät £5")).replace("\n", end).encode(encoding)
    (item,) = read(data, format=CSV, name="x")
    assert (item.stem, item.line) == ("Whät £5?", 2)


@pytest.mark.parametrize(
    ("data", "because"),
    [
        (one(ROW.replace("W", "£")).encode("windows-1252"), "line 2: is not UTF-8"),
        (one(ROW).encode("utf-16-le"), "holds NUL"),
        (b"\xff\xfea", "begins like UTF-16 but is damaged"),
        (b"", "holds no questions"),
        (HEADER.encode(), "holds no questions"),
        (ROW.encode(), "names no column stem, option_a"),
        (b"stem,a,b,c,key\nx,a,b,c,a\n", "names no column option_d"),
        (one(ROW, f"{HEADER},answer").encode(), "has two columns for key"),
        (one('"What?,a,b,c,d,a').encode(), "line 2: the quotes do not match"),
        (one('"What"s?,a,b,c,d,a').encode(), "line 2: the quotes do not match"),
        (("x," * 300 + "\n").encode(), "more than 200 columns"),
        (b"PK\x03\x04", "say --format xlsx"),
    ],
)
def test_what_is_no_table_of_questions_is_refused(data: bytes, because: str) -> None:
    with pytest.raises(FileRefused, match=because):
        read(data, format=CSV, name="x")


@pytest.mark.parametrize(
    "text", ["=1+1", "+44", "-5 °C", "@x", "\tx", "\rx", "'=x", "''-x", "'"]
)
def test_a_formula_is_kept_from_being_one_and_comes_back(text: str) -> None:
    kept = neutral(text)
    assert kept[0] not in "=+-@\t\r"
    assert restored(kept) == text


@pytest.mark.parametrize("text", ["", "x", "'x'", "5 = 5", "'tis", "''"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert (neutral(text), restored(text)) == (text, text)


def test_our_mark_is_taken_off_in_our_own_files_alone() -> None:
    row = "What?,-5 °C,=5,+5,'@5,a"
    assert texts(only(CSV, one(row))) == ["-5 °C", "=5", "+5", "'@5"]
    header = ",".join((*reversed(OURS), "Points"))
    cells = dict(zip(HEADER.split(","), row.split(","), strict=True))
    ours = ",".join(cells.get(name, "") for name in (*reversed(OURS), "Points"))
    assert texts(only(CSV, one(ours, header))) == ["-5 °C", "=5", "+5", "@5"]
