//! The memory that a program may take without being asked: what the system says in, bytes out.

/// What is taken where the system does not tell what is free: enough for [`MOST_PIXELS`](super::MOST_PIXELS).
const UNTOLD: u64 = 8_700_000_000;

/// The least that is taken without being asked: a film of 1920x1080 pixels is not painted in tiles because a browser is
/// open.
const LEAST: u64 = 1 << 30;

/// Half of what is free, but at least a gibibyte.
pub(super) fn half_of_free() -> u64 {
    half_of(free())
}

fn half_of(free: Option<u64>) -> u64 {
    free.map_or(UNTOLD, |free| (free / 2).max(LEAST))
}

/// The bytes that the program could take now, within the limits of its control group. `None` outside Linux.
#[cfg(target_os = "linux")]
fn free() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let available = available(&read("/proc/meminfo")?)?;
    let group = read("/proc/self/cgroup").and_then(|text| left_in_group(&text, &read));
    Some(group.map_or(available, |left| left.min(available)))
}

#[cfg(not(target_os = "linux"))]
fn free() -> Option<u64> {
    None
}

/// `MemAvailable` of /proc/meminfo.
#[cfg(any(target_os = "linux", test))]
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kib.checked_mul(1024)
}

/// What is left of the limits of the control group of this process and those above it. `own` is /proc/self/cgroup.
#[cfg(any(target_os = "linux", test))]
fn left_in_group(own: &str, read: &dyn Fn(&str) -> Option<String>) -> Option<u64> {
    let number = |path: String| read(&path)?.trim().parse::<u64>().ok();
    let mut least = None;
    for line in own.lines() {
        // `0::/a/b` of version 2, `7:memory:/a/b` of version 1.
        let mut fields = line.splitn(3, ':').skip(1);
        let (root, limit, used) = match fields.next()? {
            "" => ("/sys/fs/cgroup", "memory.max", "memory.current"),
            "memory" => (
                "/sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
            ),
            _ => continue,
        };
        let mut path = fields.next()?.trim_end_matches('/');
        loop {
            let group = format!("{root}{path}");
            // No limit is the word `max`, or a number larger than any memory.
            if let (Some(limit), Some(used)) = (
                number(format!("{group}/{limit}")),
                number(format!("{group}/{used}")),
            ) {
                let left = limit.saturating_sub(used);
                least = Some(least.map_or(left, |least: u64| least.min(left)));
            }
            match path.rfind('/') {
                Some(end) => path = &path[..end],
                None => break,
            }
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_what_is_available() {
        let text = "MemTotal:       24000000 kB\nMemAvailable:    1000 kB\n";
        assert_eq!(available(text), Some(1_024_000));
        assert_eq!(available("MemTotal: 5 kB"), None);
        assert_eq!(available("MemAvailable: x kB"), None);
    }

    #[test]
    fn the_tightest_control_group_counts() {
        let read = |path: &str| {
            let text = match path {
                "/sys/fs/cgroup/a/b/memory.max" => "max\n",
                "/sys/fs/cgroup/a/memory.max" => "1000\n",
                "/sys/fs/cgroup/a/memory.current" => "300\n",
                "/sys/fs/cgroup/memory.max" => "5000\n",
                "/sys/fs/cgroup/memory.current" => "4000\n",
                "/sys/fs/cgroup/memory/c/memory.limit_in_bytes" => "90\n",
                "/sys/fs/cgroup/memory/c/memory.usage_in_bytes" => "100\n",
                _ => return None,
            };
            Some(text.to_owned())
        };
        assert_eq!(left_in_group("0::/a/b\n", &read), Some(700));
        assert_eq!(left_in_group("0::/\n", &read), Some(1000));
        assert_eq!(left_in_group("1:cpu:/\n7:memory:/c\n", &read), Some(0));
        assert_eq!(left_in_group("", &read), None);
        assert_eq!(left_in_group("junk", &read), None);
    }

    #[test]
    fn half_is_taken_and_never_too_little() {
        assert!(half_of_free() >= LEAST);
        assert_eq!(half_of(Some(10 << 30)), 5 << 30);
        assert_eq!(half_of(Some(5)), LEAST);
        assert_eq!(half_of(None), UNTOLD);
    }
}
