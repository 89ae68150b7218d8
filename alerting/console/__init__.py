"""The console: web pages and HTTP API for patrol staff, analysts and supervisors."""
