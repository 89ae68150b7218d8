"""Places: a district's gazetteer, the names that posts use for it, and the place that a post is about."""
