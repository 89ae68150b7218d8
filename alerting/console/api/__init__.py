"""The HTTP API of the console, one module for each noun."""
