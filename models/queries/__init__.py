"""Every statement the product sends to PostgreSQL, one file an aggregate."""
