"""Words and cures that several rules of a theme share."""
