"""Write an invented table: 1,500 civil complaints, and how many days each took."""

import csv
import sys

import numpy as np

CASES = 1500
OFFICES = ["roads", "water", "parks", "housing"]
CHANNELS = ["web", "phone", "visit"]

rng = np.random.default_rng(7)
office = rng.integers(len(OFFICES), size=CASES)
channel = rng.integers(len(CHANNELS), size=CASES)
pages = rng.poisson(3, size=CASES)
backlog = rng.gamma(3, 20, size=CASES).round(1)
days = (
    2.0
    + np.array([4.0, 2.0, 1.0, 6.0])[office]
    + 0.6 * pages * (channel == 1)
    + 0.05 * backlog
    + rng.gamma(2, 1.5, size=CASES)
)

table = csv.writer(sys.stdout, lineterminator="\n")
table.writerow(["id", "office", "channel", "pages", "backlog", "days"])
for case in range(CASES):
    row = [OFFICES[office[case]], CHANNELS[channel[case]], pages[case], backlog[case]]
    table.writerow([f"c{case:04d}", *row, f"{days[case]:.1f}"])
