"""How the tests read examples and fixtures, run them, and compare what is said with what is marked."""
