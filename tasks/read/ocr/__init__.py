"""Pictures of pages to lines of text."""
