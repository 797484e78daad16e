"""From facts to syntax: the LibCST node of each site, and what a check may say and change there."""
