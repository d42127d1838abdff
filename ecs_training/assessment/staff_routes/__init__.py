"""What trainers and staff do about an assessment: the day itself, and marking again."""
