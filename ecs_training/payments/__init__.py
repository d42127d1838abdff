"""Invoices and credit notes, in one unbroken numbering."""
