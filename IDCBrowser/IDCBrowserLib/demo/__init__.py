"""The demo: a phantom patient and a local S3 bucket, to try the whole workflow offline."""
