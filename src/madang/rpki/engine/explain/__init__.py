"""Why is this believed, or not? Each verdict with the chain, the check and the bytes behind it."""
