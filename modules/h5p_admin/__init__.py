"""The library of interactive content in the CMS: uploading, reviewing, writing, correcting."""
