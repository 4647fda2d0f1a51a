"""Reports: the paper-shaped tables, and how they are rendered."""
