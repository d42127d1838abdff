"""Who people are: candidates, trainers, companies, staff, and their sign-in."""
