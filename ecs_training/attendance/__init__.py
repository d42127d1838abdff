"""The register of the day: who was there, and whose identity was checked."""
