"""The shared vocabulary of humiao (护苗): what flows, the two ports, settings, metrics and the command line."""

__version__ = "0.1.0"
