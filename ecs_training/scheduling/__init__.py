"""When and where: weekly plans and the dated course sessions they become."""
