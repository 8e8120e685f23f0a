"""A network to try the product on: real places between Rotterdam and Genoa, with chargers that are made up."""
