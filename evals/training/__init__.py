"""Training the small models that Footnote ships, from public sets whose licences allow it."""
