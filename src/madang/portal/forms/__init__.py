"""The portal's forms: what a person types, and what is said when it cannot be used."""
