"""The alert stage and the console: verdicts in, alerts with evidence out, for people."""
