"""Who crawls what: several processes share the sources, and no host is ever asked by two of them at once."""
