"""Charts and figures that judge the test and its items."""
