"""Workbooks (XLSX) that the product writes, as bytes of plain values: no database, no request."""
