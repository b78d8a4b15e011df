"""What every part of the logic shares: values that panels draw, and what is remembered between two starts."""
