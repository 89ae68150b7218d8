"""Real forum and blog software on this machine, seeded and changed while it runs.

One module per product; each has ``start(folder, gate) -> Running``, and beside it in `editors` a script that writes
posts from within. What has to be downloaded is kept in the cache of
`tests.servers.servers` and fetched at the first use; every start then works on a fresh copy of an empty site.
"""
