"""The pages of the prognosis system: patients and their prognoses, models and how they hold."""
