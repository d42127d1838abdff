"""Ours beside a bare-Flask floor, under one server and one database: `make bench`."""
