"""What does an ethics board or a journal ask of a prognosis model? A dossier of its record."""
