"""What does each page of the prognosis system show?"""
