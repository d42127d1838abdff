"""Heavy checks at their full figures."""
