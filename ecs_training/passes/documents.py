"""The pieces of a certificate that are drawn rather than written."""

import segno

QUIET_ZONE = 4  # modules of white around the code, as the QR standard asks


def draw_qr_code(address: str) -> str:
    """Draw an address as the inside of a page: an <svg> without any inline style.

    Error correction M: a printed sheet may lose 15 % to folds and site dirt.
    """
    code = segno.make(address, error="m", micro=False)
    return code.svg_inline(
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        omitsize=True,
        svgclass="qr",
        lineclass=None,
    )
