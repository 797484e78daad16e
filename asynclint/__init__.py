"""asynclint finds the places where async Python hangs, leaks, races or silently does nothing."""

__version__ = "0.1.0"
