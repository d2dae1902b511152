"""What was the money for, how much is really spent, and what proves it? (추경 집행).

The lines of the second supplementary budget 2025; what was granted, disbursed and, confirmed by
evidence, spent on each; what the year will end with; and what it has achieved.
"""
