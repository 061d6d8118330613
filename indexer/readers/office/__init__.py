"""Office documents, old and new, OpenDocument and rich text."""
