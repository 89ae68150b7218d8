"""Polite and lawful as code: where a crawler may go, when, and how slowly."""
