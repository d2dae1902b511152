"""Whether predicted curves may be trusted: errors, concordance, calibration."""
