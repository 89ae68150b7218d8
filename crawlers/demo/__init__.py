"""The demo forum: posts that its authors wrote, served as real pages on loopback."""
