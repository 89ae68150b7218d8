"""Proposing a source file by looking at a site: what kind it is, where its threads and posts stand, what would be collected."""
