"""What a platform did to its third parties: attempts become operations, and samples."""
