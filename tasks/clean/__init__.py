"""Running heads, feet and page numbers out of the pages."""
