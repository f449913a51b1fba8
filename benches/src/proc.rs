//! What the kernel says of a process.

use std::{collections::BTreeMap, fs};

use crate::Outcome;

/// Memory of a process, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// All pages that are resident, shared ones included.
    pub(crate) resident: u64,
    /// The most that was ever resident.
    pub(crate) peak: u64,
    /// Each shared page divided by the number of its users.
    pub(crate) proportional: u64,
    /// Pages that nobody else has.
    pub(crate) private: u64,
}

impl Memory {
    pub(crate) fn of(pid: u32) -> Outcome<Self> {
        let status = kilobytes(&fs::read_to_string(format!("/proc/{pid}/status"))?);
        let rollup = kilobytes(&fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?);
        let bytes = |table: &BTreeMap<String, u64>, name: &str| {
            let kilobytes = table.get(name).copied();
            kilobytes
                .map(|count| count * 1024)
                .ok_or_else(|| format!("the kernel does not tell {name}"))
        };
        Ok(Self {
            resident: bytes(&status, "VmRSS")?,
            peak: bytes(&status, "VmHWM")?,
            proportional: bytes(&rollup, "Pss")?,
            private: bytes(&rollup, "Private_Clean")? + bytes(&rollup, "Private_Dirty")?,
        })
    }
}

/// The lines of the form `Name:   12 kB`.
fn kilobytes(text: &str) -> BTreeMap<String, u64> {
    text.lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(':')?;
            let count = rest.trim().strip_suffix(" kB")?.parse().ok()?;
            Some((name.to_owned(), count))
        })
        .collect()
}

/// Processor time that a process used so far, in seconds; `None` when the kernel does not tell.
pub(crate) fn processor_seconds(pid: u32) -> Option<f64> {
    // A thread that ends while it is looked at is left out, as those that ended before are.
    let nanoseconds = fs::read_dir(format!("/proc/{pid}/task"))
        .ok()?
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<f64>().ok());
    Some(nanoseconds.sum::<f64>() / 1e9)
}

/// Processes that wanted a processor in the last minute, on average; `None` when the kernel does not tell.
pub(crate) fn load() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory() {
        let memory = Memory::of(std::process::id()).unwrap();
        assert!(memory.private > 0 && memory.private <= memory.resident);
        assert!(memory.resident <= memory.peak);
    }

    #[test]
    fn the_kernel_tells_how_busy_it_is() {
        assert!(load().unwrap() >= 0.0);
    }

    #[test]
    fn only_sizes_are_read() {
        let table = kilobytes("Name:\tx\nVmRSS:\t   12 kB\nThreads:\t3\n");
        assert_eq!(table, BTreeMap::from([("VmRSS".to_owned(), 12)]));
    }

    #[test]
    fn work_takes_processor_time() {
        let began = std::time::Instant::now();
        while processor_seconds(std::process::id()).unwrap() < 0.01 {
            assert!(began.elapsed().as_secs() < 30, "it was busy all the time");
        }
    }
}
