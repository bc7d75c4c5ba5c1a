"""Students: small models, their training and generation. All that needs torch is here."""
