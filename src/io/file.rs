//! Pictures in files.
