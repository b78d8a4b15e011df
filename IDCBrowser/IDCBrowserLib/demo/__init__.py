"""A phantom patient and a local S3 bucket to try all of it offline."""
