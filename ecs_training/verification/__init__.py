"""The public check behind the QR code."""
