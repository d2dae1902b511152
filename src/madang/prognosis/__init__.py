"""How will it go with this patient? Survival models, their honest scores, and a trials task."""
