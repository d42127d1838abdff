"""Files made to hurt a reader: too deep, too long, too many, or not what they say.

Each is as large as its format lets a file be, so that no cap on the size hides the harm.
"""

from ecs_training.questions.formats import Format
from tests.questions.formats.hostile_texts import aiken, any_text, csv, gift
from tests.questions.formats.hostile_xml import xml
from tests.questions.formats.hostile_zips import any_zip, qti_packages, xlsx
from tests.questions.formats.packing import QTI, Maker

HOSTILE: dict[Format, dict[str, Maker]] = {
    Format.GIFT: any_text(Format.GIFT) | gift(),
    Format.MOODLE_XML: xml("quiz"),
    Format.AIKEN: any_text(Format.AIKEN) | aiken(),
    Format.QTI: {
        **xml(f'assessmentItem xmlns="{QTI}"'),
        **{
            f"{name}, zipped": make for name, make in any_zip("imsmanifest.xml").items()
        },
        **qti_packages(),
    },
    Format.CSV: {
        name: make for name, make in any_text(Format.CSV).items() if name != "UTF-16"
    }
    | csv(),
    Format.XLSX: any_zip("xl/workbook.xml") | xlsx(),
}
