"""Ways an alarm comes in, one file per way."""
