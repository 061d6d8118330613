"""Text recognition: pictures and scanned pages."""
