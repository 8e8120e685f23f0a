"""The rules, pure and standard library only."""
