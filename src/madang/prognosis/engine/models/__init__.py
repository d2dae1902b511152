"""Models of the course of a disease: from raw columns to a curve for each patient."""
