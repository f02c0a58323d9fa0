//! The peak of the program's physical memory, where the system reports it.

/// The peak of physical memory since the program began, in MiB. `None` outside Linux.
pub(crate) fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::peak_mib;

    #[test]
    fn memory_once_touched_is_counted() {
        let before = peak_mib().expect("Linux tells it");
        let touched = vec![1u8; 64 << 20];
        assert!(std::hint::black_box(&touched).contains(&1));
        assert!(peak_mib().expect("Linux tells it") >= before.max(64));
    }
}
