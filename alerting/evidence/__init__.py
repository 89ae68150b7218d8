"""Evidence: keeping what was seen, handing it over, and checking it without us."""
