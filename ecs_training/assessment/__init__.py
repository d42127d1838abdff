"""The timed HS&E assessment: entries, sittings, papers, attempts and marking."""
