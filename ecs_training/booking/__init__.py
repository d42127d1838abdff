"""Who holds a seat: bookings and their cancellation."""
