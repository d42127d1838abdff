"""Card applications: the applicant's part and the staff's. Callers own the transaction."""
