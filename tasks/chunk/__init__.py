"""Pages to chunks along the outline of the document."""
