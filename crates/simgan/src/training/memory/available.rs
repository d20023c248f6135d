//! Memory that the system would give: the least of what is free, what the control group may still take, and what the limit of
//! the process leaves.

#[cfg(target_os = "linux")]
use std::path::{Path, PathBuf};

/// Bytes that can still be had; `None` where the system does not say so.
#[cfg(not(target_os = "linux"))]
pub fn available() -> Option<u64> {
    None
}

/// Bytes that can still be had; `None` where the system does not say so.
#[cfg(target_os = "linux")]
pub fn available() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let free = kilobytes(&read("/proc/meminfo"), "MemAvailable:");
    let used = kilobytes(&read("/proc/self/status"), "VmSize:");
    let limit = address_space(&read("/proc/self/limits"));
    let left = limit
        .zip(used)
        .map(|(limit, used)| limit.saturating_sub(used));
    let group = groups(&read("/proc/self/cgroup"))
        .into_iter()
        .filter_map(|group| group.left());
    free.into_iter().chain(left).chain(group).min()
}

/// The value of a line such as `MemAvailable:   23610388 kB`, in bytes.
#[cfg(target_os = "linux")]
fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let number: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(number * 1024)
}

/// The soft limit that `ulimit -v` sets.
#[cfg(target_os = "linux")]
fn address_space(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|l| l.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A control group of one of both kinds: its folder and the names of its files.
#[cfg(target_os = "linux")]
struct Group {
    folder: PathBuf,
    limit: &'static str,
    usage: &'static str,
}

/// The control groups that `/proc/self/cgroup` names, and those around them.
#[cfg(target_os = "linux")]
fn groups(text: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(kinds), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (root, limit, usage) = match kinds {
            "" => ("/sys/fs/cgroup", "memory.max", "memory.current"),
            "memory" => (
                "/sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
            ),
            _ => continue,
        };
        let path = Path::new(path.trim_start_matches('/'));
        groups.extend(path.ancestors().map(|below| Group {
            folder: Path::new(root).join(below),
            limit,
            usage,
        }));
    }
    groups
}

#[cfg(target_os = "linux")]
impl Group {
    /// What it may still take; pages of files that nobody uses do not count as taken.
    fn left(&self) -> Option<u64> {
        let read = |name: &str| std::fs::read_to_string(self.folder.join(name)).ok();
        let number = |name: &str| read(name)?.trim().parse::<u64>().ok();
        let limit = number(self.limit)?;
        let statistics = read("memory.stat").unwrap_or_default();
        let idle = statistics
            .lines()
            .find_map(|line| line.strip_prefix("inactive_file "))
            .and_then(|number| number.trim().parse().ok())
            .unwrap_or(0);
        Some(limit.saturating_sub(number(self.usage)?.saturating_sub(idle)))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_how_much_there_is() {
        let available = available().unwrap();
        assert!((1 << 20..1 << 50).contains(&available), "{available}");
    }

    #[test]
    fn what_the_system_writes_is_read() {
        let meminfo = "MemTotal:  9 kB\nMemAvailable:   23610388 kB\n";
        assert_eq!(kilobytes(meminfo, "MemAvailable:"), Some(23_610_388 << 10));
        let limits = "Max address space         4194304              unlimited            bytes\n";
        assert_eq!(address_space(limits), Some(4_194_304));
        let limits = "Max address space         unlimited            unlimited            bytes\n";
        assert_eq!(address_space(limits), None);
        let folders = |text| {
            let folders = groups(text)
                .into_iter()
                .map(|g| g.folder.display().to_string());
            folders.collect::<Vec<_>>()
        };
        assert_eq!(
            folders("5:cpu:/x\n4:memory:/a/b\n"),
            [
                "/sys/fs/cgroup/memory/a/b",
                "/sys/fs/cgroup/memory/a",
                "/sys/fs/cgroup/memory/"
            ]
        );
        assert_eq!(folders("0::/a"), ["/sys/fs/cgroup/a", "/sys/fs/cgroup/"]);
    }

    #[test]
    fn a_control_group_leaves_what_its_files_say() {
        let dir = tempfile::tempdir().unwrap();
        let group = Group {
            folder: dir.path().to_owned(),
            limit: "memory.max",
            usage: "memory.current",
        };
        let write = |name: &str, text: &str| fs_err::write(dir.path().join(name), text).unwrap();
        assert_eq!(group.left(), None);
        write("memory.max", "max\n");
        write("memory.current", "600\n");
        assert_eq!(group.left(), None);
        write("memory.max", "1000\n");
        assert_eq!(group.left(), Some(400));
        write("memory.stat", "anon 5\ninactive_file 250\n");
        assert_eq!(group.left(), Some(650));
    }
}
