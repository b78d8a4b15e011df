"""The page that compares a cohort with a lock file or with a release."""
