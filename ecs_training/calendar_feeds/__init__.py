"""Course sessions and bookings as calendar entries, and the feeds of them."""
