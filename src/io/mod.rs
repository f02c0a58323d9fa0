//! Sources and sinks, one file each. They know no networks.

pub mod file;
