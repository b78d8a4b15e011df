"""PET images as Standardized Uptake Values."""
