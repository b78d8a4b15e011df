"""Preview images of series before they are downloaded, made from a single object each."""
