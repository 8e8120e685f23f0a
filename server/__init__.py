"""The process and its doors: HTTP, command line, embedded database, OCPI wire."""
