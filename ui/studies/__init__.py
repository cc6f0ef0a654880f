"""The page of studies: many certificates as one result."""
