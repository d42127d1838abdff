"""QTI 3.0: a zipped package of one file an item, its pictures and a manifest.

The code is an item's identifier, the topic its label, the rationale a feedback that an
outcome variable always shows.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ecs_training.questions.formats.carrying import Reasons, in_quotes, in_xml, parted
from ecs_training.questions.formats.found import ExportItem, FoundPicture, Written
from ecs_training.questions.formats.pictures import why_not_carry
from ecs_training.questions.formats.qti_items import RATIONALE
from ecs_training.questions.formats.qti_reading import MANIFEST
from ecs_training.questions.rules.bank import LETTERS

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
ITEM_SPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
PACKAGE_SPACE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
SCHEMAS = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/"
MATCH = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the same items make the same bytes


def write_qti(items: Iterable[ExportItem]) -> Written:
    """Leave out an item whose picture no reader would take."""
    kept, left_out = parted(items, _why_not)
    package = BytesIO()
    with ZipFile(package, "w") as archive:
        _add(archive, MANIFEST, _manifest(kept).encode())
        for item in kept:
            _add(archive, _path(item), _item(item).encode())
            if item.picture:
                _add(archive, _picture_path(item, item.picture), item.picture.data)
    return Written(data=package.getvalue(), left_out=left_out)


def _add(archive: ZipFile, name: str, data: bytes) -> None:
    info = ZipInfo(name, date_time=FIRST_DAY)
    info.compress_type = ZIP_DEFLATED
    archive.writestr(info, data)


def _why_not(item: ExportItem) -> Reasons:
    fault = why_not_carry(item.picture)
    if fault:
        yield fault


def _path(item: ExportItem) -> str:
    return f"items/{item.code}.xml"


def _picture_path(item: ExportItem, picture: FoundPicture) -> str:
    return f"images/{item.code}/{picture.name}"


def _identifier(code: str) -> str:
    """An identifier of QTI begins with a letter or an underscore; a code may not."""
    return code if code[0].isalpha() else f"_{code}"


def _manifest(items: Iterable[ExportItem]) -> str:
    resources = "".join(line for item in items for line in _resource(item))
    return (
        f'{DECLARATION}<manifest xmlns="{PACKAGE_SPACE}" {XSI}\n'
        f'  xsi:schemaLocation="{PACKAGE_SPACE} {SCHEMAS}imsqtiv3p0_imscpv1p2_v1p0.xsd"\n'
        '  identifier="questions">\n'
        "  <metadata>\n"
        "    <schema>QTI Package</schema>\n"
        "    <schemaversion>3.0.0</schemaversion>\n"
        "  </metadata>\n"
        "  <organizations/>\n"
        f"  <resources>\n{resources}  </resources>\n"
        "</manifest>\n"
    )


def _resource(item: ExportItem) -> Iterator[str]:
    path = in_quotes(quote(_path(item)))
    yield (
        f'    <resource identifier="{_identifier(item.code)}"'
        f' type="imsqti_item_xmlv3p0" href={path}>\n'
    )
    yield f"      <file href={path}/>\n"
    if item.picture:
        picture = in_quotes(quote(_picture_path(item, item.picture)))
        yield f"      <file href={picture}/>\n"
    yield "    </resource>\n"


def _item(item: ExportItem) -> str:
    name = in_quotes(_identifier(item.code))
    key = next(
        letter
        for letter, option in zip(LETTERS, item.options, strict=True)
        if option.correct
    )
    return (
        f'{DECLARATION}<qti-assessment-item xmlns="{ITEM_SPACE}" {XSI}\n'
        f'  xsi:schemaLocation="{ITEM_SPACE} {SCHEMAS}imsqti_asiv3p0_v1p0.xsd"\n'
        f"  identifier={name} title={name} label={in_quotes(item.topic)}\n"
        '  adaptive="false" time-dependent="false" xml:lang="en-GB">\n'
        '  <qti-response-declaration identifier="RESPONSE" cardinality="single"'
        ' base-type="identifier">\n'
        f"    <qti-correct-response><qti-value>{key}</qti-value>"
        "</qti-correct-response>\n"
        "  </qti-response-declaration>\n"
        '  <qti-outcome-declaration identifier="SCORE" cardinality="single"'
        ' base-type="float">\n'
        "    <qti-default-value><qti-value>0</qti-value></qti-default-value>\n"
        "  </qti-outcome-declaration>\n"
        f"{_rationale_declared(item)}"
        f"{_body(item)}"
        f'  <qti-response-processing template="{MATCH}"/>\n'
        f"{_rationale(item)}"
        "</qti-assessment-item>\n"
    )


def _body(item: ExportItem) -> str:
    choices = "".join(
        f'      <qti-simple-choice identifier="{letter}">{in_xml(option.text)}'
        "</qti-simple-choice>\n"
        for letter, option in zip(LETTERS, item.options, strict=True)
    )
    return (
        "  <qti-item-body>\n"
        f"{_picture(item)}"
        '    <qti-choice-interaction response-identifier="RESPONSE" shuffle="true"'
        ' max-choices="1">\n'
        f"      <qti-prompt>{in_xml(item.stem)}</qti-prompt>\n"
        f"{choices}"
        "    </qti-choice-interaction>\n"
        "  </qti-item-body>\n"
    )


def _picture(item: ExportItem) -> str:
    if not item.picture:
        return ""
    address = in_quotes(f"../{quote(_picture_path(item, item.picture))}")
    return f"    <p><img src={address} alt={in_quotes(item.picture.alt)}/></p>\n"


def _rationale_declared(item: ExportItem) -> str:
    if not item.rationale:
        return ""
    return (
        f'  <qti-outcome-declaration identifier="{RATIONALE}" cardinality="single"'
        ' base-type="identifier">\n'
        "    <qti-default-value><qti-value>shown</qti-value></qti-default-value>\n"
        "  </qti-outcome-declaration>\n"
    )


def _rationale(item: ExportItem) -> str:
    if not item.rationale:
        return ""
    return (
        f'  <qti-modal-feedback outcome-identifier="{RATIONALE}" identifier="shown"'
        ' show-hide="show">\n'
        f"    <qti-content-body><p>{in_xml(item.rationale)}</p></qti-content-body>\n"
        "  </qti-modal-feedback>\n"
    )
