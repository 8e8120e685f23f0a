"""What others are told in the standard's own words: documents of OCPI 2.3.0 with its Bookings module 1.1."""
